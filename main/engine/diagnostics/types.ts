import type { Evidence } from '../errors/index.ts';

export interface Fix {
  readonly id: string;
  /** Button: a verb and its object, `Install kind`. */
  readonly title: string;
  /** What it will run, shown before it runs. */
  readonly commands: readonly string[];
  /** False when the user has to do it by hand: then `commands` are for copying. */
  readonly automatic: boolean;
}

export interface CheckResult {
  readonly id: string;
  readonly category: 'containers' | 'cluster' | 'tools' | 'machine';
  readonly title: string;
  readonly state: 'ok' | 'warning' | 'failed' | 'not-needed';
  /** One line: what was found, with version and place. */
  readonly summary: string;
  readonly hint: string | null;
  readonly fixes: readonly Fix[];
  readonly evidence: Evidence | null;
  readonly durationMs: number;
}

/** One file per check. */
export interface Check {
  readonly id: string;
  readonly category: CheckResult['category'];
  readonly title: string;
  run(signal: AbortSignal): Promise<Omit<CheckResult, 'id' | 'category' | 'title' | 'durationMs'>>;
  /** Runs the fix of that id; `log` gets lines as they come. */
  fix?(fixId: string, log: (line: string) => void, signal: AbortSignal): Promise<void>;
}
