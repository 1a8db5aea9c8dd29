import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import type { SyncContainer, SyncScope, SyncSnapshot, Verification } from '../../preload/contract/sync.ts';
import { toFailure } from './failure.ts';
import { createLives, type Lives } from './live.ts';
import { createSyncFeeds, type SyncFeeds } from './sync-feed.ts';
import type { Toasts } from './toasts.ts';

/** A switch that was pressed and is not yet what the engine says. */
export interface Pending {
  readonly projectId: string;
  readonly to: boolean;
}
export type ContainerAction = 'verify' | 'sendAll' | 'restart' | 'resolve';
/** What the user asked of one container, and what came of it. It survives the panel that shows it. */
export interface ContainerWork {
  readonly busy: ContainerAction | null;
  readonly since: number;
  readonly verified: { readonly result: Verification; readonly at: number } | null;
  readonly failed: { readonly action: ContainerAction; readonly error: WireError } | null;
}
export type DriftChoice = 'send' | 'fetch' | 'ignore';

/** What is looked at: the palette's commands for "selected" mean it. */
export interface SyncSelection {
  readonly projectId: string;
  readonly label: string;
  readonly scope: SyncScope;
  /** Its key where it is one container. */
  readonly container: string | null;
}

export interface Sync {
  readonly snapshots: Lives<SyncSnapshot>;
  readonly feeds: SyncFeeds;
  /** By `pendingKey`. */
  readonly pending: StoreApi<Readonly<Record<string, Pending>>>;
  /** By `workKey`. */
  readonly work: StoreApi<Readonly<Record<string, ContainerWork>>>;
  readonly selected: StoreApi<{ readonly selection: SyncSelection | null }>;
  turn(projectId: string, scope: SyncScope, on: boolean): void;
  automatic(projectId: string, on: boolean): void;
  pause(projectId: string, paused: boolean): void;
  verify(projectId: string, container: string): void;
  sendAll(projectId: string, container: string): void;
  restart(projectId: string, container: string): void;
  /** All of them where `paths` is empty. */
  resolve(projectId: string, container: string, paths: readonly string[], choice: DriftChoice): void;
  /** Forgets the result of *Verify* and the last failure. */
  forget(projectId: string, container: string): void;
}

export const nothingAsked: ContainerWork = { busy: null, since: 0, verified: null, failed: null };
export const workKey = (projectId: string, container: string): string => `${projectId} ${container}`;
export const pendingKey = (projectId: string, scope: SyncScope | 'automatic' | 'paused'): string =>
  `${projectId} ${typeof scope === 'string' ? scope : JSON.stringify(Object.values(scope))}`;

/** The engine tells at most ten snapshots a second; views are never told more, whatever it does. */
const everyMs = 100;
/** A switch that the engine agreed to and that no snapshot shows after this long says what is true again. */
const confirmWithinMs = 5000;

export function createSync(client: PtahClient, toasts: Pick<Toasts, 'show'>): Sync {
  const snapshots = createLives<SyncSnapshot>(
    (projectId, signal) => client.stream('sync.watch', { projectId }, { signal }),
    { everyMs, merge: keepSame },
  );
  const pending = createStore<Readonly<Record<string, Pending>>>(() => ({}));
  const work = createStore<Readonly<Record<string, ContainerWork>>>(() => ({}));
  const settled = new Map<string, (snapshot: SyncSnapshot) => boolean>();
  const settle = (key: string, entry: Pending) => {
    if (pending.getState()[key] !== entry) return;
    settled.delete(key);
    pending.setState(state => Object.fromEntries(Object.entries(state).filter(([one]) => one !== key)), true);
  };
  snapshots.store.subscribe(state => {
    for (const [key, entry] of Object.entries(pending.getState())) {
      const snapshot = state[entry.projectId]?.value ?? null;
      if (snapshot !== null && settled.get(key)?.(snapshot) === true) settle(key, entry);
    }
  });

  /** Shown as asked until a snapshot confirms it; a refusal is told and the switch goes back. */
  function ask(
    projectId: string,
    key: string,
    to: boolean,
    send: () => Promise<unknown>,
    isSo: (snapshot: SyncSnapshot) => boolean,
  ): void {
    const entry: Pending = { projectId, to };
    settled.set(key, isSo);
    pending.setState({ [key]: entry });
    const confirm = async () => {
      try {
        await send();
        const { value } = snapshots.get(projectId);
        if (value !== null && isSo(value)) settle(key, entry);
        else setTimeout(() => settle(key, entry), confirmWithinMs);
      } catch (thrown) {
        settle(key, entry);
        const { message, hint } = toFailure(thrown);
        toasts.show({ key: `sync ${key}`, tone: 'bad', title: message, line: hint ?? '', action: null });
      }
    };
    void confirm();
  }

  async function run<T>(
    projectId: string,
    container: string,
    action: ContainerAction,
    send: () => Promise<T>,
    then: (answer: T) => Partial<ContainerWork> = () => ({}),
  ): Promise<void> {
    const key = workKey(projectId, container);
    const put = (change: Partial<ContainerWork>) =>
      work.setState(state => ({ [key]: { ...(state[key] ?? nothingAsked), ...change } }));
    if ((work.getState()[key] ?? nothingAsked).busy !== null) return;
    put({ busy: action, since: Date.now(), failed: null });
    try {
      const answer = await send();
      put({ busy: null, ...then(answer) });
    } catch (thrown) {
      put({ busy: null, failed: { action, error: toFailure(thrown) } });
    }
  }

  return {
    snapshots,
    feeds: createSyncFeeds(client),
    pending,
    work,
    selected: createStore<{ readonly selection: SyncSelection | null }>(() => ({ selection: null })),
    turn(projectId, scope, on) {
      ask(
        projectId,
        pendingKey(projectId, scope),
        on,
        () => client.request('sync.switch', { projectId, scope, on }),
        snapshot => switchOf(snapshot, scope) === (on ? 'on' : 'off'),
      );
    },
    automatic(projectId, on) {
      ask(
        projectId,
        pendingKey(projectId, 'automatic'),
        on,
        () => client.request('sync.automatic', { projectId, on }),
        snapshot => snapshot.automatic === on,
      );
    },
    pause(projectId, paused) {
      ask(
        projectId,
        pendingKey(projectId, 'paused'),
        paused,
        () => client.request('sync.pause', { projectId, paused }),
        snapshot => snapshot.paused === paused,
      );
    },
    verify(projectId, container) {
      void run(
        projectId,
        container,
        'verify',
        () => client.request('sync.verify', { projectId, container }),
        result => ({ verified: { result, at: Date.now() } }),
      );
    },
    sendAll(projectId, container) {
      const send = () => client.request('sync.sendAll', { projectId, container });
      void run(projectId, container, 'sendAll', send, () => ({ verified: null }));
    },
    restart(projectId, container) {
      const send = () => client.request('sync.restart', { projectId, container });
      void run(projectId, container, 'restart', send, () => ({ verified: null }));
    },
    resolve(projectId, container, paths, choice) {
      const input = { projectId, container, paths: [...paths], choice };
      void run(
        projectId,
        container,
        'resolve',
        () => client.request('sync.resolve', input),
        () => ({
          verified: null,
        }),
      );
    },
    forget(projectId, container) {
      const key = workKey(projectId, container);
      work.setState(state => ({ [key]: { ...(state[key] ?? nothingAsked), verified: null, failed: null } }));
    },
  };
}

/** The containers that a switch is for. */
export function containersOf(snapshot: SyncSnapshot, scope: SyncScope): readonly SyncContainer[] {
  switch (scope.level) {
    case 'project':
      return snapshot.containers;
    case 'image':
      return snapshot.containers.filter(one => one.image === scope.image);
    case 'workload':
      return snapshot.containers.filter(
        one =>
          one.namespace === scope.namespace &&
          one.workload.kind === scope.kind &&
          one.workload.name === scope.name,
      );
    case 'pod':
      return snapshot.containers.filter(one => one.namespace === scope.namespace && one.pod === scope.pod);
    case 'container':
      return snapshot.containers.filter(one => one.key === keyOf(scope));
  }
}

export const keyOf = (of: { namespace: string; pod: string; container: string }): string =>
  `${of.namespace}/${of.pod}/${of.container}`;

/** As the engine says it: its own word for project and image (there may be no container yet), else from the containers. */
export function switchOf(snapshot: SyncSnapshot, scope: SyncScope): 'on' | 'off' | 'mixed' | null {
  if (scope.level === 'project') return snapshot.switch;
  if (scope.level === 'image') {
    return snapshot.images.find(image => image.name === scope.image)?.switch ?? null;
  }
  const containers = containersOf(snapshot, scope);
  if (containers.length === 0) return null;
  const on = containers.filter(one => one.on).length;
  return on === 0 ? 'off' : on === containers.length ? 'on' : 'mixed';
}

/** Containers and images that are as they were stay the same objects: their rows are not drawn again. */
export function keepSame(before: SyncSnapshot | null, next: SyncSnapshot): SyncSnapshot {
  if (before === null) return next;
  const containers = new Map(before.containers.map(one => [one.key, one]));
  const images = new Map(before.images.map(one => [one.name, one]));
  return {
    ...next,
    containers: next.containers.map(one => same(containers.get(one.key), one)),
    images: next.images.map(one => same(images.get(one.name), one)),
    watching: same(before.watching, next.watching),
  };
}

const same = <T>(before: T | undefined, next: T): T =>
  before !== undefined && JSON.stringify(before) === JSON.stringify(next) ? before : next;
