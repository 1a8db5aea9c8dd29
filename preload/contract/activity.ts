import { z } from 'zod';
import { done, event, list, none, request, stream, text, time } from './define.ts';
import { deployEvent } from './deploy.ts';
import { storedError } from './errors.ts';

export const job = z.object({
  id: z.string(),
  kind: z.enum(['deploy', 'build', 'cluster-create', 'cluster-delete', 'fix', 'helmfile', 'remove']),
  title: z.string(),
  project: z.string().nullable(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  startedAt: time,
  finishedAt: time.nullable(),
  progress: z.number().nullable(),
  status: z.string(),
  error: storedError.nullable(),
});
export type Job = z.infer<typeof job>;

/** Every job's events are these: jobs that only log emit `log` events. */
export const jobEvent = z.object({ seq: z.number(), at: time, event: deployEvent });
export type JobEvent = z.infer<typeof jobEvent>;

const sample: Job = {
  id: 'job-5',
  kind: 'deploy',
  title: 'Deploy shop',
  project: 'p-1',
  state: 'running',
  startedAt: '2026-01-02T03:04:05.000Z',
  finishedAt: null,
  progress: 0.4,
  status: 'Building api 4/9',
  error: null,
};

export const requests = {
  'activity.list': request(none, list(job), { in: {}, out: [sample] }),
  'activity.get': request(z.strictObject({ jobId: text }), job, { in: { jobId: 'job-5' }, out: sample }),
  /** Asks the job to stop; it has stopped when its state says so. */
  'activity.cancel': request(z.strictObject({ jobId: text }), done, {
    in: { jobId: 'job-5' },
    out: { ok: true },
  }),
  /** Takes a finished job off the list. */
  'activity.dismiss': request(z.strictObject({ jobId: text }), done, {
    in: { jobId: 'job-5' },
    out: { ok: true },
  }),
};

export const streams = {
  /** Replays the job's events after `after` (0 for all), then follows it to its end. */
  'activity.follow': stream(z.strictObject({ jobId: text, after: z.number().int().min(0) }), jobEvent, {
    in: { jobId: 'job-5', after: 0 },
    item: {
      seq: 1,
      at: '2026-01-02T03:04:05.000Z',
      event: { type: 'log', step: 'cluster', text: 'Preparing nodes' },
    },
  }),
};

export const events = { 'activity.changed': event(job, sample) };
