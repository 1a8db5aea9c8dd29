import { setTimeout as sleep } from 'node:timers/promises';
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
import { keepLease, type KeptLease } from './keep-lease.ts';
import { createOutsideNews } from './outside-news.ts';
import { addressOf } from './pods.ts';
import { snapshotOf } from './snapshot-of.ts';
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

/** A snapshot is given at most so often. */
const snapshotMs = 100;

export function createSession(deps: SessionDeps): Session {
  const clock = deps.clock ?? realClock;
  const closing = new AbortController();
  const feed = createFeed();
  const containers = createContainerBook(leave);
  const switches = createSwitchboard(deps.remember ? deps.folder : null);
  const changed = new Set<() => void>();
  const ends = new Set<Promise<void>>();
  let paused = false;
  let viewers = 0;
  let project: Project | null = null;
  let cluster: Cluster | null = null;
  let disconnected: string | null = 'The cluster is being looked for.';
  let folderState: FolderState = { mode: 'off', message: null, hint: null, barrier: null };
  let activity: {
    readonly controller: AbortController;
    readonly folder: FolderWatch;
    over: Promise<void>;
  } | null = null;
  let lease: KeptLease | null = null;
  let lingering: NodeJS.Timeout | undefined;
  let deafen: (() => void) | null = null;
  /** What ran before is still being closed. */
  let ending: Promise<void> | null = null;
  /** References that run, as `outside` was last measured against them. */
  let measured = '';

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
  const news = createOutsideNews((image, message) => tell('outside', image, message));

  const read = async (): Promise<Project> => {
    project = await deps.read();
    switches.recall(`${project.name}\0${project.clusterName}`);
    return project;
  };

  const blocked = (): string | null => lease?.blocked() ?? disconnected;
  const tell = (type: SyncEvent['type'], image: string | null, message: string) =>
    feed.add({ type, container: null, image, message, files: [], count: 0, bytes: 0, durationMs: null });

  function notify(): void {
    for (const wake of changed) wake();
  }

  /** Begins or ends what is needed now. */
  function adjust(): void {
    clearTimeout(lingering);
    if (closing.signal.aborted) return;
    if (switches.anyOn() || viewers > 0) {
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
    const folder = deps.openFolder(read, runningReferences, controller.signal);
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
        if (cluster !== null && next !== cluster) dropLease();
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

  function dropLease(): void {
    const held = lease;
    lease = null;
    if (held) leave(held.close());
  }

  async function end(): Promise<void> {
    const was = activity;
    activity = null;
    hearFiles();
    was?.controller.abort();
    await Promise.all([was?.folder.close(), was?.over, containers.close()]);
    const held = lease;
    lease = null;
    await held?.close();
    // an event may have come while all that ended
    await containers.close();
    cluster = null;
    measured = '';
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

  /** References of an image's containers, those of the newest pods first. */
  function runningReferences(image: string): readonly string[] {
    const mine = containers
      .all()
      .filter(({ found }) => found.image === image && !foreign.isForeign(found.reference))
      .sort((a, b) => (a.found.createdAt < b.found.createdAt ? 1 : -1));
    return [...new Set(mine.map(({ found }) => found.reference))];
  }

  /** Other images run: what is outside the rules is told against those. */
  function measure(): void {
    const names = [...new Set(containers.all().map(({ found }) => found.image))].sort();
    const now = JSON.stringify(names.map(name => runningReferences(name)));
    if (now === measured || !activity) return;
    measured = now;
    void activity.folder.remeasure().catch(() => {});
  }

  /** Begins and ends the sync of each container by the switches. */
  function place(): void {
    const current = activity;
    const { signal } = current?.controller ?? closing;
    const way = cluster;
    const now = switches.turns();
    const on = switches.anyOn();
    if (current && way && project && on && !lease)
      lease = keepLease({
        hold: (held: Project) => deps.hold(way, held, signal),
        heldBy: (held: Project) => deps.heldBy(way, held, signal),
        project,
        everyMs: clock.leaseMs,
        changed: () => {
          place();
          lookOutside();
          notify();
        },
      });
    if (!on) dropLease();
    const may = lease?.held() === true && way !== null && current !== null;
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
      heldBy: lease?.blocked() ?? null,
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
      viewers += 1;
      const release = hold && switches.hold(hold);
      let wake: (() => void) | null = null;
      let dirty = true;
      const onChange = () => {
        dirty = true;
        wake?.();
      };
      changed.add(onChange);
      signal.addEventListener('abort', onChange, { once: true });
      adjust();
      try {
        while (!signal.aborted) {
          if (!dirty) await new Promise<void>(done => (wake = done));
          wake = null;
          if (signal.aborted) return;
          dirty = false;
          yield snapshot();
          await sleep(snapshotMs, undefined, { signal }).catch(() => {});
        }
      } finally {
        changed.delete(onChange);
        viewers -= 1;
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
