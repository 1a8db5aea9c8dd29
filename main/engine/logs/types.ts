import type { Problem } from '../errors/index.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'none';

/** Which sources a view is of. A container's previous instance is only read when it is asked for. */
export type LogScope =
  | { readonly kind: 'project' }
  | {
      readonly kind: 'workload';
      readonly namespace: string;
      readonly workload: { readonly kind: string; readonly name: string };
    }
  | { readonly kind: 'pod'; readonly namespace: string; readonly pod: string }
  | {
      readonly kind: 'container';
      readonly namespace: string;
      readonly pod: string;
      readonly container: string;
      readonly previous: boolean;
    }
  | { readonly kind: 'build'; readonly jobId: string | null; readonly image: string | null }
  /** A container that was started by hand, by its ID. */
  | { readonly kind: 'run'; readonly id: string }
  | { readonly kind: 'sources'; readonly sources: readonly string[] };

export interface LogPattern {
  readonly text: string;
  readonly regex: boolean;
  readonly matchCase: boolean;
}

export interface LogFilter extends LogPattern {
  readonly invert: boolean;
  readonly context: number;
}

/** A view is what it says: whoever asks for the same one shares it. */
export interface LogView {
  readonly scope: LogScope;
  /** Keys or groups of sources that are switched off. */
  readonly hidden: readonly string[];
  readonly levels: readonly LogLevel[] | null;
  readonly filter: LogFilter | null;
}

export type LogSourceState =
  'waiting' | 'connecting' | 'following' | 'retrying' | 'ended' | 'failed' | 'muted';

/** Where lines come from: a container over all its restarts, its previous instance, the build of an image, or one run by hand. */
export interface LogSourceInfo {
  readonly key: string;
  readonly group: string;
  readonly groupLabel: string;
  readonly kind: 'container' | 'previous' | 'build' | 'run';
  readonly label: string;
  readonly namespace: string | null;
  readonly workload: { readonly kind: string; readonly name: string } | null;
  readonly pod: string | null;
  readonly container: string | null;
  readonly init: boolean;
  readonly image: string | null;
  readonly jobId: string | null;
}

export interface LogSource extends LogSourceInfo {
  readonly state: LogSourceState;
  readonly message: string | null;
  readonly restarts: number;
  readonly lines: number;
  readonly bytes: number;
  readonly dropped: number;
}

export interface LogStatus {
  /** ISO 8601. */
  readonly at: string;
  readonly generation: number;
  readonly first: number;
  readonly end: number;
  readonly complete: boolean;
  readonly progress: number;
  readonly problem: Problem | null;
  readonly matches: number;
  readonly lines: number;
  readonly bytes: number;
  readonly dropped: number;
  /** RFC 3339. */
  readonly oldest: string | null;
  readonly levels: Readonly<Record<LogLevel, number>>;
  readonly sources: readonly LogSource[];
  readonly disconnected: string | null;
  /** What was there before somebody watched has been read. */
  readonly ready: boolean;
}

export interface LogRow {
  readonly row: number;
  readonly seq: number;
  readonly source: string;
  /** RFC 3339 with nanoseconds, UTC. */
  readonly at: string;
  readonly level: LogLevel;
  readonly text: string;
  readonly length: number;
  readonly cut: boolean;
  readonly json: boolean;
  readonly match: boolean;
}

export interface LogRows {
  readonly generation: number;
  readonly first: number;
  readonly end: number;
  readonly rows: readonly LogRow[];
}

export interface LogSearch {
  readonly view: LogView;
  readonly pattern: LogPattern | null;
  readonly levels: readonly LogLevel[] | null;
  readonly from: number | null;
  readonly direction: 'next' | 'previous';
}

export interface LogSearchResult {
  readonly hit: { readonly row: number; readonly seq: number; readonly index: number } | null;
  readonly total: number;
  readonly generation: number;
  readonly problem: Problem | null;
}

export interface LogOptions {
  readonly tail: number | null;
  readonly sinceSeconds: number | null;
  /** Keys or groups of sources that are not read. */
  readonly muted: readonly string[];
}

export interface LogLine {
  readonly text: string;
  readonly length: number;
  readonly next: number | null;
}

export interface LogPiece {
  readonly text: string;
  readonly lines: number;
}

export interface LogExport {
  readonly view: LogView;
  readonly timestamps: boolean;
  readonly names: boolean;
}

export interface LogSaved {
  readonly path: string;
  readonly lines: number;
  readonly bytes: number;
  readonly done: boolean;
}

/** The logs of one project. Nothing is read before somebody watches. */
export interface ProjectLogs {
  watch(view: LogView, signal: AbortSignal): AsyncIterable<LogStatus>;
  lines(
    query: {
      readonly view: LogView;
      readonly from: number | { readonly seq: number };
      readonly count: number;
    },
    signal?: AbortSignal,
  ): Promise<LogRows>;
  line(query: { readonly seq: number; readonly offset: number }): LogLine;
  search(query: LogSearch, signal?: AbortSignal): Promise<LogSearchResult>;
  clear(scope: LogScope): void;
  options(): LogOptions;
  setOptions(options: LogOptions): LogOptions;
  export(query: LogExport, signal: AbortSignal): AsyncIterable<LogPiece>;
  close(): Promise<void>;
}
