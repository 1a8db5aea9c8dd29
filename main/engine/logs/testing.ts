import type { LogStore, NewLine } from './log-store.ts';

/** Numbers that look random and are the same each time (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function newLine(text: string, seconds = 1_767_323_045, nanos = 0): NewLine {
  const bytes = Buffer.from(text);
  return { bytes, start: 0, end: bytes.length, seconds, nanos };
}

/** Everything that a store holds, as text. */
export function textsOf(store: LogStore): string[] {
  return store.tables.flatMap(table =>
    Array.from({ length: table.count }, (_, index) =>
      table.text.toString('utf8', table.start(index), table.end(index)),
    ),
  );
}
