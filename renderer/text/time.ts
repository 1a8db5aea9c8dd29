/** "0.1 s", "17.9 s", "58 s", "2 min 08 s", "1 h 04 min". */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor((whole % 3600) / 60))} min`;
}

/** "48 s", "15 m", "3 h", "2 d": how old something is, in one unit. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

const pad = (value: number) => String(value).padStart(2, '0');

export const clock = (time: number): string => {
  const date = new Date(time);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
};

/** "14:02:31": where several things happen within a minute. */
export const clockSeconds = (time: number): string => `${clock(time)}:${pad(new Date(time).getSeconds())}`;

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);

/** "14:02", "Yesterday 18:09", "Tue 17 Nov", "17 Nov 2024". */
export function when(time: number, now: number): string {
  const daysAgo = Math.round((midnight(now) - midnight(time)) / 86_400_000);
  const date = new Date(time);
  if (daysAgo === 0) return clock(time);
  if (daysAgo === 1) return `Yesterday ${clock(time)}`;
  const month = months[date.getMonth()] ?? '';
  if (date.getFullYear() !== new Date(now).getFullYear()) {
    return `${date.getDate()} ${month} ${date.getFullYear()}`;
  }
  return `${days[date.getDay()] ?? ''} ${date.getDate()} ${month}`;
}
