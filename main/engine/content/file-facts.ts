import type { Stats } from 'node:fs';

/** What is kept of a file, in this order: size, modification, change, inode, mode, and the clock before the file was read. */
export const FACTS = 6;
export const SIZE = 0;
export const MODE = 4;
export const READ_AT = 5;

// Two changes within one tick of a file system's clock look alike. Ticks are up to 2 s (FAT), so whatever changed that recently
// before it was read is read again ("racily clean", as git calls it).
const RACY_MILLISECONDS = 2000;

/** Files up to this many bytes are read at once, larger ones in pieces. */
export const SMALL = 1 << 20;

export function writeFacts(facts: Float64Array, at: number, stats: Stats, readAt: number): void {
  facts[at] = stats.size;
  facts[at + 1] = stats.mtimeMs;
  facts[at + 2] = stats.ctimeMs;
  facts[at + 3] = stats.ino;
  facts[at + MODE] = stats.mode;
  facts[at + READ_AT] = readAt;
}

export function isSame(facts: Float64Array, at: number, stats: Stats): boolean {
  return (
    facts[at + 1] === stats.mtimeMs &&
    facts[at + 2] === stats.ctimeMs &&
    facts[at] === stats.size &&
    facts[at + 3] === stats.ino &&
    facts[at + MODE] === stats.mode
  );
}

/** As `isSame`, of facts that another thread has read. */
export function isSameFacts(facts: Float64Array, at: number, others: Float64Array, other: number): boolean {
  for (let index = 0; index < READ_AT; index++) if (facts[at + index] !== others[other + index]) return false;
  return true;
}

// A file system that counts nanoseconds takes the kernel's clock, whose tick is 10 ms at most. That a time is no multiple of 10 ms shows
// one: those that count less (FAT, exFAT, HFS+) never have another. Reading a large file again for two seconds costs more than this.
const RACY_FINE_MILLISECONDS = 20;
const isFine = (time: number): boolean => time % 10 !== 0;

/** Whether the file was read after it had been left alone for long enough. */
export function isSettled(facts: Float64Array, at: number): boolean {
  const [modified, changed] = [facts[at + 1] ?? 0, facts[at + 2] ?? 0];
  const rest = (facts[at + READ_AT] ?? 0) - Math.max(modified, changed);
  if (rest > RACY_MILLISECONDS) return true;
  const isLarge = (facts[at] ?? 0) > SMALL;
  return isLarge && rest > RACY_FINE_MILLISECONDS && isFine(modified) && isFine(changed);
}
