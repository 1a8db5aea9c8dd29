import { PtahError, toPtahError } from '../../errors/index.ts';
import { batchLines } from '../core/feed-lines.ts';
import { createLatencies } from '../core/statistics.ts';
import type { Channel, Operation, OperationFailure, SyncEvent, SyncedFiles, Verification } from '../types.ts';
import { createAfterSync } from './after-sync.ts';
import type { ContainerSync, ContainerSyncDeps } from './container-door.ts';
import { createDrifts } from './drifts.ts';
import { endProcess } from './end-process.ts';
import { describeFailure, isRefusal, nextStep } from './failures.ts';
import { createFolderFiles } from './folder-files.ts';
import { KnownFiles } from './known-files.ts';
import { createRetries } from './retries.ts';
import { createShownState } from './shown-state.ts';

/** Lines of “Last files”. */
const lastLines = 20;
/** A channel that is lost sooner than this was of no use. */
const usefulMs = 5_000;

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
  let channel: { readonly way: Channel; readonly openedAt: number } | null = null;
  /** Everything was read just now: no second look before it is replaced. */
  let fresh = false;
  let initial = true;
  let pending = 0;
  let last: readonly SyncedFiles[] = [];
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

  const after = createAfterSync({
    rules: deps.afterSync,
    channel: () => channel?.way ?? null,
    restart,
    feed: tell,
    signal: ending.signal,
  });

  function tell(type: SyncEvent['type'], message: string): void {
    const nothing = { files: [], count: 0, bytes: 0, durationMs: null };
    deps.feed({ type, container: found.key, image: found.image, message, ...nothing });
  }

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
      const way = await opened();
      if (way) await flush(way, began);
      else dirty = null;
    } catch (error) {
      if (!ending.signal.aborted) failed(error);
    }
  }

  /** Nothing is known of what was not acknowledged: the way in is opened anew, and everything is read. */
  function failed(error: unknown): void {
    dropChannel();
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

  function dropChannel(): void {
    const old = channel;
    channel = null;
    void old?.way.close().catch(() => {});
  }

  /** The channel, with everything read that is ours to keep equal. Null as long as the folder has not been looked at. */
  async function opened(): Promise<Channel | null> {
    if (channel) return channel.way;
    const desired = deps.desired();
    if (!desired) return null;
    if (!shown.isBad()) shown.become('starting');
    const targets = [...new Set(desired.rules.map(({ target }) => target))];
    const [way, baseline] = await Promise.all([
      deps.open(deps.address, { targets, signal: ending.signal }),
      deps.baseline(),
    ]);
    if (ending.signal.aborted) {
      await way.close();
      return null;
    }
    const mine = { way, openedAt: performance.now() };
    channel = mine;
    const onClosed = (why: string) => {
      if (channel !== mine || ending.signal.aborted) return;
      channel = null;
      if (performance.now() - mine.openedAt < usefulMs)
        failed(new PtahError('channel-lost', `The way into the container was lost: ${why}`));
      else wantAll();
      schedule();
    };
    void way.closed.then(onClosed);
    known.begin(baseline);
    try {
      await readAll(way);
    } catch (error) {
      // a channel whose container was not read is of no use to anybody
      if (channel === mine) dropChannel();
      throw error;
    }
    deps.changed();
    return way;
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
    let operations = known.difference(desired, looking);
    if (operations.length === 0) {
      fresh = false;
      initial = false;
      return done();
    }
    pending = operations.length;
    if (!shown.isBad()) shown.become('sending');
    const [differs, early] = await Promise.all([
      fresh || forced ? false : known.readBefore(way, operations, desired, ending.signal),
      deps.bytes.load(operations),
    ]);
    fresh = false;
    let loaded = early;
    if (differs) {
      operations = known.difference(desired, looking);
      loaded = await deps.bytes.load(operations);
    }
    const unnoted = journal.note(loaded.operations);
    if (unnoted !== null) tell('failure', `What is sent can't be noted: ${unnoted}`);
    const result = await way.apply(loaded.operations, { signal: ending.signal });
    const wrong = new Set(result.failed.map(({ path }) => path));
    const acknowledged = new Set(result.done);
    const carried = loaded.operations.filter(({ path }) => acknowledged.has(path) && !wrong.has(path));
    known.took(carried, desired);
    const durationMs = performance.now() - began;
    if (carried.length > 0) report(carried, durationMs);
    const moving = [...loaded.changed, ...failuresOf(result.failed, true)];
    const broken = failuresOf(result.failed, false);
    if (broken.length + moving.length > 0) await known.readAgain(way, [...moving, ...broken], ending.signal);
    const [first] = result.failed.filter(({ code }) => code !== 'source-changed');
    if (first) return stuck(first, broken.length);
    if (moving.length > 0) return again(moving);
    // what was neither acknowledged nor refused is found by the next difference
    if (carried.length < loaded.operations.length && deps.desired()) return retryLater();
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
      const isCalm = ['equal', 'drift'].includes(shown.state()) && deps.held() === null;
      if (running || wanted || !isCalm) return patrolLater();
      const work = async () => {
        try {
          const way = await opened();
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

  function report(carried: readonly Operation[], durationMs: number): void {
    const lines = batchLines(carried, files.name, { at: new Date().toISOString(), durationMs });
    last = [...lines.last, ...last].slice(0, lastLines);
    verifiedAt = null;
    const { files: named, count, bytes, message } = lines;
    const { key, image } = found;
    deps.feed({ type: 'batch', container: key, image, message, files: named, count, bytes, durationMs });
  }

  async function restart(way: Channel, signal: AbortSignal = ending.signal): Promise<void> {
    tell('reload', `${found.container} is restarted.`);
    await endProcess(way, signal);
  }

  /** For what a person asks for: the channel, or the reason why there is none. */
  async function needed(): Promise<Channel> {
    const way = await opened();
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
      if (!channel || entry?.type !== 'file' || deps.held() !== null || drift.has(path)) return null;
      if (!['equal', 'sending', 'drift'].includes(shown.state())) return null;
      return (
        channel.way.stage?.(path, { mode: entry.mode, owner: desired?.owners.get(path) ?? null }) ?? null
      );
    },
    status: () => ({
      state: shown.state(),
      reason: shown.reason(),
      hint: shown.hint(),
      channel: channel ? { kind: channel.way.kind, reason: channel.way.reason } : null,
      files: Math.max(0, files.count() - pending),
      pending,
      p50: latencies.percentile(0.5),
      p95: latencies.percentile(0.95),
      last,
      drift: drift.list(files.inProject),
      verifiedAt,
    }),
    verify: signal =>
      exclusively(async () => {
        const way = await needed();
        // what was saved until now is sent first, so that the answer is about now
        if (wanted && deps.held() === null) await run();
        return examine(channel?.way ?? way, signal);
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
      dropChannel();
      await running?.catch(() => {});
      await after.close();
      journal.close();
    },
  };
}

const notLooked = (): PtahError =>
  new PtahError('sync-starting', 'The folder is still being looked at.', { hint: 'Try again in a moment.' });

const failuresOf = (failed: readonly OperationFailure[], moving: boolean): string[] =>
  failed.filter(({ code }) => (code === 'source-changed') === moving).map(({ path }) => path);
