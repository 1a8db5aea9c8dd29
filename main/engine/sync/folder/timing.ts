/** Milliseconds. */
export interface FolderTiming {
  /** Between looks at everything while idle. */
  readonly safety: number;
  /** Between looks at the clock: a leap means that the machine slept. */
  readonly heartbeat: number;
  /** Between looks at what can't be watched. */
  readonly poll: number;
  /** Between looks for a folder that is gone. */
  readonly missing: number;
  /** How long it must have been quiet before references are asked for. */
  readonly references: number;
}

export const TIMING: FolderTiming = {
  safety: 300_000,
  heartbeat: 2000,
  poll: 1000,
  missing: 500,
  references: 1000,
};
