import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Job } from '../../preload/contract/activity.ts';
import type { PtahClient } from '../../preload/contract/client.ts';
import { createResource, type Resource } from './resource.ts';

export interface Activity {
  readonly jobs: Resource<readonly Job[]>;
  /** Jobs that this window was asked to stop and that have not stopped yet. */
  readonly stopping: StoreApi<ReadonlySet<string>>;
  cancel(jobId: string): Promise<void>;
  dismiss(jobId: string): Promise<void>;
  job(jobId: string): Job | null;
}

const byStart = (a: Job, b: Job) => b.startedAt.localeCompare(a.startedAt);

/** Running jobs first, the newest first in each half. */
export const inOrder = (jobs: readonly Job[]): readonly Job[] => [
  ...jobs.filter(job => job.state === 'running').toSorted(byStart),
  ...jobs.filter(job => job.state !== 'running').toSorted(byStart),
];

export function createActivity(client: PtahClient, onJob: (job: Job, before: Job | null) => void): Activity {
  const jobs = createResource<readonly Job[]>(() => client.request('activity.list', {}));
  const stopping = createStore<ReadonlySet<string>>(() => new Set<string>());
  const job = (jobId: string) => jobs.get('').data?.find(one => one.id === jobId) ?? null;

  const stopped = (jobId: string) =>
    stopping.setState(ids => new Set([...ids].filter(id => id !== jobId)), true);

  client.on('activity.changed', changed => {
    const before = job(changed.id);
    if (jobs.get('').data === null) void jobs.load('');
    jobs.patch('', list => [...list.filter(one => one.id !== changed.id), changed]);
    if (changed.state !== 'running') stopped(changed.id);
    onJob(changed, before);
  });

  return {
    jobs,
    stopping,
    job,
    async cancel(jobId) {
      stopping.setState(ids => new Set([...ids, jobId]), true);
      try {
        await client.request('activity.cancel', { jobId });
      } catch (thrown) {
        stopped(jobId);
        throw thrown;
      }
    },
    async dismiss(jobId) {
      await client.request('activity.dismiss', { jobId });
      jobs.patch('', list => list.filter(one => one.id !== jobId));
    },
  };
}
