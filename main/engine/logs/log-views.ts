import { LiveView } from './live-view.ts';
import { levelNames } from './levels.ts';
import { inScope, isHidden } from './log-sources.ts';
import type { LogStore } from './log-store.ts';
import { ALL_LEVELS, type ScanQuery } from './scan.ts';
import type { Scanner } from './scanner.ts';
import type { SourceTable } from './source-table.ts';
import type { LogLevel, LogSearch, LogView } from './types.ts';

export interface LogViewsOptions {
  readonly store: LogStore;
  readonly table: SourceTable;
  readonly scanner: Scanner;
  readonly onChange: () => void;
}

/** Views that nobody asked for so long are forgotten. */
export const VIEW_IDLE_MS = 60_000;

/** The views that somebody looks at, each kept up once for all who ask for the same. */
export class LogViews {
  readonly #options: LogViewsOptions;
  readonly #views = new Map<string, { readonly view: LiveView; usedAt: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(options: LogViewsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#forget(), VIEW_IDLE_MS / 4).unref();
  }

  /** The view that was asked for; with a search, the lines of it that are found. */
  get(wanted: LogView, search: Pick<LogSearch, 'pattern' | 'levels'> | null = null): LiveView {
    const { scope, levels, filter } = wanted;
    const key = JSON.stringify([
      scope,
      wanted.hidden,
      levels,
      filter,
      search && [search.pattern, search.levels],
    ]);
    const known = this.#views.get(key);
    if (known) {
      known.usedAt = Date.now();
      return known.view;
    }
    const patterns = [
      ...(filter && filter.text !== '' ? [filter] : []),
      ...(search?.pattern && search.pattern.text !== '' ? [{ ...search.pattern, invert: false }] : []),
    ].map(({ text, regex, matchCase, invert }) => ({ text, regex, matchCase, invert }));
    const { store, scanner, onChange } = this.#options;
    const view = new LiveView({
      store,
      scanner,
      sources: this.#sources(wanted),
      levels: levelMask(levels) & levelMask(search?.levels ?? null),
      patterns,
      context: search ? 0 : patterns.length > 0 ? (filter?.context ?? 0) : 0,
      onChange,
    });
    this.#views.set(key, { view, usedAt: Date.now() });
    return view;
  }

  /** What a line must be to belong to the view. */
  query(wanted: LogView): ScanQuery {
    const { levels, filter } = wanted;
    return {
      sources: this.#sources(wanted)(),
      levels: levelMask(levels),
      patterns: filter && filter.text !== '' ? [filter] : [],
    };
  }

  /** Lines came or went. */
  touch(): void {
    for (const { view } of this.#views.values()) view.touch();
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { view } of this.#views.values()) view.close();
    this.#views.clear();
  }

  #sources({ scope, hidden }: LogView): () => Uint8Array {
    return this.#options.table.mask(source => inScope(source, scope) && !isHidden(source, hidden));
  }

  #forget(): void {
    const now = Date.now();
    for (const [key, entry] of this.#views) {
      if (now - entry.usedAt < VIEW_IDLE_MS) continue;
      entry.view.close();
      this.#views.delete(key);
    }
  }
}

function levelMask(levels: readonly LogLevel[] | null): number {
  return levels === null
    ? ALL_LEVELS
    : levels.reduce((mask, level) => mask | (1 << levelNames.indexOf(level)), 0);
}
