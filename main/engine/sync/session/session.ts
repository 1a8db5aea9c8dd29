import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, WatchEvent } from '../../cluster/index.ts';
import { PtahError, toPtahError } from '../../errors/index.ts';
import type { Project } from '../../project/index.ts';
import { anyOn, combined, imageIsOn, isOn, turned, type SwitchTurn } from '../core/switches.ts';
import type { FolderState, FolderWatch } from '../folder/types.ts';
import type { SyncContainer, SyncEvent, SyncScope, SyncSnapshot, Tree } from '../types.ts';
import { createAutomatic } from './automatic.ts';
import { createContainerSync, type ContainerStatus, type ContainerSync } from './container-sync.ts';
import { realClock, type SessionDeps } from './deps.ts';
import { createFeed, type Feed } from './feed.ts';
import { createFileBytes } from './file-bytes.ts';
import { openJournal, type Journal } from './journal.ts';
import { keepLease, type KeptLease } from './keep-lease.ts';
import { addressOf, containersOf, type FoundContainer } from './pods.ts';
import { readRemembered, rememberedFile, writeRemembered } from './remembered.ts';

/** Live sync of one project. */
export interface Session {
  watch(signal: AbortSignal, hold?: readonly string[]): AsyncGenerator<SyncSnapshot>;
  readonly feed: Feed;
  turn(scope: SyncScope, on: boolean): Promise<void>;
  setAutomatic(on: boolean): Promise<void>;
  pause(paused: boolean): void;
  /** The sync of a container; throws where it is off or not there. */
  container(key: string): ContainerSync;
  close(): Promise<void>;
}

interface Known {
  readonly found: FoundContainer;
  readonly running: { readonly sync: ContainerSync; readonly journal: Journal } | null;
}

/** A snapshot is given at most so often. */
const snapshotMs = 100;
/** How long a session that nobody needs any more stays: a view that is opened anew finds it. */
const lingerMs = 3_000;

export function createSession(deps: SessionDeps): Session {
  const clock = deps.clock ?? realClock;
  const closing = new AbortController();
  const feed = createFeed();
  const bytes = createFileBytes();
  const containers = new Map<string, Known>();
  const baselines = new Map<string, Promise<Tree | null>>();
  const holds = new Set<readonly string[]>();
  const changed = new Set<() => void>();
  const told = new Map<string, string>();
  const ends = new Set<Promise<void>>();
  let turns: readonly SwitchTurn[] = [];
  let automatic = false;
  let paused = false;
  let viewers = 0;
  let project: Project | null = null;
  let identity: string | null = null;
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

  const auto = createAutomatic({
    quietMs: clock.quietMs,
    deploy: deps.deploy,
    feed: (message, failed) => tell(failed ? 'failure' : 'automatic', null, message),
    signal: closing.signal,
  });

  const read = async (): Promise<Project> => {
    project = await deps.read();
    if (identity === null) {
      identity = `${project.name}\0${project.clusterName}`;
      if (deps.remember) {
        const left = readRemembered(rememberedFile(deps.folder, identity));
        if (turns.length === 0) turns = left.turns;
        automatic ||= left.automatic;
      }
    }
    return project;
  };

  const effective = (): readonly SwitchTurn[] => [
    ...turns,
    ...[...holds].flatMap((images): SwitchTurn[] =>
      images.length === 0
        ? [{ scope: { level: 'project' }, on: true }]
        : images.map(image => ({ scope: { level: 'image', image }, on: true })),
    ),
  ];
  const wanted = (): boolean => anyOn(effective()) || automatic;
  const blocked = (): string | null => lease?.blocked() ?? disconnected;
  const notify = () => {
    for (const wake of changed) wake();
  };
  const tell = (type: SyncEvent['type'], image: string | null, message: string) =>
    feed.add({ type, container: null, image, message, files: [], count: 0, bytes: 0, durationMs: null });

  /** Begins or ends what is needed now. */
  function adjust(): void {
    clearTimeout(lingering);
    if (closing.signal.aborted) return;
    if (wanted() || viewers > 0) activity ??= begin();
    else if (activity) lingering = setTimeout(() => leave(end()), lingerMs).unref();
    place();
    notify();
  }

  function leave(work: Promise<void>): void {
    const over = work.catch(() => {}).finally(() => ends.delete(over));
    ends.add(over);
  }

  function begin(): NonNullable<typeof activity> {
    const controller = new AbortController();
    const folder = deps.openFolder(read, controller.signal);
    folder.onChange(({ images, since, paths }) => {
      for (const { found, running } of containers.values())
        if (images.includes(found.image)) {
          const mine = paths.get(found.image);
          // rules may have changed where no path is named
          running?.sync.kick(since, mine && mine.length > 0 ? mine : null);
        }
      tellOutside();
      notify();
    });
    folder.onState(state => {
      const released = folderState.barrier !== null && state.barrier === null;
      folderState = state;
      if (released) kickAll();
      notify();
    });
    const onReady = () => {
      tellOutside();
      place();
      kickAll();
    };
    void folder.ready.then(onReady, () => {});
    return { controller, folder, over: follow(controller.signal) };
  }

  async function end(): Promise<void> {
    const was = activity;
    activity = null;
    was?.controller.abort();
    await Promise.all([
      was?.folder.close(),
      was?.over,
      ...[...containers.keys()].map(key => drop(key, false)),
    ]);
    const held = lease;
    lease = null;
    await held?.close();
    containers.clear();
    cluster = null;
    folderState = { mode: 'off', message: null, hint: null, barrier: null };
  }

  /** Pods, for as long as the session runs: the cluster may come and go. */
  async function follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const known = await read();
        cluster = await deps.cluster(known, signal);
        for await (const event of cluster.watch({ apiVersion: 'v1', kind: 'Pod', namespace: null }, signal))
          onPods(event);
      } catch (error) {
        if (signal.aborted) return;
        disconnected = toPtahError(error).message;
        notify();
      }
      await sleep(clock.reconnectMs, undefined, { signal }).catch(() => {});
    }
  }

  function onPods(event: WatchEvent): void {
    const images = new Set(project?.dockerfiles.map(({ name }) => name));
    if (event.type === 'disconnected') {
      // what runs is still reached through its node; nothing new is found meanwhile
      disconnected = containers.size === 0 ? event.reason : null;
    } else if (event.type === 'list') {
      disconnected = null;
      const found = event.objects.flatMap(object => containersOf(object, images));
      const keys = new Set(found.map(({ key }) => key));
      for (const key of containers.keys()) if (!keys.has(key)) leave(drop(key, true));
      for (const each of found) put(each);
    } else {
      const { name, namespace = 'default' } = event.object.metadata;
      const found = event.type === 'deleted' ? [] : containersOf(event.object, images);
      const keys = new Set(found.map(({ key }) => key));
      for (const key of containers.keys())
        if (key.startsWith(`${namespace}/${name}/`) && !keys.has(key)) leave(drop(key, true));
      for (const each of found) put(each);
    }
    place();
    notify();
  }

  function put(found: FoundContainer): void {
    const known = containers.get(found.key);
    if (known && known.found.containerId === found.containerId) {
      containers.set(found.key, { ...known, found });
      return;
    }
    if (known) leave(drop(found.key, true));
    containers.set(found.key, { found, running: null });
  }

  /** `gone`: with the container went what had been sent to it. */
  async function drop(key: string, gone: boolean): Promise<void> {
    const known = containers.get(key);
    if (!known) return;
    containers.delete(key);
    await known.running?.sync.close();
    if (gone) known.running?.journal.forget();
  }

  /** Begins and ends the sync of each container by the switches. */
  function place(): void {
    const current = activity;
    const { signal } = current?.controller ?? closing;
    const way = cluster;
    const now = effective();
    const on = anyOn(now);
    if (current && way && project && on && !lease)
      lease = keepLease({
        hold: (held: Project) => deps.hold(way, held, signal),
        heldBy: (held: Project) => deps.heldBy(way, held, signal),
        project,
        everyMs: clock.leaseMs,
        changed: () => {
          place();
          notify();
        },
      });
    if (!on && lease) {
      const held = lease;
      lease = null;
      leave(held.close());
    }
    const may = lease?.held() === true && way !== null && current !== null;
    for (const [key, { found, running }] of containers) {
      const address = addressOf(found);
      const should = may && address !== null && isOn(now, found);
      if (should && !running) {
        const journal = openJournal(join(deps.folder, 'sent'), address.containerId);
        const sync = createContainerSync({
          found,
          address,
          open: deps.openChannel(way),
          baseline: () => baselineOf(found),
          desired: () => activity?.folder.trees().get(found.image),
          bytes,
          journal,
          afterSync: () => project?.config.images[found.image]?.sync ?? [],
          held: heldBack,
          root: () => project?.root ?? '/',
          context: () => contextOf(found.image),
          rescan: reason => activity?.folder.rescan(reason) ?? Promise.resolve(),
          feed: event => feed.add(event),
          changed: notify,
          clock,
        });
        containers.set(key, { found, running: { sync, journal } });
        sync.kick();
      } else if (!should && running) {
        containers.set(key, { found, running: null });
        leave(running.sync.close());
      }
    }
  }

  function heldBack(): string | null {
    if (paused) return 'Paused.';
    return folderState.barrier;
  }

  function kickAll(): void {
    for (const { running } of containers.values()) running?.sync.kick();
  }

  function contextOf(image: string): string {
    const match = project?.dockerfiles.find(({ name }) => name === image);
    return resolve(project?.root ?? '/', match?.context ?? '.');
  }

  /** Of the image that a reference names; asked again where it was not to be had. */
  async function baselineOf({ image, reference }: FoundContainer): Promise<Tree | null> {
    if (!project) return null;
    const asked = baselines.get(reference) ?? deps.baseline(project, image, reference).catch(() => null);
    baselines.set(reference, asked);
    const tree = await asked;
    if (tree === null) baselines.delete(reference);
    return tree;
  }

  function tellOutside(): void {
    const trees = activity?.folder.trees() ?? new Map();
    for (const [image, { outside }] of trees) {
      const names = outside.slice(0, 3).join(', ');
      const key = outside.join('\0');
      if (outside.length > 0 && told.get(image) !== key) {
        const more = outside.length > 3 ? ` and ${outside.length - 3} more` : '';
        tell('outside', image, `${names}${more}: outside the synced folders, needs a rebuild.`);
      }
      told.set(image, key);
    }
    if (automatic && !paused) auto.look(trees);
  }

  function snapshot(): SyncSnapshot {
    const now = effective();
    const trees = activity?.folder.trees();
    const all = [...containers.values()].sort((a, b) => (a.found.key < b.found.key ? -1 : 1));
    const states = all.map(({ found }) => isOn(now, found));
    const names = project?.dockerfiles.map(({ name }) => name) ?? [];
    const { mode, message, hint } = folderState;
    return {
      at: new Date().toISOString(),
      switch: combined(
        [
          ...states,
          ...names
            .filter(name => !all.some(({ found }) => found.image === name))
            .map(name => imageIsOn(now, name)),
        ],
        false,
      ),
      automatic,
      paused,
      blocked: blocked(),
      watching: { mode, message, hint },
      images: names.map(name => {
        const tree = trees?.get(name);
        const own = all.filter(({ found }) => found.image === name).map(({ found }) => isOn(now, found));
        return {
          name,
          switch: combined(own, imageIsOn(now, name)),
          rules: tree?.rules ?? [],
          outside: tree?.outside ?? [],
          files: tree?.sources.size ?? 0,
          problems: tree?.problems ?? [],
        };
      }),
      containers: all.map(({ found, running }, index): SyncContainer => {
        const { key, namespace, workload, pod, container, containerId, node, image, reference } = found;
        const on = states[index] === true;
        return {
          key,
          namespace,
          workload,
          pod,
          container,
          containerId,
          node,
          image,
          reference,
          on,
          ...(running ? running.sync.status() : idle(on, containerId)),
        };
      }),
    };
  }

  function idle(on: boolean, containerId: string | null): ContainerStatus {
    const held = lease?.blocked() ?? null;
    const reason = !on
      ? null
      : (held ?? (containerId === null ? 'The container does not run yet.' : 'Being looked at.'));
    return {
      state: on ? (held === null ? 'waiting' : 'paused') : 'off',
      reason,
      hint: null,
      channel: null,
      files: 0,
      pending: 0,
      p50: null,
      p95: null,
      last: [],
      drift: [],
      verifiedAt: null,
    };
  }

  function remember(): void {
    if (!deps.remember || identity === null) return;
    writeRemembered(rememberedFile(deps.folder, identity), { turns, automatic });
  }

  return {
    feed,
    async *watch(given, hold) {
      const signal = AbortSignal.any([given, closing.signal]);
      const held = hold === undefined ? null : [...hold];
      await read();
      viewers += 1;
      if (held) holds.add(held);
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
        if (held) holds.delete(held);
        adjust();
      }
    },
    async turn(scope, on) {
      await read();
      turns = turned(turns, scope, on);
      adjust();
      remember();
    },
    async setAutomatic(on) {
      await read();
      automatic = on;
      // whoever turns it on wants what is there already, too
      if (on) auto.forget();
      adjust();
      if (on) tellOutside();
      remember();
    },
    pause(value) {
      paused = value;
      if (!value) {
        kickAll();
        tellOutside();
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
      await end();
      await Promise.all(ends);
    },
  };
}
