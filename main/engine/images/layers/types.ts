/** A layer of an image, or a line of its history that made none. The first is the oldest. */
export interface ImageLayer {
  /** Upper case; null where the history does not say. */
  readonly instruction: string | null;
  /** The instruction as the Dockerfile has it, else as the history has it. */
  readonly text: string;
  /** Bytes; 0 where only settings changed. */
  readonly size: number;
  /** ISO 8601. */
  readonly createdAt: string;
  /** Line of the Dockerfile; null for what the base image brought. */
  readonly line: number | null;
  /** How it came about in the last build; null where that is not known, as for the base image. */
  readonly last: 'cached' | 'built' | null;
  /** How long it took in the last build. */
  readonly durationMs: number | null;
}

/** A line of `docker history`, oldest first. */
export interface HistoryEntry {
  readonly createdBy: string;
  readonly size: number;
  /** ISO 8601. */
  readonly createdAt: string;
}
