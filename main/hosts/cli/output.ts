import { PtahError, toPtahError, type Evidence, type Problem } from '../../engine/errors/index.ts';
import type { Command, CommandInput, OutputFormat, Terminal } from './command.ts';

/** A value as text that a script reads. */
async function format(value: unknown, as: Exclude<OutputFormat, 'text'>): Promise<string> {
  if (as === 'json') return `${JSON.stringify(value, null, 2)}\n`;
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0 });
}

export async function print(
  terminal: Terminal,
  value: unknown,
  as: OutputFormat,
  text: () => string,
): Promise<void> {
  terminal.out(as === 'text' ? text() : await format(value, as));
}

/** `error: file:line:column: message`, with what to do under it. */
export function printProblems(terminal: Terminal, problems: readonly Problem[]): void {
  for (const { severity, message, hint, file, line, column } of problems) {
    const place = file ? `${[file, line, column].filter(part => part !== undefined).join(':')}: ` : '';
    terminal.err(`${severity}: ${place}${message}\n${hint ? `  ${hint}\n` : ''}`);
  }
}

export function printError(terminal: Terminal, error: unknown): void {
  const failure = asPtahError(error);
  const { output, problems = [] } = failure.details;
  // each problem has its own place and hint: the sentence over them would only repeat the first
  if (!problems.some(isPlaced)) {
    terminal.err(`error: ${placeOf(failure)}${failure.message}\n`);
    if (failure.hint) terminal.err(`  ${failure.hint}\n`);
  }
  for (const line of output ?? []) terminal.err(`  | ${line}\n`);
  printProblems(terminal, problems);
}

/** A result for a script where there is none. */
export async function printFailed(
  command: Command,
  { format: as, options }: CommandInput,
  error: unknown,
  terminal: Terminal,
): Promise<void> {
  if (!command.failed) return;
  const value = command.failed(asPtahError(error));
  // events are a line each
  if (options.events) terminal.out(`${JSON.stringify({ type: 'result', result: value.result })}\n`);
  else await print(terminal, value, as, () => '');
}

/** Errors of a running engine come over its socket and are no longer of our own class. */
function asPtahError(error: unknown): PtahError {
  if (!(error instanceof Error) || error.name !== 'ContractError') return toPtahError(error);
  const { code, message, hint, details } = error as Error & {
    code: string;
    hint: string | null;
    details: Evidence;
  };
  return new PtahError(code, message, { ...(hint !== null && { hint }), details });
}

/** Whether a problem tells by itself where it is. */
export const isPlaced = ({ file }: Problem) => file !== undefined;

function placeOf({ details, message }: PtahError): string {
  const { file, line, column } = details;
  return file && !message.includes(file)
    ? `${[file, line, column].filter(part => part !== undefined).join(':')}: `
    : '';
}

/** Columns under each other, two spaces between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows
    .map(row =>
      row
        .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .map(line => `${line}\n`)
    .join('');
}

export const hasErrors = (problems: readonly Problem[]) =>
  problems.some(({ severity }) => severity === 'error');
