import type { ParseArgsOptionsConfig } from 'node:util';
import type { PtahError } from '../../engine/errors/index.ts';

/** Where a command reads and writes; a test gives its own. */
export interface Terminal {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Results: what a script reads. */
  readonly out: (text: string) => void;
  /** Progress and errors: what a person reads. */
  readonly err: (text: string) => void;
  /** Whether a person can answer a question. */
  readonly interactive: boolean;
  /** Asks on the terminal. False for anything but a yes. */
  confirm(question: string): Promise<boolean>;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}

export type OutputFormat = 'text' | 'json' | 'yaml';

export interface CommandInput {
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
  readonly arguments: readonly string[];
  readonly format: OutputFormat;
  /** Folder of the project: `--project`, else where the terminal is. */
  readonly directory: string;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** After the name, in the usage. */
  readonly synopsis: string;
  readonly options: ParseArgsOptionsConfig;
  /** A line per option of its own. */
  readonly help: readonly string[];
  /** What is printed without `--output`. */
  readonly defaultFormat?: OutputFormat;
  /** Not in the list of commands: nobody types it. */
  readonly hidden?: boolean;
  /** How many arguments it takes, at least and at most. */
  readonly takes?: readonly [number, number];
  /** What stands for the result where the command fails before it has one, so that whoever reads JSON gets JSON. */
  failed?(error: PtahError): { readonly [key: string]: unknown };
  /** Gives the exit code: 0 when all went well, else 1. Wrong use is a `UsageError`. */
  run(input: CommandInput, terminal: Terminal): Promise<number>;
}

/** The command was called wrongly: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** `npm run` moves to the checkout; what the user typed is relative to where they were (INIT_CWD). */
export function startFolder(terminal: Pick<Terminal, 'env' | 'cwd'>): string {
  return terminal.env.INIT_CWD || terminal.cwd;
}
