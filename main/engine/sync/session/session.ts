import type { Cluster, WatchEvent } from '../../cluster/index.ts';
import { PtahError } from '../../errors/index.ts';
import type { Project } from '../../project/index.ts';
import { isOn } from '../core/switches.ts';
import type { FolderState, FolderWatch } from '../folder/types.ts';
import type { DesiredTree, SyncEvent, SyncScope, SyncSnapshot } from '../types.ts';
import { createAutomatic } from './automatic.ts';
import { createContainerBook } from './container-book.ts';
import type { ContainerSync } from './container-door.ts';
import { realClock, type SessionDeps } from './deps.ts';
import { createFeed, type Feed } from './feed.ts';
import { createForeignImages } from './foreign-images.ts';
import { followPods, readPodEvent } from './follow-pods.ts';
import { createOutsideNews } from './outside-news.ts';
import { addressOf } from './pods.ts';
import { createProjectLease } from './project-lease.ts';
import { createRunningReferences } from './running-references.ts';
import { snapshotOf } from './snapshot-of.ts';
import { createSnapshots } from './snapshots.ts';
import { createStart } from './start-container.ts';
import { createSwitchboard } from './switchboard.ts';

/** Live sync of one project. */
export interface Session {
  watch(signal: AbortSignal, hold?: readonly string[]): AsyncGenerator<SyncSnapshot>;
  readonly feed: Feed;
  /** Whether any switch is on, or the automatic. */
  isOn(): Promise<boolean>;
  turn(scope: SyncScope, on: boolean): Promise<void>;
  setAutomatic(on: boolean): Promise<void>;
  pause(paused: boolean): void;
  /** The sync of a container; throws where it is off or not there. */
  container(key: string): ContainerSync;
  close(): Promise<void>;
}

export function createSession(deps: SessionDeps): Session {
  const clock = deps.clock ?? realClock;
  const closing = new AbortController();
  const feed = createFeed();
  const containers = createContainerBook(leave);
  const switches = createSwitchboard(deps.remember ? deps.folder : null);
  const snapshots = createSnapshots(snapshot);
  const ends = new Set<Promise<void>>();
  let paused = false;
  let project: Project | null = null;
  let cluster: Cluster | null = null;
  let disconnected: string | null = 'The cluster is being looked for.';
  let folderState: FolderState = { mode: 'off', message: null, hint: null, barrier: null };
  let activity: {
    readonly controller: AbortController;
    readonly folder: FolderWatch;
    over: Promise<void>;
  } | null = null;
  let lingering: NodeJS.Timeout | undefined;
  let deafen: (() => void) | null = null;
  /** What ran before is still being closed. */
  let ending: Promise<void> | null = null;

  const auto = createAutomatic({
    quietMs: clock.quietMs,
    deploy: deps.deploy,
    projectFiles: async () => deps.projectFiles(await read()),
    feed: (message, failed) => tell(failed ? 'failure' : 'automatic', null, message),
    isHeld: () => paused || blocked() !== null,
    onOver: () => void activity?.folder.remeasure().catch(() => {}),
    signal: closing.signal,
  });
  const foreign = createForeignImages({
    ask: async reference => deps.isForeign(project ?? (await read()), reference),
    changed() {
      place();
      measure();
      notify();
    },
    retryMs: clock.reconnectMs,
    signal: closing.signal,
  });
  const start = createStart({
    deps,
    clock,
    project: () => project,
    folder: () => activity?.folder ?? null,
    held: () => (paused ? 'Paused.' : folderState.barrier),
    feed,
    changed: notify,
  });
  const references = createRunningReferences({
    containers,
    isForeign: reference => foreign.isForeign(reference),
  });
  const lease = createProjectLease({
    hold: deps.hold,
    heldBy: deps.heldBy,
    everyMs: clock.leaseMs,
    changed() {
      place();
      lookOutside();
      notify();
    },
  });
  const news = createOutsideNews((image, message) => tell('outside', image, message));

  const read = async (): Promise<Project> => {
    project = await deps.read();
    switches.recall(`${project.name}\0${project.clusterName}`);
    return project;
  };

  const blocked = (): string | null => lease.blocked() ?? disconnected;
  const tell = (type: SyncEvent['type'], image: string | null, message: string) =>
    feed.add({ type, container: null, image, message, files: [], count: 0, bytes: 0, durationMs: null });

  function notify(): void {
    snapshots.notify();
  }

  /** Begins or ends what is needed now. */
  function adjust(): void {
    clearTimeout(lingering);
    if (closing.signal.aborted) return;
    if (switches.anyOn() || snapshots.isWatched()) {
      // one after the other: what ends must not take away what begins
      if (!ending) activity ??= begin();
    } else if (activity) lingering = setTimeout(stop, clock.lingerMs).unref();
    if (switches.automatic()) auto.begin();
    else auto.end();
    hearFiles();
    place();
    notify();
  }

  function stop(): void {
    if (!activity || ending) return;
    const over = end();
    const after = over
      .catch(() => {})
      .finally(() => {
        ending = null;
        adjust();
      });
    ending = after;
    leave(after);
  }

  function leave(work: Promise<void>): void {
    const over = work.catch(() => {}).finally(() => ends.delete(over));
    ends.add(over);
  }

  function begin(): NonNullable<typeof activity> {
    const controller = new AbortController();
    const folder = deps.openFolder(read, references.of, controller.signal);
    folder.onChange(({ images, since, paths }) => {
      for (const { found, running } of containers.all())
        if (images.includes(found.image)) {
          const mine = paths.get(found.image);
          // rules may have changed where no path is named
          running?.sync.kick(since, mine && mine.length > 0 ? mine : null);
        }
      lookOutside();
      notify();
    });
    folder.onLarge(({ image, path }) =>
      containers.all().flatMap(({ found, running }) => {
        const staged = found.image === image ? running?.sync.stage(path) : null;
        return staged ? [staged] : [];
      }),
    );
    folder.onState(state => {
      const released = folderState.barrier !== null && state.barrier === null;
      folderState = state;
      if (released) kickAll();
      notify();
    });
    const onReady = () => {
      lookOutside();
      place();
      kickAll();
    };
    void folder.ready.then(onReady, () => {});
    const { signal } = controller;
    const over = followPods({
      async connect() {
        const next = await deps.cluster(await read(), signal);
        // made anew: nobody holds the project there yet
        if (cluster !== null && next !== cluster) leave(lease.drop());
        cluster = next;
        return next;
      },
      onEvent: onPods,
      onFailed(reason) {
        disconnected = reason;
        notify();
      },
      reconnectMs: clock.reconnectMs,
      signal,
    });
    return { controller, folder, over };
  }

  async function end(): Promise<void> {
    const was = activity;
    activity = null;
    hearFiles();
    was?.controller.abort();
    await Promise.all([was?.folder.close(), was?.over, containers.close()]);
    await lease.drop();
    // an event may have come while all that ended
    await containers.close();
    cluster = null;
    references.forget();
    folderState = { mode: 'off', message: null, hint: null, barrier: null };
  }

  function onPods(event: WatchEvent): void {
    if (event.type === 'disconnected') {
      // what runs is still reached through its node; nothing new is found meanwhile
      disconnected = containers.all().length === 0 ? event.reason : null;
    } else {
      if (event.type === 'list') disconnected = null;
      const names = new Set(project?.dockerfiles.map(({ name }) => name));
      const { found, isGone } = readPodEvent(event, names);
      for (const {
        found: { key },
      } of containers.all())
        if (isGone(key)) containers.remove(key);
      for (const each of found) containers.put(each);
    }
    place();
    measure();
    if (event.type === 'list') lookOutside();
    notify();
  }

  /** Other images run: what is outside the rules is told against those. */
  function measure(): void {
    if (!activity || !references.areOthers()) return;
    void activity.folder.remeasure().catch(() => {});
  }

  /** Begins and ends the sync of each container by the switches. */
  function place(): void {
    const current = activity;
    const { signal } = current?.controller ?? closing;
    const way = cluster;
    const now = switches.turns();
    const on = switches.anyOn();
    if (current && way && project && on) lease.keep(way, project, signal);
    if (!on) leave(lease.drop());
    const may = lease.held() && way !== null && current !== null;
    for (const { found, running } of containers.all()) {
      const address = addressOf(found);
      const should = may && address !== null && isOn(now, found) && !foreign.isForeign(found.reference);
      if (should && !running) {
        containers.start(found.key, start(found, address, way));
      } else if (!should) containers.stop(found.key);
    }
  }

  function kickAll(): void {
    for (const { running } of containers.all()) running?.sync.kick();
  }

  function lookOutside(): void {
    const trees = activity?.folder.trees() ?? new Map<string, DesiredTree>();
    news.look(trees);
    if (switches.automatic()) auto.look(trees);
  }

  function snapshot(): SyncSnapshot {
    return snapshotOf({
      turns: switches.turns(),
      automatic: switches.automatic(),
      paused,
      blocked: blocked(),
      heldBy: lease.blocked(),
      folder: folderState,
      images: project?.dockerfiles.map(({ name }) => name) ?? [],
      trees: activity?.folder.trees(),
      containers: containers
        .all()
        .filter(({ found }) => !foreign.isForeign(found.reference))
        .map(({ found, running: mine }) => ({ found, status: mine?.sync.status() ?? null })),
    });
  }

  /** Files of the project are of interest to *Keep up to date* alone. */
  function hearFiles(): void {
    if (switches.automatic() && activity) deafen ??= deps.onFiles(() => auto.hint());
    else {
      deafen?.();
      deafen = null;
    }
  }

  return {
    feed,
    async *watch(given, hold) {
      const signal = AbortSignal.any([given, closing.signal]);
      await read();
      const release = hold && switches.hold(hold);
      try {
        yield* snapshots.watch(signal, adjust);
      } finally {
        release?.();
        adjust();
      }
    },
    async isOn() {
      await read();
      return switches.anyOn();
    },
    async turn(scope, on) {
      await read();
      switches.turn(scope, on);
      adjust();
      switches.remember();
    },
    async setAutomatic(on) {
      await read();
      switches.setAutomatic(on);
      adjust();
      // whoever turns it on wants what is there already, too
      if (on) lookOutside();
      switches.remember();
    },
    pause(value) {
      paused = value;
      if (!value) {
        kickAll();
        lookOutside();
      } else kickAll();
      notify();
    },
    container(key) {
      const known = containers.get(key);
      if (known?.running) return known.running.sync;
      if (known)
        throw new PtahError('sync-off', `Live sync of ${key} is off, or the container does not run.`, {
          hint: 'Turn its switch on first.',
        });
      throw new PtahError('not-found', `There is no container ${key} of this project.`, {
        hint: 'It may have been replaced by another pod.',
      });
    },
    async close() {
      clearTimeout(lingering);
      closing.abort();
      await auto.close();
      await ending;
      await end();
      await Promise.all(ends);
    },
  };
}
