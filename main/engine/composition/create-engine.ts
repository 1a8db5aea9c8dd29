import { createActivity } from '../activity/index.ts';
import { plan, type DeployEvent } from '../deploy/index.ts';
import { createDiagnostics, thisMachine } from '../diagnostics/index.ts';
import type { Engine, EngineEvents } from '../engine-types.ts';
import { PtahError } from '../errors/index.ts';
import { resolveHome } from '../home/index.ts';
import { diffObject, refKey } from '../manifests/index.ts';
import { createProjectRegistry } from '../project/index.ts';
import { createSettings } from '../settings/index.ts';
import { createTools } from '../tools/index.ts';
import { createAppStatus } from './app-status.ts';
import { createClusterStates } from './cluster-states.ts';
import { createDeployJobs } from './deploy-jobs.ts';
import { createFileWatch } from './file-watch.ts';
import { imageStates } from './image-states.ts';
import { createImagesByHand } from './images-by-hand.ts';
import { createLiveDashboard } from './live-dashboard.ts';
import { createLiveForwards } from './live-forwards.ts';
import { createLiveLogs } from './live-logs.ts';
import { createLiveObjects } from './live-objects.ts';
import { createLiveTerminals } from './live-terminals.ts';
import { createLiveSync } from './live-sync.ts';
import { createLiveWorkloads } from './live-workloads.ts';
import { createParts } from './parts.ts';
import { createProjects } from './projects.ts';
import { createRemovals } from './removals.ts';
import { stoppable } from './stoppable.ts';
import { abortable, createSharedGather } from './shared-gather.ts';

export interface CreateEngineOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** The folder of example projects, offered as a place to open one from. */
  readonly examples?: string;
  /** Tells `projects.filesChanged`; a terminal needs none. */
  readonly watchFiles?: boolean;
}

/** How long closing waits for what a cancel left running, such as the removal of a half-made cluster. */
const leftLimitMs = 60_000;

/** Wires the rooms: everything that hosts need is in the one object. Nothing runs before it is asked for. */
export function createEngine({
  env = process.env,
  examples,
  watchFiles = true,
}: CreateEngineOptions = {}): Engine {
  const home = resolveHome(env);
  const settings = createSettings(home);
  const tools = createTools({ env });
  const activity = createActivity<DeployEvent>(home);
  const closing = new AbortController();
  const left = new Set<Promise<unknown>>();
  const listeners = new Map<keyof EngineEvents, Set<(payload: never) => void>>();

  const parts = createParts({
    env,
    examples: examples ?? null,
    home,
    tools,
    activity,
    settings: async () => settings.get(),
    dockerHost: () => settings.get().dockerHost,
    closing: closing.signal,
    emit(name, payload) {
      for (const listener of listeners.get(name) ?? []) listener(payload as never);
    },
    listens: name => (listeners.get(name)?.size ?? 0) > 0,
    leave(work) {
      const over = work.catch(() => {}).finally(() => left.delete(over));
      left.add(over);
    },
  });
  settings.onChange(changed => parts.emit('settings.changed', changed));
  const gather = createSharedGather(parts);
  activity.onChange(job => {
    if (job.state !== 'running') gather.outdate();
    parts.emit('activity.changed', job);
  });

  const listen: Engine['on'] = (name, listener) => {
    const mine = listeners.get(name) ?? new Set();
    listeners.set(name, mine);
    mine.add(listener);
    return () => void mine.delete(listener);
  };
  const jobs = createDeployJobs(parts);
  const watch = watchFiles
    ? createFileWatch(id => {
        gather.outdate();
        parts.emit('projects.filesChanged', { id });
      })
    : null;
  const projects = createProjects(parts, { registry: createProjectRegistry(home), jobs, watch });
  const status = createAppStatus(parts);
  const clusters = createClusterStates(parts);
  const workloads = createLiveWorkloads(parts);
  const sync = createLiveSync(parts, {
    read: id => projects.read(id),
    jobs,
    remember: watchFiles,
    onFiles(projectId, hint) {
      // begins the watch where no window asked for the project yet
      void projects.get({ id: projectId }).catch(() => {});
      return listen('projects.filesChanged', ({ id }) => {
        if (id === projectId) hint();
      });
    },
  });
  const forwards = createLiveForwards(parts, id => projects.read(id));
  const shells = createLiveTerminals(parts, id => projects.read(id));
  const byHand = createImagesByHand(parts, {
    gather,
    jobs,
    read: id => projects.read(id),
    cluster: (id, project, gathered, signal) => clusters.get(id, project, gathered, signal),
    openTerminal: place => shells.openContainer(place),
  });
  const { close: closeLogs, ...logs } = createLiveLogs(
    parts,
    id => projects.read(id),
    id => byHand.feed(id),
  );
  const removals = createRemovals(parts, {
    jobs,
    read: id => projects.read(id),
    live: id => stoppable(id, { sync, forwards, images: byHand.images }),
    others: async projectId => (await projects.list()).filter(({ id }) => id !== projectId),
  });
  const diagnostics = createDiagnostics({
    ...parts,
    machine: thisMachine(),
    helmfileProjects: async () => {
      const read = await Promise.all(
        (await projects.list()).map(({ id }) => projects.read(id).catch(() => null)),
      );
      return read.flatMap(project => (project?.helmfile ? [project.name] : []));
    },
  });
  let closed: Promise<void> | null = null;

  return {
    home,
    app: { status: (_input, signal) => status.read(signal) },
    settings: {
      get: async () => settings.get(),
      update: async ({ patch }) => settings.update(patch),
    },
    setup: {
      list: async () => diagnostics.list(),
      check: ({ id }, signal) => diagnostics.run(id, signal),
      async fix({ checkId, fixId }) {
        const check = diagnostics.list().find(({ id }) => id === checkId);
        const job = activity.start(
          { kind: 'fix', title: `Set up ${check?.title ?? checkId}`, project: null },
          ({ emit, report, signal }) =>
            diagnostics.fix(
              checkId,
              fixId,
              text => {
                emit({ type: 'log', step: 'scan', text });
                report(text);
              },
              signal,
            ),
        );
        return { jobId: job.id };
      },
    },
    projects: { ...projects, read: ({ id }) => projects.read(id) },
    images: {
      async list({ projectId }, signal) {
        const project = await projects.read(projectId);
        const { world } = await abortable(gather(project), signal);
        return {
          images: imageStates(project, world, jobs.lastBuilds(projectId)),
          problems: [...project.problems, ...world.problems],
        };
      },
      build: async ({ projectId, names, force }) =>
        jobs.build(projectId, await projects.read(projectId), names, force),
      ...byHand.images,
    },
    deploy: {
      async plan({ projectId }, signal) {
        const project = await projects.read(projectId);
        return plan(project, (await abortable(gather(project), signal)).world);
      },
      start: async ({ projectId, fingerprint, consent }) =>
        jobs.deploy(projectId, await projects.read(projectId), { fingerprint, consent }),
      history: async ({ projectId }) => jobs.history(projectId),
    },
    changes: {
      async object({ projectId, ref }, signal) {
        const project = await projects.read(projectId);
        const { world } = await abortable(gather(project), signal);
        const found = world.objects?.objects.find(({ planned }) => refKey(planned.ref) === refKey(ref));
        if (!found)
          throw new PtahError('not-found', `No manifest of ${project.name} names ${ref.kind} ${ref.name}.`, {
            hint: world.objects ? 'The manifests changed: look at the plan again.' : world.cluster.message,
          });
        return diffObject(found, world.manifests.manifests);
      },
    },
    workloads: {
      openService: async ({ projectId, ...service }) =>
        workloads.open(await projects.read(projectId), service),
      watch: ({ projectId, namespaces }, signal) =>
        workloads.watch(() => projects.read(projectId), namespaces ?? null, signal),
    },
    objects: createLiveObjects(parts, id => projects.read(id)),
    forwards,
    dashboard: createLiveDashboard(parts, { read: id => projects.read(id), workloads, forwards }),
    sync,
    logs,
    terminals: shells.terminals,
    cluster: {
      async get({ projectId }, signal) {
        const project = await projects.read(projectId);
        return clusters.get(projectId, project, await abortable(gather(project), signal), signal);
      },
      async create({ projectId }) {
        const project = await projects.read(projectId);
        return clusters.create(projectId, project, await gather(project));
      },
      delete: async ({ projectId, name }) => clusters.delete(projectId, await projects.read(projectId), name),
    },
    removal: removals,
    activity: {
      list: async () => activity.list(),
      get: async ({ jobId }) => activity.get(jobId),
      async cancel({ jobId }) {
        await activity.cancel(jobId);
        return { ok: true };
      },
      async dismiss({ jobId }) {
        await activity.dismiss(jobId);
        return { ok: true };
      },
      follow: ({ jobId, after }, signal) => activity.follow(jobId, after, signal),
    },
    on: listen,
    close: () => (closed ??= close()),
  };

  async function close(): Promise<void> {
    closing.abort();
    status.close();
    byHand.close();
    watch?.close();
    await sync.close();
    await activity.close();
    await shells.close();
    await forwards.close();
    await closeLogs();
    await workloads.close();
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>(resolve => (timer = setTimeout(resolve, leftLimitMs)));
    await Promise.race([Promise.all(left), limit]);
    clearTimeout(timer);
    listeners.clear();
  }
}
