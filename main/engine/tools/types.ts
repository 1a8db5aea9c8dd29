/** An external program that was found. */
export interface Tool {
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Every line of stdout and stderr as it comes. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  readonly allowFailure?: boolean;
}

export interface RunResult {
  readonly command: readonly string[];
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Finds and runs external programs: argument arrays, never a shell. A window's short PATH is widened by the login shell's (podman-desktop#2447). */
export interface Tools {
  /** Looks afresh at every call, so that a tool just installed is found. Null when it is nowhere. */
  find(name: string): Promise<Tool | null>;
  /** The PATH in use, for Setup. */
  searchPath(): Promise<readonly string[]>;
  /** Rejects with `tool-missing` or `tool-failed` (command, exit code, last 20 lines). */
  run(name: string, argv: readonly string[], options?: RunOptions): Promise<RunResult>;
}
