import type { LogStore } from './log-store.ts';
import type { LogSourceInfo, LogSourceState } from './types.ts';

export interface KnownSource {
  readonly index: number;
  readonly info: LogSourceInfo;
  state: LogSourceState;
  message: string | null;
  restarts: number;
  /** Forgotten by somebody's wish: no longer listed. */
  gone: boolean;
}

/** The sources of a project by key and by the number that lines carry. Once known, for ever: old lines still name them. */
export class SourceTable {
  readonly #store: LogStore;
  readonly #byKey = new Map<string, KnownSource>();
  readonly #list: KnownSource[] = [];

  constructor(store: LogStore) {
    this.#store = store;
  }

  put(info: LogSourceInfo): KnownSource {
    const known = this.#byKey.get(info.key);
    if (known) return known;
    const source: KnownSource = {
      index: this.#store.addSource(),
      info,
      state: 'connecting',
      message: null,
      restarts: 0,
      gone: false,
    };
    this.#byKey.set(info.key, source);
    this.#list.push(source);
    return source;
  }

  all(): readonly KnownSource[] {
    return this.#list;
  }
  key(index: number): string {
    return this.#list[index]?.info.key ?? '';
  }
  label(index: number): string {
    return this.#list[index]?.info.label ?? '';
  }
  find(fits: (info: LogSourceInfo) => boolean): LogSourceInfo | null {
    return this.#list.find(({ info }) => fits(info))?.info ?? null;
  }

  /** A function that gives 1 for each source that fits, of those that are known at that moment. */
  mask(fits: (info: LogSourceInfo) => boolean): () => Uint8Array {
    let mask = new Uint8Array(0);
    return () => {
      if (mask.length !== this.#list.length)
        mask = Uint8Array.from(this.#list, ({ info }) => (fits(info) ? 1 : 0));
      return mask;
    };
  }
}
