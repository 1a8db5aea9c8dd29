import { PtahError, toPtahError } from '../../errors/index.ts';
import { createLatencies } from '../core/statistics.ts';
import type { Channel, OperationFailure, SyncEvent, Verification } from '../types.ts';
import { createAfterSync } from './after-sync.ts';
import { createBetterWay } from './better-way.ts';
import type { ContainerSync, ContainerSyncDeps } from './container-door.ts';
import { createContainerWay } from './container-way.ts';
import { createDrifts } from './drifts.ts';
import { endProcess } from './end-process.ts';
import { describeFailure, isRefusal, nextStep } from './failures.ts';
import { createFolderFiles } from './folder-files.ts';
import { KnownFiles } from './known-files.ts';
import { createLastFiles } from './last-files.ts';
import { createRetries } from './retries.ts';
import { createShownState } from './shown-state.ts';
import { createTransition } from './transition.ts';

export function createContainerSync(deps: ContainerSyncDeps): ContainerSync {
  const { found, journal, clock } = deps;
  const ending = new AbortController();
  const latencies = createLatencies();
  const files = createFolderFiles(deps);
  const shown = createShownState(tell, deps.changed);
  const retries = createRetries(clock.backoff);
  const drift = createDrifts((path, kind) =>
    tell('drift', `${files.name(path)} was ${kind === 'deleted' ? 'deleted' : 'changed'} inside.`),
  );
  const known = new KnownFiles(journal.sent, drift);
  const last = createLastFiles(files.name);
  const transition = createTransition({
    known,
    bytes: deps.bytes,
    journal,
    unnoted: why => tell('failure', `What is sent can't be noted: ${why}`),
    signal: ending.signal,
  });
  const channel = createContainerWay({
    ...deps,
    onOpening() {
      if (!shown.isBad()) shown.become('starting');
    },
    async begin(way, baseline) {
      known.begin(baseline);
      await readAll(way);
      deps.changed();
      better.anew();
    },
    onLost(why, wasUseful) {
      if (wasUseful) wantAll();
      else failed(new PtahError('channel-lost', `The way into the container was lost: ${why}`));
      schedule();
    },
    signal: ending.signal,
  });
  /** Everything was read just now: no second look before it is replaced. */
  let fresh = false;
  let initial = true;
  let pending = 0;
  let verifiedAt: string | null = null;
  let wanted = false;
  let since: number | null = null;
  /** Paths that changed since the last difference was taken; null: any. */
  let dirty: Set<string> | null = null;
  /** What `dirty` was as the batch under way began. */
  let looking: ReadonlySet<string> | null = null;
  let running: Promise<void> | null = null;
  let lock: Promise<unknown> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;
  /** The next look at what somebody may have changed inside. */
  let patrol: NodeJS.Timeout | undefined;

  const better = createBetterWay({
    channel,
    isCalm: () => !running && !wanted && isSettled(),
    alone(work) {
      running = exclusively(work)
        .catch((error: unknown) => {
          if (!ending.signal.aborted) failed(error);
        })
        .finally(() => {
          running = null;
          schedule();
        });
      return running;
    },
    onImproved: wantAll,
    firstMs: clock.reconnectMs,
    signal: ending.signal,
  });

  const after = createAfterSync({
    rules: deps.afterSync,
    channel: channel.current,
    restart,
    feed: tell,
    signal: ending.signal,
  });

  function tell(type: SyncEvent['type'], message: string): void {
    const nothing = { files: [], count: 0, bytes: 0, durationMs: null };
    deps.feed({ type, container: found.key, image: found.image, message, ...nothing });
  }

  /** Nobody would notice if everything were read now. */
  const isSettled = (): boolean => ['equal', 'drift'].includes(shown.state()) && deps.held() === null;

  function schedule(): void {
    clearTimeout(timer);
    if (ending.signal.aborted || running || !wanted) return;
    const why = deps.held();
    if (why !== null) return shown.become('paused', why);
    const rest = retries.rest();
    if (rest > 0) {
      timer = setTimeout(schedule, rest + 1);
      return;
    }
    running = exclusively(run).finally(() => {
      running = null;
      schedule();
    });
  }

  /** One at a time: batches, verification, what a person asked for. */
  function exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = lock.then(work, work);
    lock = mine.catch(() => {});
    return mine;
  }

  async function run(): Promise<void> {
    wanted = false;
    const began = since ?? performance.now();
    since = null;
    looking = dirty;
    dirty = new Set();
    try {
      const way = await channel.opened();
      if (way) await flush(way, began);
      else dirty = null;
    } catch (error) {
      if (!ending.signal.aborted) failed(error);
    }
  }

  /** Nothing is known of what was not acknowledged: the way in is opened anew, and everything is read. */
  function failed(error: unknown): void {
    channel.drop();
    const { code, message, hint = null } = toPtahError(error);
    if (code === 'container-gone') shown.become('waiting', 'The container has ended.');
    else if (isRefusal(code)) shown.become('refused', message, hint);
    // the first loss is mended before anybody has to read of it
    else if (retries.count() >= 2 || code !== 'channel-lost') shown.become('degraded', message, hint);
    retryLater();
  }

  function retryLater(): void {
    retries.failed();
    wantAll();
  }

  function wantAll(): void {
    dirty = null;
    wanted = true;
  }

  async function readAll(way: Channel, signal: AbortSignal = ending.signal): Promise<void> {
    await known.readAll(way, deps.desired(), signal);
    fresh = true;
    looking = null;
  }

  async function flush(way: Channel, began: number, forced = false): Promise<void> {
    const desired = deps.desired();
    if (!desired) {
      dirty = null;
      return;
    }
    known.settleDrift(desired);
    const operations = known.difference(desired, looking);
    if (operations.length === 0) {
      fresh = false;
      initial = false;
      return done();
    }
    pending = operations.length;
    if (!shown.isBad()) shown.become('sending');
    const how = { only: looking, isRead: fresh || forced };
    fresh = false;
    const { carried, moving, broken, isCut } = await transition(way, operations, desired, how);
    const durationMs = performance.now() - began;
    if (carried.length > 0) {
      verifiedAt = null;
      const { key, image } = found;
      deps.feed({ type: 'batch', container: key, image, ...last.add(carried, durationMs) });
    }
    const unknown = [...moving, ...broken.map(({ path }) => path)];
    if (unknown.length > 0) await known.readAgain(way, unknown, ending.signal);
    const [first] = broken;
    if (first) return stuck(first, broken.length);
    if (moving.length > 0) return again(moving);
    // what was neither acknowledged nor refused is found by the next difference
    if (isCut && deps.desired()) return retryLater();
    latencies.add(durationMs);
    done();
    const wasInitial = initial;
    initial = false;
    const paths = carried.map(({ path }) => path);
    after.ran(paths, wasInitial);
  }

  function done(): void {
    pending = 0;
    retries.succeeded();
    // the folder went on meanwhile: its own kick follows
    if (deps.desired()) shown.settle(drift.open());
    deps.changed();
    patrolLater();
  }

  /** Also what nobody edits is looked at now and then: somebody may work inside. */
  function patrolLater(): void {
    clearTimeout(patrol);
    if (ending.signal.aborted) return;
    patrol = setTimeout(look, clock.patrolMs(known.readMs)).unref();

    function look(): void {
      if (running || wanted || !isSettled()) return patrolLater();
      const work = async () => {
        try {
          const way = await channel.opened();
          if (way) await examine(way, ending.signal);
        } catch (error) {
          if (!ending.signal.aborted) failed(error);
        }
      };
      running = exclusively(work).finally(() => {
        running = null;
        patrolLater();
        schedule();
      });
    }
  }

  /** Reads everything that is ours, and notes what is other than we left it. */
  async function examine(way: Channel, signal: AbortSignal | undefined): Promise<Verification> {
    const desired = deps.desired();
    if (!desired) throw notLooked();
    const answer = await known.examine(way, desired, signal);
    verifiedAt = answer.equal ? new Date().toISOString() : null;
    if (shown.state() === 'equal' || shown.state() === 'drift') shown.settle(drift.open());
    dirty = null;
    wanted ||= answer.differences.some(({ path }) => !drift.has(path));
    deps.changed();
    return answer;
  }

  /** The folder changed a file while it was read: its next look is on the way, and is asked for should it not be. */
  function again(moving: readonly string[]): void {
    const times = retries.changed();
    if (times === null) {
      const [path = ''] = moving;
      return stuck({ path, code: 'source-changed', message: 'it changes faster than it can be sent' }, 1);
    }
    wantAll();
    if (times > 1) void deps.rescan('A file changed while it was sent.').catch(() => {});
  }

  function stuck(failure: OperationFailure, count: number): void {
    shown.become('degraded', describeFailure(failure, count), nextStep(failure));
    retryLater();
    deps.changed();
  }

  async function restart(way: Channel, signal: AbortSignal = ending.signal): Promise<void> {
    tell('reload', `${found.container} is restarted.`);
    await endProcess(way, signal);
  }

  /** For what a person asks for: the channel, or the reason why there is none. */
  async function needed(): Promise<Channel> {
    const way = await channel.opened();
    if (!way) throw notLooked();
    return way;
  }

  return {
    kick(at = performance.now(), paths = null) {
      wanted = true;
      if (paths === null) dirty = null;
      else for (const path of paths) dirty?.add(path);
      since = Math.min(since ?? at, at);
      retries.hurry();
      schedule();
    },
    stage(path) {
      const desired = deps.desired();
      const entry = desired?.tree.get(path);
      const way = channel.current();
      if (!way || entry?.type !== 'file' || deps.held() !== null || drift.has(path)) return null;
      if (!['equal', 'sending', 'drift'].includes(shown.state())) return null;
      return way.stage?.(path, { mode: entry.mode, owner: desired?.owners.get(path) ?? null }) ?? null;
    },
    status: () => ({
      state: shown.state(),
      reason: shown.reason(),
      hint: shown.hint(),
      channel: kindOf(channel.current()),
      files: Math.max(0, files.count() - pending),
      pending,
      p50: latencies.percentile(0.5),
      p95: latencies.percentile(0.95),
      last: last.list(),
      drift: drift.list(files.inProject),
      verifiedAt,
    }),
    verify: signal =>
      exclusively(async () => {
        const way = await needed();
        // what was saved until now is sent first, so that the answer is about now
        if (wanted && deps.held() === null) await run();
        return examine(channel.current() ?? way, signal);
      }).finally(schedule),
    sendAll: signal =>
      exclusively(async () => {
        const began = performance.now();
        const way = await needed();
        await readAll(way, signal);
        drift.clear();
        known.forgetFiles(deps.desired()?.tree ?? new Map());
        await flush(way, began, true);
        if (shown.state() === 'degraded') throw shown.notReached();
      }).finally(schedule),
    resolve: (paths, choice, signal = ending.signal) =>
      exclusively(async () => {
        const chosen = paths.length > 0 ? paths.filter(path => drift.has(path)) : [...drift.paths()];
        if (choice === 'ignore') {
          for (const path of chosen) drift.ignore(path);
          shown.settle(drift.open());
          return;
        }
        const way = await needed();
        if (choice === 'send') {
          for (const path of chosen) drift.forget(path);
          looking = null;
          await flush(way, performance.now(), true);
          if (shown.state() === 'degraded') throw shown.notReached();
          return;
        }
        for (const path of chosen) {
          const { name, theirs } = await files.fetch(way, path, signal);
          known.set(path, theirs);
          tell('drift', `${name} was fetched from the container.`);
        }
        await deps.rescan('Files were fetched from the container.');
        wantAll();
      }).finally(schedule),
    restart: async signal => restart(await exclusively(needed), signal),
    async close() {
      ending.abort();
      clearTimeout(timer);
      clearTimeout(patrol);
      better.close();
      channel.drop();
      await running?.catch(() => {});
      await after.close();
      journal.close();
    },
  };
}

const notLooked = (): PtahError =>
  new PtahError('sync-starting', 'The folder is still being looked at.', { hint: 'Try again in a moment.' });

const kindOf = (way: Channel | null): { kind: Channel['kind']; reason: string } | null =>
  way && { kind: way.kind, reason: way.reason };
