import type { Job, JobEvent, StoredError } from '../../preload/contract/index.ts';
import { redact, toPlainEvidence } from './redact.ts';

/** Errors that jobs and deploys keep are shown, copied and exported: no secrets, plain data. */
export function safeError(error: StoredError | null): StoredError | null {
  if (error === null) return null;
  return {
    code: error.code,
    message: redact(error.message),
    hint: error.hint === null ? null : redact(error.hint),
    details: toPlainEvidence(error.details) as Record<string, unknown>,
  };
}

export const safeJob = <T extends Pick<Job, 'error'>>(job: T): T => ({ ...job, error: safeError(job.error) });

export function safeJobEvent(item: JobEvent): JobEvent {
  if (item.event.type !== 'result' || item.event.result.error === null) return item;
  return { ...item, event: { type: 'result', result: safeJob(item.event.result) } };
}
