import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import type { Home } from '../home/index.ts';
import { createEventLog, readEvents, type EventLog } from './event-log.ts';
import { createJobFiles } from './job-files.ts';
import type { Activity, Job, JobContext, JobError, JobSpec } from './types.ts';

export interface CreateActivityOptions {
  /** Finished jobs that are kept. */
  readonly kept?: number;
  /** Bytes of events in memory per running job. */
  readonly budget?: number;
}

interface Running<Event> {
  readonly controller: AbortController;
  readonly log: EventLog<Event>;
  readonly finished: Promise<Job>;
}

/** How long `cancel` waits for work that does not listen to its signal. */
const cancelLimitMs = 1_000;
/** A status line that changes more often than this is told at its end. */
const quietMs = 100;

/** The jobs of one engine, kept below `home`. */
export function createActivity<Event>(
  home: Pick<Home, 'config'>,
  { kept = 50, budget }: CreateActivityOptions = {},
): Activity<Event> {
  const files = createJobFiles(join(home.config, 'jobs'));
  const saved = files.load();
  const jobs = new Map<string, Job>(saved.map(({ job }) => [job.id, job]));
  const notes = new Map<string, unknown>(saved.map(({ job, note }) => [job.id, note]));
  const running = new Map<string, Running<Event>>();
  const listeners = new Set<(job: Job) => void>();
  const told = new Map<string, NodeJS.Timeout>();

  const tell = (job: Job) => {
    for (const listener of listeners) listener(job);
  };
  const put = (job: Job, { quietly = false } = {}) => {
    jobs.set(job.id, job);
    if (!quietly) {
      clearTimeout(told.get(job.id));
      told.delete(job.id);
      tell(job);
      return;
    }
    if (told.has(job.id)) return;
    told.set(
      job.id,
      setTimeout(() => {
        told.delete(job.id);
        tell(jobs.get(job.id) ?? job);
      }, quietMs).unref(),
    );
  };
  const known = (id: string): Job => {
    const job = jobs.get(id);
    if (!job)
      throw new PtahError('job-unknown', `There is no job ${id}.`, {
        hint: 'It was dismissed, or is older than the history that is kept.',
      });
    return job;
  };
  const forget = (id: string) => {
    jobs.delete(id);
    notes.delete(id);
    files.remove(id);
  };
  const trim = () => {
    const finished = [...jobs.values()].filter(job => job.state !== 'running');
    for (const job of finished.slice(0, Math.max(0, finished.length - kept))) forget(job.id);
  };
  trim();

  return {
    start(spec, work) {
      const job = newJob(spec);
      const controller = new AbortController();
      const log = createEventLog<Event>(files.eventsOf(job.id), budget);
      const context: JobContext<Event> = {
        signal: controller.signal,
        emit: event => log.append(event, now()),
        report(status, progress) {
          const at = known(job.id);
          put(
            { ...at, status, progress: progress === undefined ? at.progress : progress },
            { quietly: true },
          );
        },
        keep: note => void notes.set(job.id, note),
      };
      jobs.set(job.id, job);
      files.save(job, null);
      const finished = settle(work, context, controller).then(async outcome => {
        // first the state, then the end of the log: who has followed to the end finds the job finished
        const over: Job = { ...(jobs.get(job.id) ?? job), ...outcome, finishedAt: now() };
        put(over);
        files.save(over, notes.get(job.id) ?? null);
        await log.finish();
        running.delete(job.id);
        trim();
        return over;
      });
      running.set(job.id, { controller, log, finished });
      tell(job);
      return { id: job.id, finished };
    },
    list: () => [...jobs.values()].reverse(),
    get: known,
    note: id => notes.get(known(id).id) ?? null,
    async cancel(id) {
      known(id);
      const job = running.get(id);
      if (!job) return;
      job.controller.abort();
      put({ ...known(id), status: 'Cancelling' });
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise<void>(resolve => (timer = setTimeout(resolve, cancelLimitMs)));
      await Promise.race([job.finished, limit]);
      clearTimeout(timer);
    },
    async dismiss(id) {
      if (known(id).state === 'running')
        throw new PtahError('job-running', 'This job is still running.', { hint: 'Cancel it first.' });
      forget(id);
    },
    async *follow(id, after, signal) {
      known(id);
      const job = running.get(id);
      if (job) yield* job.log.follow(after, signal);
      else yield* readEvents<Event>(files.eventsOf(id), after + 1, signal);
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      for (const { controller } of running.values()) controller.abort();
      await Promise.all([...running.values()].map(job => job.finished));
      for (const timer of told.values()) clearTimeout(timer);
      listeners.clear();
    },
  };
}

const now = () => new Date().toISOString();

function newJob(spec: JobSpec): Job {
  return {
    id: `job-${Date.now().toString(36)}${randomBytes(3).toString('hex')}`,
    ...spec,
    state: 'running',
    startedAt: now(),
    finishedAt: null,
    progress: null,
    status: 'Starting',
    error: null,
  };
}

type Outcome = Pick<Job, 'state' | 'status' | 'error' | 'progress'>;

async function settle<Event>(
  work: (context: JobContext<Event>) => Promise<void>,
  context: JobContext<Event>,
  controller: AbortController,
): Promise<Outcome> {
  try {
    await work(context);
    return { state: 'succeeded', status: 'Done', error: null, progress: 1 };
  } catch (error) {
    if (controller.signal.aborted && isAbort(error))
      return { state: 'cancelled', status: 'Cancelled', error: null, progress: null };
    return { state: 'failed', status: 'Failed', error: toJobError(error), progress: null };
  }
}

/** An error as a finished job keeps it. */
function toJobError(error: unknown): JobError {
  const { code, message, hint, details } = toPtahError(error);
  return { code, message, hint: hint ?? null, details: { ...details } };
}
