import type { StreamItem } from '../../preload/contract/index.ts';
import {
  closedFeed,
  createFakeClient,
  FakeFailure,
  never,
  openFeed,
  type Answers,
  type FakeClient,
  type Feeds,
} from './fake-client.ts';
import { handAnswers } from './images-by-hand.ts';
import { floodedLog, logStates, logWorld, silentLog } from './logs.ts';
import {
  conflictAnswers,
  deniedFeeds,
  manyPodsChanging,
  noObjects,
  objectAnswers,
  objectFeeds,
} from './objects.ts';
import * as shop from './shop.ts';
import { dashboardAnswers, forwardAnswers, forwardFeeds, noDashboard, portFeeds } from './forwards.ts';
import { terminal, terminalAnswers, terminalFeed, terminalStates, terminalWorld } from './terminals.ts';
import { removalAnswers, removalFailed, removing } from './removal.ts';
import { syncAnswers, syncFeeds, syncSnapshots } from './sync-worlds.ts';

const settings = {
  theme: 'system' as const,
  kindNodeImage: null,
  dockerHost: null,
  rolloutTimeoutSeconds: 180,
};

const answers: Answers = {
  'app.info': () => ({
    version: '0.1.0',
    host: 'loopback',
    platform: 'linux',
    userHome: '/home/me',
    home: '/home/me/.config/ptah-desktop',
    node: '24.21.0',
  }),
  'app.status': () => ({
    docker: { state: 'ready', version: '28.3.2', message: '/var/run/docker.sock' },
    running: 0,
    at: shop.ago(0),
  }),
  'app.openExternal': () => ({ ok: true }),
  'app.chooseFile': () => ({ path: null }),
  'settings.get': () => settings,
  'settings.update': ({ patch }) => ({ ...settings, ...patch }),
  'projects.list': () => shop.projects,
  'projects.get': () => ({ ...shop.shop, config: null, context: 'kind-dev', helmfile: null, problems: [] }),
  'projects.open': () => ({ result: 'opened', project: shop.shop }),
  'projects.accept': () => ({ result: 'opened', project: shop.shop }),
  'projects.remove': () => ({ ok: true }),
  'projects.locate': () => ({ candidates: ['/home/me/code/shop'] }),
  'projects.browse': ({ path }) => shop.listing(path ?? '/home/me/code'),
  'projects.chooseFolder': () => ({ path: null }),
  'deploy.plan': () => shop.plan,
  'deploy.start': () => ({ jobId: 'job-1' }),
  'deploy.history': () => shop.history,
  'changes.object': ({ ref }) => shop.diffOf(ref),
  'images.list': () => shop.images,
  'images.build': () => ({ jobId: 'job-1' }),
  'workloads.openService': () => ({ url: 'http://127.0.0.1:41234/' }),
  'sync.switch': () => ({ ok: true }),
  'sync.automatic': () => ({ ok: true }),
  'sync.pause': () => ({ ok: true }),
  'sync.verify': () => ({ equal: true, files: 176, bytes: 402_113, durationMs: 41, differences: [] }),
  'sync.sendAll': () => ({ ok: true }),
  'sync.resolve': () => ({ ok: true }),
  'sync.restart': () => ({ ok: true }),
  'cluster.get': () => shop.cluster,
  'cluster.create': () => ({ jobId: 'job-11' }),
  'cluster.delete': () => ({ jobId: 'job-11' }),
  'setup.list': () => shop.checks.map(({ id, category, title }) => ({ id, category, title })),
  'setup.check': ({ id }) => {
    const found = shop.checks.find(check => check.id === id);
    if (found === undefined) throw new FakeFailure('unknown-check', `No check ${id}`);
    return id === 'cgroup' ? never() : found;
  },
  'setup.fix': () => ({ jobId: 'job-12' }),
  'activity.list': () => shop.finishedJobs,
  'activity.get': ({ jobId }) => ({ ...shop.runningJob, id: jobId }),
  'activity.cancel': () => ({ ok: true }),
  'activity.dismiss': () => ({ ok: true }),
  ...syncAnswers,
  ...removalAnswers,
  ...objectAnswers,
  ...terminalAnswers,
  ...handAnswers,
  ...forwardAnswers,
  ...dashboardAnswers,
  ...logWorld('full').answers,
};

type Followed = StreamItem<'activity.follow'>;
const feeds: Feeds = {
  'terminals.attach': terminalFeed(terminal()),
  ...forwardFeeds,
  ...logWorld('full').feeds,
  ...syncFeeds('mixed'),
  ...objectFeeds,
  'workloads.watch': (_, signal) => openFeed([shop.snapshot], signal),
  'activity.follow': ({ jobId, after }) =>
    closedFeed<Followed>(
      (jobId === 'job-5' ? shop.failedEvents : shop.runningEvents).filter(item => item.seq > after),
    ),
};

const busy: Answers = {
  'projects.list': () =>
    shop.projects.map(project => (project.id === 'p-1' ? { ...project, runningJob: 'job-1' } : project)),
  'activity.list': () => [shop.runningJob, ...shop.finishedJobs],
  'deploy.history': () => [
    { jobId: 'job-1', startedAt: shop.runningJob.startedAt, result: null, running: true },
    ...shop.history,
  ],
  'images.list': () => ({
    ...shop.images,
    images: shop.images.images.map(image =>
      image.name === 'api'
        ? {
            ...image,
            state: 'building' as const,
            lastBuild: { jobId: 'job-1', durationMs: 14_000, at: shop.ago(3), state: 'running' as const },
          }
        : image,
    ),
  }),
};
const follow =
  (events: readonly Followed[], open: boolean): Feeds['activity.follow'] =>
  ({ after }, signal) => {
    const rest = events.filter(item => item.seq > after);
    return open ? openFeed(rest, signal) : closedFeed(rest);
  };
const refused = (who: string) => () => {
  throw new FakeFailure(
    'docker-unreachable',
    `${who} does not answer`,
    'Start Docker, or choose another host in Settings.',
    {
      command: ['docker', 'version'],
      exitCode: 1,
      output: ['error during connect: dial unix /var/run/docker.sock: connect: no such file or directory'],
    },
  );
};
const everything = Object.keys(answers) as (keyof Answers)[];
const shellOnly = new Set<keyof Answers>([
  'app.info',
  'settings.get',
  'settings.update',
  'app.status',
  'projects.list',
  'setup.list',
  'activity.list',
]);
const withoutShell = (answer: () => never): Answers =>
  Object.fromEntries(everything.filter(method => !shellOnly.has(method)).map(method => [method, answer]));

/** Worlds to look at: each shows the window in one state. */
export const worlds: Readonly<Record<string, () => FakeClient>> = {
  idle: () => createFakeClient(answers, feeds),
  busy: () =>
    createFakeClient(
      { ...answers, ...busy },
      { ...feeds, 'activity.follow': follow(shop.runningEvents, true) },
    ),
  rollout: () =>
    createFakeClient(
      { ...answers, ...busy },
      { ...feeds, 'activity.follow': follow(shop.rolloutEvents, true) },
    ),
  failed: () =>
    createFakeClient(
      { ...answers, 'deploy.history': () => shop.failedHistory },
      { ...feeds, 'activity.follow': follow(shop.failedEvents, false) },
    ),
  settled: () => createFakeClient({ ...answers, 'deploy.plan': () => shop.settledPlan }, feeds),
  guard: () => createFakeClient({ ...answers, 'deploy.plan': () => shop.guardedPlan }, feeds),
  blocked: () => createFakeClient({ ...answers, 'deploy.plan': () => shop.blockedPlan }, feeds),
  fresh: () =>
    createFakeClient(
      {
        ...answers,
        'cluster.get': () => shop.noCluster,
        'deploy.plan': () => ({ ...shop.plan, prune: [], cluster: shop.noCluster.cluster }),
        'deploy.history': () => [],
      },
      {
        ...feeds,
        'sync.watch': (_, signal) => openFeed([{ ...syncSnapshots.off, containers: [] }], signal),
        'sync.feed': (_, signal) => openFeed([], signal),
        'workloads.watch': (_, signal) =>
          openFeed([{ ...shop.snapshot, workloads: [], services: [] }], signal),
        ...noObjects,
      },
    ),
  empty: () =>
    createFakeClient(
      {
        ...answers,
        'projects.list': () => [],
        'activity.list': () => [],
        'images.list': () => ({ images: [], problems: [] }),
        'deploy.plan': () => ({ ...shop.settledPlan, images: [], loads: [], objects: [] }),
        'deploy.history': () => [],
        'setup.list': () => [],
      },
      {
        ...feeds,
        'sync.watch': (_, signal) => openFeed([{ ...syncSnapshots.off, containers: [] }], signal),
        'sync.feed': (_, signal) => openFeed([], signal),
        'workloads.watch': (_, signal) =>
          openFeed([{ ...shop.snapshot, workloads: [], services: [] }], signal),
        ...noObjects,
      },
    ),
  slow: () =>
    createFakeClient(
      { ...answers, ...withoutShell(never as () => never) },
      {
        'sync.watch': (_, signal) => openFeed([], signal),
        'sync.feed': (_, signal) => openFeed([], signal),
        'workloads.watch': (_, signal) => openFeed([], signal),
        'objects.watch': (_, signal) => openFeed([], signal),
        'objects.inspect': (_, signal) => openFeed([], signal),
        'activity.follow': (_, signal) => openFeed([], signal),
      },
    ),
  error: () =>
    createFakeClient(
      { ...answers, ...withoutShell(refused('Docker')) },
      {
        'workloads.watch': () => {
          throw new FakeFailure(
            'forbidden',
            'Not allowed: list pods in shop',
            'User dev-reader lacks the right.',
          );
        },
        'sync.watch': () => {
          throw new FakeFailure('forbidden', 'Not allowed: list pods in all namespaces');
        },
        'sync.feed': () => {
          throw new FakeFailure('forbidden', 'Not allowed: list pods in all namespaces');
        },
        'activity.follow': (_, signal) => openFeed([], signal),
      },
    ),
  ...Object.fromEntries(
    (Object.keys(syncSnapshots) as (keyof typeof syncSnapshots)[]).map(state => [
      `sync-${state}`,
      () => createFakeClient(answers, { ...feeds, ...syncFeeds(state) }),
    ]),
  ),
  ...Object.fromEntries(
    terminalStates.map(state => {
      const world = terminalWorld(state);
      return [
        `terminal-${state}`,
        () => createFakeClient({ ...answers, ...world.answers }, { ...feeds, ...world.feeds }),
      ];
    }),
  ),
  ...Object.fromEntries(
    logStates.map(state => {
      const world = logWorld(state);
      return [
        `logs-${state}`,
        () => createFakeClient({ ...answers, ...world.answers }, { ...feeds, ...world.feeds }),
      ];
    }),
  ),
  'logs-flood': () => {
    const log = floodedLog();
    return createFakeClient({ ...answers, ...log.answers }, { ...feeds, ...log.feeds });
  },
  'logs-silent': () =>
    createFakeClient({ ...answers, ...silentLog.answers }, { ...feeds, ...silentLog.feeds }),
  removing: () => createFakeClient({ ...answers, ...removing.answers }, { ...feeds, ...removing.feeds }),
  'removal-failed': () =>
    createFakeClient({ ...answers, ...removalFailed.answers }, { ...feeds, ...removalFailed.feeds }),
  'no-dashboard': () => createFakeClient({ ...answers, ...noDashboard }, feeds),
  forwarding: () => createFakeClient(answers, { ...feeds, ...portFeeds }),
  denied: () => createFakeClient(answers, { ...feeds, ...deniedFeeds }),
  conflict: () => createFakeClient({ ...answers, ...conflictAnswers }, feeds),
  many: () =>
    createFakeClient(answers, {
      ...feeds,
      'workloads.watch': manyPodsChanging(5000, 50),
    }),
  lost: () => {
    const client = createFakeClient(answers, feeds);
    setTimeout(() => client.connect(false), 800);
    return client;
  },
};
