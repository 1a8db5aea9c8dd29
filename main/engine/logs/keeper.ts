import type { LogStore } from './log-store.ts';

/** Says of line numbers that come in falling order whether they are kept: walks the tables once. */
export function keeper(store: LogStore): (seq: number) => boolean {
  let position = store.tables.length - 1;
  let index = (store.tables[position]?.count ?? 0) - 1;
  return seq => {
    for (;;) {
      const table = store.tables[position];
      if (!table) return false;
      while (index >= 0 && (table.seqs[index] ?? 0) > seq) index--;
      if (index >= 0) return table.seqs[index] === seq;
      position--;
      index = (store.tables[position]?.count ?? 0) - 1;
    }
  };
}
