import type { NewLine } from './log-store.ts';
import { momentOf, parseMoment } from './timestamp.ts';

/** The second of the line before, as text with its point, and as a number: thousands of lines share it. */
const lastSecond = { text: Buffer.alloc(20), seconds: -1 };
const STAMP = '2026-01-02T03:04:05.123456789Z '.length;

/** Takes the time off a line's beginning. Whatever has none is the kubelet's own word. */
export function readLine(bytes: Buffer, start: number, end: number): NewLine {
  const nanos = end - start >= STAMP ? nanosOf(bytes, start) : -1;
  if (nanos >= 0 && bytes.compare(lastSecond.text, 0, 20, start, start + 20) === 0)
    return { bytes, start: start + STAMP, end, seconds: lastSecond.seconds, nanos };
  const word = firstWord(bytes, start, end);
  const moment = parseMoment(word);
  if (moment !== null && nanos >= 0) {
    bytes.copy(lastSecond.text, 0, start, start + 20);
    lastSecond.seconds = moment.seconds;
  }
  if (moment === null) return { bytes, start, end, ...momentOf(Date.now()) };
  return { bytes, start: Math.min(end, start + word.length + 1), end, ...moment };
}

/** Whether a line begins with a time. */
export function isStamped(bytes: Buffer, start: number, end: number): boolean {
  return parseMoment(firstWord(bytes, start, end)) !== null;
}

/** The nine digits before `Z` and a space; -1 where something else stands. */
function nanosOf(bytes: Buffer, start: number): number {
  if (bytes[start + 29] !== 0x5a || bytes[start + 30] !== 0x20) return -1;
  let nanos = 0;
  for (let at = start + 20; at < start + 29; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    nanos = nanos * 10 + digit;
  }
  return nanos;
}

function firstWord(bytes: Buffer, start: number, end: number): string {
  let stop = start;
  const most = Math.min(end, start + 36);
  while (stop < most && bytes[stop] !== 0x20) stop++;
  return bytes.toString('latin1', start, stop);
}
