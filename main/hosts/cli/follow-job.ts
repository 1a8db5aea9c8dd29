import type { DeployEvent, DeployResult, Plan } from '../../engine/deploy/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import type { Terminal } from './command.ts';
import type { JobEngine } from './with-engine.ts';

export interface FollowedJob {
  readonly plan: Plan | null;
  readonly result: DeployResult;
}

/** Tells the events of a job until it ends. Ctrl+C cancels the job, and the telling goes on to its result. */
export async function followJob(
  engine: Pick<JobEngine, 'activity'>,
  jobId: string,
  terminal: Terminal,
  onEvent: (event: DeployEvent) => void,
): Promise<FollowedJob> {
  const cancel = () => {
    terminal.err('Cancelling…\n');
    engine.activity.cancel({ jobId }).catch(() => {});
  };
  if (terminal.signal.aborted) cancel();
  terminal.signal.addEventListener('abort', cancel, { once: true });
  let plan: Plan | null = null;
  let result: DeployResult | null = null;
  try {
    for await (const { event } of engine.activity.follow({ jobId, after: 0 }, new AbortController().signal)) {
      if (event.type === 'plan') plan = event.plan;
      if (event.type === 'result') result = event.result;
      onEvent(event);
    }
  } finally {
    terminal.signal.removeEventListener('abort', cancel);
  }
  if (result) return { plan, result };
  const { error } = await engine.activity.get({ jobId });
  throw new PtahError(error?.code ?? 'unexpected', error?.message ?? 'The job ended without a result.', {
    ...(error?.hint && { hint: error.hint }),
  });
}
