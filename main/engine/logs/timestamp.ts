/** A moment as the line tables keep it: whole seconds since 1970, and nanoseconds. */
export interface Moment {
  readonly seconds: number;
  readonly nanos: number;
}

const SHAPE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

let lastDate = '';
let lastSeconds = 0;

/** Reads RFC 3339 with up to nine digits of a second; null where the text is something else. */
export function parseMoment(text: string): Moment | null {
  const found = SHAPE.exec(text);
  if (!found) return null;
  const [, date = '', fraction = '', zone = 'Z'] = found;
  const key = date + zone;
  // thousands of lines share their second
  if (key !== lastDate) {
    const ms = Date.parse(key);
    if (Number.isNaN(ms) || ms < 0) return null;
    lastDate = key;
    lastSeconds = ms / 1000;
  }
  return { seconds: lastSeconds, nanos: fraction === '' ? 0 : Number(fraction.padEnd(9, '0')) };
}

let formatted = -1;
let formattedText = '';

export function formatMoment(seconds: number, nanos: number): string {
  if (seconds !== formatted) {
    formattedText = new Date(seconds * 1000).toISOString().slice(0, 19);
    formatted = seconds;
  }
  return `${formattedText}.${String(nanos).padStart(9, '0')}Z`;
}

/** Milliseconds of this machine's clock. */
export function momentOf(ms: number): Moment {
  const seconds = Math.floor(ms / 1000);
  return { seconds, nanos: Math.floor((ms - seconds * 1000) * 1e6) };
}

export const isBefore = (a: Moment, b: Moment): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);
