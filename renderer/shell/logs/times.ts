export const timeModes = ['local', 'utc', 'off'] as const;
export type TimeMode = (typeof timeModes)[number];

const pad = (value: number, digits = 2) => String(value).padStart(digits, '0');

/** "14:02:31.204": of this machine's clock, or as it was written. */
export function shownTime(at: string, mode: TimeMode): string {
  if (mode === 'utc') return `${at.slice(11, 23)}Z`;
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '';
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

export const timeWords: Readonly<Record<TimeMode, string>> = {
  local: 'Times of this machine',
  utc: 'Times in UTC',
  off: 'No times',
};
