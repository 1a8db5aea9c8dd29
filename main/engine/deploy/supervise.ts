import { PtahError } from '../errors/index.ts';
import { finishResult, tally } from './result.ts';
import { createSteps, type Steps } from './steps.ts';
import type { DeployEvent, DeployResult } from './types.ts';

export interface RunContext {
  readonly signal: AbortSignal;
  readonly emit: (event: DeployEvent) => void;
  readonly report?: (status: string, progress?: number | null) => void;
  /** Told of work that a cancel did not end in time, such as the removal of a half-made cluster. */
  readonly leftRunning?: (work: Promise<unknown>) => void;
}

/** A cancelled deploy is over after this, whatever still winds down. */
const cancelLimitMs = 900;

/** What the work of a run is given. */
export interface Supervised {
  readonly signal: AbortSignal;
  readonly emit: (event: DeployEvent) => void;
  readonly steps: Steps;
}

/** Runs `work` to a result: whatever it rejects with is told there, and a cancel is over within a second. */
export async function supervise(
  context: RunContext,
  work: (line: Supervised) => Promise<'deployed' | 'unchanged'>,
): Promise<DeployResult> {
  const began = performance.now();
  const done = tally();
  const { signal } = context;
  const emit = (event: DeployEvent) => {
    done.take(event);
    context.emit(event);
  };
  const steps = createSteps(event => {
    emit(event);
    if (event.type === 'step' && event.state === 'running') context.report?.(event.message);
  }, signal);

  let error: unknown = null;
  let unchanged = false;
  const working = work({ signal, emit, steps }).then(
    outcome => void (unchanged = outcome === 'unchanged'),
    (reason: unknown) => void (error = reason ?? new PtahError('unexpected', 'Something failed silently.')),
  );
  if (!(await withinCancelLimit(working, signal))) {
    context.leftRunning?.(working);
    error = new PtahError('cancelled', 'The deploy was cancelled.');
  }
  const result = finishResult({
    durationMs: Math.round(performance.now() - began),
    steps,
    done,
    error,
    unchanged,
    cancelled: signal.aborted,
  });
  context.emit({ type: 'result', result });
  return result;
}

async function withinCancelLimit(work: Promise<void>, signal: AbortSignal): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const limit = new Promise<false>(resolve => {
    onAbort = () => (timer = setTimeout(() => resolve(false), cancelLimitMs));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  const inTime = await Promise.race([work.then(() => true as const), limit]);
  clearTimeout(timer);
  signal.removeEventListener('abort', onAbort);
  return inTime;
}
