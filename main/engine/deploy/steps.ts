import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import type { DeployEvent, StepName } from './types.ts';

/** What a step says at its end; `skipped` where what it depends on failed. */
export type Say = (message: string, state?: 'done' | 'skipped') => void;

/** Tells when steps begin and end, how long they took, and which of them failed first. */
export interface Steps {
  run<T>(step: StepName, message: string, work: (say: Say) => Promise<T>): Promise<T>;
  skip(step: StepName, message: string): void;
  readonly durations: Partial<Record<StepName, number>>;
  readonly failed: StepName | null;
}

export function createSteps(emit: (event: DeployEvent) => void, signal: AbortSignal): Steps {
  const durations: Partial<Record<StepName, number>> = {};
  let failed: StepName | null = null;
  const tell = (step: StepName, state: Extract<DeployEvent, { type: 'step' }>['state'], message: string) =>
    emit({ type: 'step', step, state, message, at: new Date().toISOString() });

  return {
    durations,
    get failed() {
      return failed;
    },
    async run(step, message, work) {
      const began = performance.now();
      let last = message;
      let end: 'done' | 'skipped' = 'done';
      tell(step, 'running', message);
      const took = () => (durations[step] = Math.round(performance.now() - began));
      try {
        throwIfCancelled(signal);
        const result = await work((text, state = 'done') => {
          last = text;
          end = state;
        });
        took();
        tell(step, end, last);
        return result;
      } catch (error) {
        took();
        if (isCancel(error, signal)) {
          tell(step, 'cancelled', 'Cancelled');
        } else {
          failed ??= step;
          tell(step, 'failed', toPtahError(error).message);
        }
        throw error;
      }
    },
    skip: (step, message) => tell(step, 'skipped', message),
  };
}

export const isCancel = (error: unknown, signal: AbortSignal) => signal.aborted && isAbort(error);

export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new PtahError('cancelled', 'The deploy was cancelled.');
}
