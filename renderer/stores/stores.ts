import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Job } from '../../preload/contract/activity.ts';
import type { AppInfo, MachineStatus } from '../../preload/contract/app.ts';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { MethodOutput } from '../../preload/contract/index.ts';
import type { ObjectDiff, ObjectRef } from '../../preload/contract/deploy.ts';
import type { ProjectDetail, ProjectSummary } from '../../preload/contract/projects.ts';
import type { Settings } from '../../preload/contract/settings.ts';
import { createActivity, type Activity } from './activity.ts';
import { createConnection, type Connection } from './connection.ts';
import { createDeploys, type Deploys } from './deploy.ts';
import { createDock, type Dock } from './dock.ts';
import { createImagesByHand, type ImagesByHand } from './images-by-hand.ts';
import { createJobViews, type JobViews } from './job-views.ts';
import { createLayout, type Layout } from './layout.ts';
import { createLocation, folderToOpen, toHash, type Location } from './location.ts';
import { createLogs, type Logs } from './logs.ts';
import { createObjects, type Objects } from './objects.ts';
import { createOpening, type OpeningStore } from './opening.ts';
import { createRemoval, type Removal } from './removal.ts';
import { createResource, type Resource } from './resource.ts';
import { createSetup, type Setup } from './setup.ts';
import { createSync, type Sync } from './sync.ts';
import { createForwards, type Forwards } from './forwards.ts';
import { createTerminals, type Terminals } from './terminals.ts';
import { createToasts, type Toasts } from './toasts.ts';
import { tellOfJob } from './told.ts';
import { createWorkloads, type Workloads } from './workloads.ts';

export type ImageList = MethodOutput<'images.list'>;
export type ClusterState = MethodOutput<'cluster.get'>;

export interface Dialogs {
  readonly palette: boolean;
  /** What was typed into the palette. */
  readonly paletteText: string;
  readonly sheet: boolean;
}

/** Everything a window knows, one store per domain, fed by the client. */
export interface Stores {
  readonly client: PtahClient;
  readonly connection: StoreApi<Connection>;
  readonly info: Resource<AppInfo>;
  readonly machine: Resource<MachineStatus>;
  readonly settings: Resource<Settings>;
  readonly projects: Resource<readonly ProjectSummary[]>;
  readonly projectDetails: Resource<ProjectDetail>;
  readonly opening: OpeningStore;
  readonly deploys: Deploys;
  readonly images: Resource<ImageList>;
  readonly imagesByHand: ImagesByHand;
  /** By `diffKey`. */
  readonly diffs: Resource<ObjectDiff>;
  readonly clusters: Resource<ClusterState>;
  readonly workloads: Workloads;
  readonly objects: Objects;
  readonly sync: Sync;
  readonly terminals: Terminals;
  readonly forwards: Forwards;
  readonly logs: Logs;
  readonly setup: Setup;
  readonly activity: Activity;
  readonly jobViews: JobViews;
  readonly location: Location;
  readonly layout: StoreApi<Layout>;
  readonly dock: Dock;
  readonly toasts: Toasts;
  readonly removal: Removal;
  readonly dialogs: StoreApi<Dialogs>;
}

export const diffKey = (projectId: string, ref: ObjectRef): string => JSON.stringify([projectId, ref]);

function readDiffKey(key: string): { projectId: string; ref: ObjectRef } {
  const [projectId, ref] = JSON.parse(key) as [string, ObjectRef];
  return { projectId, ref };
}

export function createStores(client: PtahClient, target: Window): Stores {
  const one = <T>(read: () => Promise<T>) => createResource<T>(read);
  const layout = createLayout(safeStorage(target));
  const location = createLocation(target);
  const dock = createDock(layout);
  const toasts = createToasts();
  const info = one(() => client.request('app.info', {}));
  const machine = one(() => client.request('app.status', {}));
  const settings = one(() => client.request('settings.get', {}));
  const projects = one<readonly ProjectSummary[]>(() => client.request('projects.list', {}));
  const projectDetails = createResource<ProjectDetail>(id => client.request('projects.get', { id }));
  const images = createResource<ImageList>((projectId, signal) =>
    client.request('images.list', { projectId }, { signal }),
  );
  const clusters = createResource<ClusterState>((projectId, signal) =>
    client.request('cluster.get', { projectId }, { signal }),
  );
  const diffs = createResource<ObjectDiff>((key, signal) =>
    client.request('changes.object', readDiffKey(key), { signal }),
  );
  const jobViews = createJobViews(client);
  const workloads = createWorkloads(client);
  const objects = createObjects(client);
  const sync = createSync(client, toasts);
  const terminals = createTerminals(client, dock, toasts);
  const forwards = createForwards(client, toasts);
  const logs = createLogs(dock);
  const imagesByHand = createImagesByHand(client, dock, terminals, toasts);
  const setup = createSetup(client);
  const deploys = createDeploys(client);

  /** What depends on the folder, on Docker or on the cluster of one project. */
  const invalidateProject = (projectId: string) => {
    deploys.plans.invalidate(projectId);
    images.invalidate(projectId);
    imagesByHand.invalidate(projectId);
    projectDetails.invalidate(projectId);
    for (const key of Object.keys(diffs.store.getState())) {
      if (readDiffKey(key).projectId === projectId) diffs.invalidate(key);
    }
  };
  const onJob = (job: Job, before: Job | null) => {
    const justEnded = job.state !== 'running' && before?.state !== job.state;
    const justStarted = before === null && job.state === 'running';
    if (justStarted) {
      dock.addJob(job.id, sameTask(job, activity.jobs.get('').data ?? []));
    }
    if (justStarted || justEnded) {
      projects.invalidate('');
      if (job.project !== null) deploys.histories.invalidate(job.project);
    }
    if (!justEnded) return;
    if (job.project !== null) {
      invalidateProject(job.project);
      clusters.invalidate(job.project);
    }
    for (const [checkId, jobId] of Object.entries(setup.fixes.getState())) {
      if (jobId === job.id) setup.results.invalidate(checkId);
    }
    tellOfJob(job, { location, toasts, dock, projects: projects.get('').data ?? [] });
  };
  const activity = createActivity(client, onJob);
  // A job that ran before this window opened has its tab too.
  const stopLooking = activity.jobs.store.subscribe(state => {
    const jobs = state['']?.data ?? null;
    if (jobs === null) return;
    stopLooking();
    for (const job of jobs) if (job.state === 'running') dock.addJob(job.id);
  });
  const opening = createOpening(client, {
    hasNativeDialog: () => info.get('').data?.host === 'electron',
    onOpened: project => {
      void projects.load('');
      location.go({ screen: 'overview', projectId: project.id });
    },
  });

  const takeFolder = () => {
    const path = folderToOpen(target.location.hash);
    if (path === null) return;
    // a reload must not open it again
    target.history.replaceState(null, '', toHash(location.store.getState().place));
    void opening.open(path);
  };
  target.addEventListener('hashchange', takeFolder);
  takeFolder();

  client.on('app.status', status => machine.store.setState({ '': loaded(status) }));
  client.on('settings.changed', changed => settings.store.setState({ '': loaded(changed) }));
  client.on('projects.changed', ({ ids }) => {
    projects.invalidate('');
    for (const id of ids) invalidateProject(id);
  });
  client.on('projects.filesChanged', ({ id }) => {
    projects.invalidate('');
    invalidateProject(id);
  });
  const connection = createConnection(client, () => {
    const read = [info, machine, settings, projects, projectDetails, images, clusters, diffs];
    for (const resource of [...read, deploys.plans, deploys.histories, activity.jobs, setup.rows]) {
      resource.invalidate();
    }
    imagesByHand.invalidate();
    jobViews.resume();
    workloads.resume();
    objects.resume();
    sync.snapshots.resume();
    sync.feeds.resume();
    terminals.resume();
    forwards.snapshots.resume();
  });

  return {
    client,
    connection,
    info,
    machine,
    settings,
    projects,
    projectDetails,
    opening,
    deploys,
    images,
    imagesByHand,
    diffs,
    clusters,
    workloads,
    objects,
    sync,
    terminals,
    forwards,
    logs,
    setup,
    activity,
    jobViews,
    location,
    layout,
    dock,
    toasts,
    removal: createRemoval(client),
    dialogs: createStore<Dialogs>(() => ({ palette: false, paletteText: '', sheet: false })),
  };
}

/** Ended jobs of the same kind for the same project: their tab gives way to the new one's. */
const sameTask = (job: Job, jobs: readonly Job[]): readonly string[] =>
  jobs
    .filter(one => one.kind === job.kind && one.project === job.project && one.state !== 'running')
    .map(one => one.id);

const loaded = <T>(data: T) => ({
  data,
  at: Date.now(),
  error: null,
  loadingSince: null,
  stopped: false,
});

function safeStorage(target: Window): Storage | null {
  try {
    return target.localStorage;
  } catch {
    return null;
  }
}
