import type { Job } from '../../preload/contract/activity.ts';
import type { ProjectSummary } from '../../preload/contract/projects.ts';
import { duration } from '../text/time.ts';
import type { Dock } from './dock.ts';
import type { Location } from './location.ts';
import type { Toasts } from './toasts.ts';

interface Around {
  readonly location: Location;
  readonly toasts: Toasts;
  readonly dock: Dock;
  readonly projects: readonly ProjectSummary[];
}

/** A toast only where the result is not on screen: on the job's own screen the user sees it happen. */
export function tellOfJob(job: Job, { location, toasts, dock, projects }: Around): void {
  const { place } = location.store.getState();
  const shownHere = shows(job, place.screen) && (job.project === null || place.projectId === job.project);
  if (shownHere || place.screen === 'activity') return;
  const name = projects.find(project => project.id === job.project)?.name ?? null;
  const took =
    job.finishedAt === null ? '' : duration(Date.parse(job.finishedAt) - Date.parse(job.startedAt));
  const outcome = {
    succeeded: `${job.title}: done in ${took}`,
    failed: `${job.title} failed`,
    cancelled: `${job.title} cancelled`,
    running: job.title,
  }[job.state];
  const { project, kind } = job;
  toasts.show({
    key: job.id,
    tone: job.state === 'failed' ? 'bad' : job.state === 'cancelled' ? 'warn' : 'done',
    title: outcome,
    line: job.error?.message ?? (job.status === '' ? (name ?? '') : job.status),
    action: {
      label: 'Show',
      run: () => {
        if (project !== null && kind === 'deploy') location.go({ screen: 'overview', projectId: project });
        else dock.openJob(job.id);
      },
    },
  });
}

function shows(job: Job, screen: string): boolean {
  switch (job.kind) {
    case 'deploy':
      return screen === 'overview';
    case 'build':
      return screen === 'images';
    case 'cluster-create':
    case 'cluster-delete':
      return screen === 'cluster';
    case 'fix':
      return screen === 'setup';
    case 'helmfile':
      return screen === 'overview';
    case 'remove':
      return false;
  }
}
