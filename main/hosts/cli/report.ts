import type { DeployEvent, DeployResult } from '../../engine/deploy/index.ts';
import type { Command, CommandInput, Terminal } from './command.ts';
import type { FollowedJob } from './follow-job.ts';
import { isPlaced, print, printProblems } from './output.ts';
import { progressPrinter } from './progress.ts';
import { isAbort, type Problem, type PtahError } from '../../engine/errors/index.ts';

export const eventsOption: Command['options'] = { events: { type: 'boolean' } };
export const eventsHelp = '--events             Events as they come, one JSON document a line';

/** Where the events of a job go: to standard output as JSON lines with `--events`, else to a person. */
export function eventSink({ options }: CommandInput, terminal: Terminal): (event: DeployEvent) => void {
  if (options.events) return event => terminal.out(`${JSON.stringify(event)}\n`);
  const show = progressPrinter(terminal.err);
  return event => show(event);
}

/** The end of a job: its result on standard output, its error for a person. Gives the exit code. */
export async function report(
  { plan, result }: FollowedJob,
  { format, options }: CommandInput,
  terminal: Terminal,
): Promise<number> {
  printProblems(terminal, plan?.warnings ?? []);
  const ok = result.state === 'deployed' || result.state === 'unchanged';
  if (!options.events)
    await print(terminal, { plan, result }, format, () => (ok ? `${result.summary}.\n` : ''));
  if (!ok) {
    const { output, problems } = result.error?.details ?? {};
    const found = Array.isArray(problems) ? (problems as Problem[]) : [];
    if (!found.some(isPlaced)) {
      terminal.err(`${result.state === 'cancelled' ? '' : 'error: '}${result.summary}\n`);
      if (result.error?.hint) terminal.err(`  ${result.error.hint}\n`);
    }
    if (Array.isArray(output)) for (const line of output) terminal.err(`  | ${String(line)}\n`);
    // a job that ends with one problem has its words for a summary
    const said = (problem: Problem): boolean =>
      !isPlaced(problem) && result.summary.includes(problem.message.replace(/\.$/, ''));
    printProblems(terminal, found.some(isPlaced) ? found : found.filter(problem => !said(problem)));
  }
  return ok ? 0 : 1;
}

/** What is printed for a job that could not begin. */
export function failedJob(error: PtahError): { readonly plan: null; readonly result: DeployResult } {
  const { code, message, hint = null, details } = error;
  const cancelled = isAbort(error);
  const result: DeployResult = {
    state: cancelled ? 'cancelled' : 'failed',
    summary: message,
    durationMs: 0,
    durations: {},
    failedStep: null,
    error: cancelled ? null : { code, message, hint, details: { ...details } },
  };
  return { plan: null, result };
}
