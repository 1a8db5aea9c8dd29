import { PtahError, toPtahError } from '../../errors/index.ts';
import { driftKind, judge } from '../core/classify.ts';
import { diff, isHeld, withOperation } from '../core/diff.ts';
import { fingerprint, sameContent, sameEntry } from '../core/entries.ts';
import { batchLines } from '../core/feed-lines.ts';
import { contextPath } from '../core/rule-paths.ts';
import { createLatencies } from '../core/statistics.ts';
import type {
  AfterSync,
  Channel,
  ContainerAddress,
  DesiredTree,
  Operation,
  OperationFailure,
  OpenChannel,
  SyncContainer,
  SyncEvent,
  SyncState,
  SyncedFiles,
  Tree,
  TreeEntry,
  Verification,
} from '../types.ts';
import { createAfterSync } from './after-sync.ts';
import type { SessionClock } from './deps.ts';
import { createDrifts } from './drifts.ts';
import { describeFailure, isRefusal, nextStep } from './failures.ts';
import { fetchInto } from './fetch-into.ts';
import type { FileBytes } from './file-bytes.ts';
import type { Journal } from './journal.ts';
import type { FoundContainer } from './pods.ts';
import { answer, pathsOf, questionOf } from './verification.ts';

export interface ContainerSyncDeps {
  readonly found: FoundContainer;
  readonly address: ContainerAddress;
  readonly open: OpenChannel;
  /** Of the image that the container runs. */
  readonly baseline: () => Promise<Tree | null>;
  readonly desired: () => DesiredTree | undefined;
  readonly bytes: FileBytes;
  readonly journal: Journal;
  readonly afterSync: () => readonly AfterSync[];
  /** Why nothing is sent now; null when it may be. */
  readonly held: () => string | null;
  /** Absolute: where `.ptah` and the paths of `Drift.file` belong. */
  readonly root: () => string;
  /** Absolute: what rules are relative to. */
  readonly context: () => string;
  readonly rescan: (reason: string) => Promise<void>;
  readonly feed: (event: Omit<SyncEvent, 'seq' | 'at'>) => void;
  /** Something that a snapshot shows is different now. */
  readonly changed: () => void;
  readonly clock: SessionClock;
}

export type ContainerStatus = Pick<
  SyncContainer,
  | 'state'
  | 'reason'
  | 'hint'
  | 'channel'
  | 'files'
  | 'pending'
  | 'p50'
  | 'p95'
  | 'last'
  | 'drift'
  | 'verifiedAt'
>;

/** Keeps one container, by its ID, equal to the folder. */
export interface ContainerSync {
  /** Something may differ; `since` is when the first event of it came, `paths` are all that can differ, where that is known. */
  kick(since?: number, paths?: readonly string[] | null): void;
  status(): ContainerStatus;
  verify(signal?: AbortSignal): Promise<Verification>;
  sendAll(signal?: AbortSignal): Promise<void>;
  resolve(paths: readonly string[], choice: 'send' | 'fetch' | 'ignore', signal?: AbortSignal): Promise<void>;
  restart(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Lines of “Last files”. */
const lastLines = 20;
/** A channel that is lost sooner than this was of no use. */
const usefulMs = 5_000;
/** A file that changes while it is sent is sent again so often before that is called a failure. */
const changedAtMost = 5;

export function createContainerSync(deps: ContainerSyncDeps): ContainerSync {
  const { found, journal, clock } = deps;
  const ending = new AbortController();
  const latencies = createLatencies();
  let channel: { readonly way: Channel; readonly openedAt: number } | null = null;
  let baseline: Tree | null = null;
  let applied = new Map<string, TreeEntry>();
  const drift = createDrifts((path, kind) =>
    tell('drift', `${fileOf(path)} was ${kind === 'deleted' ? 'deleted' : 'changed'} inside.`),
  );
  /** Everything was read just now: no second look before it is replaced. */
  let fresh = false;
  let initial = true;
  let state: SyncState = 'starting';
  let reason: string | null = null;
  let hint: string | null = null;
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
  let failures = 0;
  let changedUnderway = 0;
  let failedAt = 0;
  let notBefore = 0;
  let timer: NodeJS.Timeout | undefined;
  /** The next look at what somebody may have changed inside. */
  let patrol: NodeJS.Timeout | undefined;
  let readMs = 0;

  const after = createAfterSync({
    rules: deps.afterSync,
    channel: () => channel?.way ?? null,
    restart: way => endProcess(way),
    feed: (type, message) => tell(type, message),
    signal: ending.signal,
  });

  const fileOf = (path: string): string => contextPath(deps.desired()?.rules ?? [], path) ?? path;
  const tell = (type: SyncEvent['type'], message: string) =>
    deps.feed({
      type,
      container: found.key,
      image: found.image,
      message,
      files: [],
      count: 0,
      bytes: 0,
      durationMs: null,
    });

  function become(next: SyncState, why: string | null = null, then: string | null = null): void {
    if (state === next && reason === why && hint === then) return;
    const worse = next === 'degraded' || next === 'refused';
    if (why !== null && why !== reason && worse) tell('failure', why);
    else if (next === 'equal' && (state === 'degraded' || state === 'refused'))
      tell('state', 'Equal to the folder again.');
    else if (next === 'equal' && state === 'starting') tell('state', 'Equal to the folder.');
    state = next;
    reason = why;
    hint = then;
    deps.changed();
  }

  function settle(): void {
    const open = drift.open();
    if (open > 0)
      become(
        'drift',
        `${open === 1 ? 'One file was' : `${open} files were`} changed inside the container.`,
        'Send mine, fetch theirs, or ignore it.',
      );
    else become('equal');
  }

  function schedule(): void {
    clearTimeout(timer);
    if (ending.signal.aborted || running || !wanted) return;
    const why = deps.held();
    if (why !== null) return become('paused', why);
    const now = performance.now();
    if (now < notBefore) {
      timer = setTimeout(schedule, notBefore - now + 1);
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
      if (ending.signal.aborted) return;
      // nothing is known of what was not acknowledged: look again
      dropChannel();
      failed(error);
    }
  }

  function failed(error: unknown): void {
    const { code, message, hint: then } = toPtahError(error);
    if (code === 'container-gone') become('waiting', 'The container has ended.', null);
    else if (isRefusal(code)) become('refused', message, then ?? null);
    // the first loss is mended before anybody has to read of it
    else if (failures >= 2 || code !== 'channel-lost') become('degraded', message, then ?? null);
    retryLater();
  }

  function retryLater(): void {
    failures += 1;
    dirty = null;
    failedAt = performance.now();
    notBefore = failedAt + clock.backoff(failures);
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
    if (state !== 'degraded' && state !== 'refused') become('starting');
    const targets = [...new Set(desired.rules.map(({ target }) => target))];
    const [way, had] = await Promise.all([
      deps.open(deps.address, { targets, signal: ending.signal }),
      deps.baseline(),
    ]);
    if (ending.signal.aborted) {
      await way.close();
      return null;
    }
    const mine = { way, openedAt: performance.now() };
    channel = mine;
    baseline = had;
    const onClosed = (why: string) => {
      if (channel !== mine || ending.signal.aborted) return;
      channel = null;
      if (performance.now() - mine.openedAt < usefulMs) {
        failed(new PtahError('channel-lost', `The way into the container was lost: ${why}`));
      } else {
        dirty = null;
        wanted = true;
      }
      schedule();
    };
    void way.closed.then(onClosed);
    await look(way);
    deps.changed();
    return way;
  }

  /** Reads all that is ours and judges it anew. */
  async function look(way: Channel, signal: AbortSignal = ending.signal): Promise<void> {
    const desired = deps.desired();
    const paths = new Set([
      ...(baseline?.keys() ?? []),
      ...(desired?.tree.keys() ?? []),
      ...journal.sent.keys(),
    ]);
    const began = performance.now();
    const actual = await way.read([...paths], { signal, hash: true });
    readMs = performance.now() - began;
    const judged = judge(paths, actual, desired?.tree ?? new Map(), { baseline, journal: journal.sent });
    applied = judged.applied;
    const held = desired?.held ?? new Set<string>();
    for (const path of drift.paths()) if (!judged.drift.has(path)) drift.forget(path);
    for (const [path, kind] of judged.drift) if (!isHeld(path, held)) drift.note(path, kind);
    fresh = true;
    looking = null;
  }

  async function flush(way: Channel, began: number, forced = false): Promise<void> {
    const desired = deps.desired();
    if (!desired) {
      dirty = null;
      return;
    }
    for (const path of drift.paths())
      if (sameContent(applied.get(path), desired.tree.get(path))) drift.forget(path);
    let operations = difference(desired);
    if (operations.length === 0) {
      fresh = false;
      initial = false;
      return done();
    }
    pending = operations.length;
    if (state !== 'degraded' && state !== 'refused') become('sending');
    const [differs, early] = await Promise.all([
      fresh || forced ? false : lookFirst(way, operations, desired),
      deps.bytes.load(operations),
    ]);
    fresh = false;
    let loaded = early;
    if (differs) {
      operations = difference(desired);
      loaded = await deps.bytes.load(operations);
    }
    const unnoted = journal.note(loaded.operations);
    if (unnoted !== null) tell('failure', `What is sent can't be noted: ${unnoted}`);
    const result = await way.apply(loaded.operations, { signal: ending.signal });
    const wrong = new Set(result.failed.map(({ path }) => path));
    const acknowledged = new Set(result.done);
    const carried = loaded.operations.filter(({ path }) => acknowledged.has(path) && !wrong.has(path));
    for (const operation of carried) {
      withOperation(applied, operation);
      const now = desired.tree.get(operation.path);
      if (now && sameEntry(applied.get(operation.path), now)) applied.set(operation.path, now);
    }
    const durationMs = performance.now() - began;
    if (carried.length > 0) report(carried, durationMs);
    const moving = [...loaded.changed, ...failuresOf(result.failed, true)];
    const broken = failuresOf(result.failed, false);
    if (broken.length > 0 || moving.length > 0) await lookAgain(way, [...moving, ...broken]);
    const [first] = result.failed.filter(({ code }) => code !== 'source-changed');
    if (first) return stuck(first, broken.length);
    if (moving.length > 0) return again(moving);
    // what was neither acknowledged nor refused is found by the next difference
    if (carried.length < loaded.operations.length) {
      if (deps.desired()) return retryLater();
    }
    latencies.add(durationMs);
    done();
    const wasInitial = initial;
    initial = false;
    after.ran(
      carried.map(({ path }) => path),
      wasInitial,
    );
  }

  const difference = (desired: DesiredTree): Operation[] =>
    diff(applied, desired, { held: heldOf(desired), only: looking });

  /** What nobody may touch: changed inside and undecided, or in the folder in a state that can't be sent. */
  const heldOf = ({ held }: DesiredTree): ReadonlySet<string> =>
    held && held.size > 0 ? new Set([...held, ...drift.paths()]) : drift.paths();

  function done(): void {
    pending = 0;
    failures = 0;
    changedUnderway = 0;
    notBefore = 0;
    const desired = deps.desired();
    // the folder went on meanwhile: its own kick follows
    if (desired) settle();
    deps.changed();
    patrolLater();
  }

  /** Also what nobody edits is looked at now and then: somebody may work inside. */
  function patrolLater(): void {
    clearTimeout(patrol);
    if (ending.signal.aborted) return;
    const look = () => {
      if (running || wanted || deps.held() !== null || (state !== 'equal' && state !== 'drift'))
        return patrolLater();
      running = exclusively(async () => {
        try {
          const way = await opened();
          if (way) await examine(way, ending.signal);
        } catch (error) {
          if (ending.signal.aborted) return;
          dropChannel();
          failed(error);
        }
      }).finally(() => {
        running = null;
        patrolLater();
        schedule();
      });
    };
    patrol = setTimeout(look, clock.patrolMs(readMs)).unref();
  }

  /** Reads everything that is ours, and notes what is other than we left it. */
  async function examine(way: Channel, signal: AbortSignal | undefined): Promise<Verification> {
    const desired = deps.desired();
    if (!desired) throw new PtahError('sync-starting', 'The folder is still being looked at.');
    const began = performance.now();
    const question = questionOf(desired, [...journal.sent.keys(), ...(baseline?.keys() ?? [])]);
    const actual = await way.read(pathsOf(question), { hash: true, ...(signal && { signal }) });
    const found = answer(question, actual, performance.now() - began);
    readMs = found.durationMs;
    for (const { path } of found.differences) {
      const is = actual.get(path);
      const had = applied.get(path);
      if (is) applied.set(path, is);
      else applied.delete(path);
      if (!sameContent(is, had)) drift.note(path, driftKind(is, question.tree.get(path) ?? had));
    }
    verifiedAt = found.equal ? new Date().toISOString() : null;
    if (state === 'equal' || state === 'drift') settle();
    dirty = null;
    wanted ||= found.differences.some(({ path }) => !drift.has(path));
    deps.changed();
    return found;
  }

  /** The folder changed a file while it was read: its next look is on the way, and is asked for should it not be. */
  function again(moving: readonly string[]): void {
    changedUnderway += 1;
    if (changedUnderway > changedAtMost) {
      const [path = ''] = moving;
      return stuck({ path, code: 'source-changed', message: 'it changes faster than it can be sent' }, 1);
    }
    notBefore = performance.now() + 20 * changedUnderway;
    wanted = true;
    dirty = null;
    void deps.rescan('A file changed while it was sent.').catch(() => {});
  }

  function stuck(failure: OperationFailure, count: number): void {
    become('degraded', describeFailure(failure, count), nextStep(failure));
    retryLater();
    deps.changed();
  }

  /**
   * What is about to be replaced is read once more: somebody may have worked on it inside. True when the difference has
   * to be taken again.
   */
  async function lookFirst(
    way: Channel,
    operations: readonly Operation[],
    desired: DesiredTree,
  ): Promise<boolean> {
    const paths = operations.filter(({ op }) => op !== 'mode' && op !== 'directory').map(({ path }) => path);
    if (paths.length === 0) return false;
    const actual = await way.read(paths, { signal: ending.signal, hash: true });
    let differs = false;
    for (const path of paths) {
      const is = actual.get(path);
      const had = applied.get(path);
      const wantedEntry = desired.tree.get(path);
      if (sameContent(is, had) && (is === undefined || had === undefined || sameEntry(is, had))) continue;
      differs = true;
      const theirs =
        is !== undefined &&
        !sameContent(is, had) &&
        !sameContent(is, wantedEntry) &&
        !journal.sent.get(path)?.has(fingerprint(is)) &&
        !sameContent(is, baseline?.get(path)) &&
        (had !== undefined || baseline !== null);
      if (is) applied.set(path, is);
      else applied.delete(path);
      if (theirs) drift.note(path, driftKind(is, wantedEntry ?? had));
    }
    return differs;
  }

  async function lookAgain(way: Channel, paths: readonly string[]): Promise<void> {
    const actual = await way.read(paths, { signal: ending.signal, hash: true });
    for (const path of paths) {
      const is = actual.get(path);
      if (is) applied.set(path, is);
      else applied.delete(path);
    }
  }

  function report(carried: readonly Operation[], durationMs: number): void {
    const lines = batchLines(carried, fileOf, { at: new Date().toISOString(), durationMs });
    last = [...lines.last, ...last].slice(0, lastLines);
    verifiedAt = null;
    const { files, count, bytes, message } = lines;
    deps.feed({
      type: 'batch',
      container: found.key,
      image: found.image,
      message,
      files,
      count,
      bytes,
      durationMs,
    });
  }

  async function endProcess(way: Channel, signal: AbortSignal = ending.signal): Promise<void> {
    tell('reload', `${found.container} is restarted.`);
    await way.signal('TERM', signal);
    let late: NodeJS.Timeout | undefined;
    const patience = new Promise<'late'>(resolve => (late = setTimeout(() => resolve('late'), 10_000)));
    const over = await Promise.race([way.closed.then(() => 'over' as const), patience]);
    clearTimeout(late);
    // the first process of a container does not hear what it has no handler for
    if (over === 'late') await way.signal('KILL', signal).catch(() => {});
  }

  /** For what a person asks for: the channel, or the reason why there is none. */
  async function needed(): Promise<Channel> {
    const way = await opened();
    if (way) return way;
    throw new PtahError('sync-starting', 'The folder is still being looked at.', {
      hint: 'Try again in a moment.',
    });
  }

  return {
    kick(at = performance.now(), paths = null) {
      wanted = true;
      if (paths === null) dirty = null;
      else for (const path of paths) dirty?.add(path);
      since = Math.min(since ?? at, at);
      // an edit may be what helps, but a full disk is not asked for every keystroke
      if (failures > 0) notBefore = Math.min(notBefore, failedAt + clock.backoff(Math.min(failures, 2)));
      schedule();
    },
    status() {
      const desired = deps.desired();
      return {
        state,
        reason,
        hint,
        channel: channel ? { kind: channel.way.kind, reason: channel.way.reason } : null,
        files: Math.max(0, filesOf(desired?.tree) - pending),
        pending,
        p50: latencies.percentile(0.5),
        p95: latencies.percentile(0.95),
        last,
        drift: drift.list(projectFile),
        verifiedAt,
      };
    },
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
        await look(way, signal);
        drift.clear();
        looking = null;
        // what the folder does not have stays known: it is to be removed, or held
        for (const [path, { type }] of deps.desired()?.tree ?? []) if (type === 'file') applied.delete(path);
        await flush(way, began, true);
        if (state === 'degraded') throw notReached();
      }).finally(schedule),
    resolve: (paths, choice, signal) =>
      exclusively(async () => {
        const chosen = paths.length > 0 ? paths.filter(path => drift.has(path)) : [...drift.paths()];
        if (choice === 'ignore') {
          for (const path of chosen) drift.ignore(path);
          settle();
          return;
        }
        const way = await needed();
        if (choice === 'send') {
          for (const path of chosen) drift.forget(path);
          looking = null;
          await flush(way, performance.now(), true);
          if (state === 'degraded') throw notReached();
          return;
        }
        for (const path of chosen) await fetchTheirs(way, path, signal);
        await deps.rescan('Files were fetched from the container.');
        dirty = null;
        wanted = true;
      }).finally(schedule),
    restart: async signal => endProcess(await exclusively(needed), signal),
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

  /** Their file into the folder; only over the content that the folder was known to have. */
  async function fetchTheirs(way: Channel, path: string, signal: AbortSignal = ending.signal): Promise<void> {
    const desired = deps.desired();
    const relative = contextPath(desired?.rules ?? [], path);
    const is = (await way.read([path], { signal, hash: true })).get(path);
    if (relative === null)
      throw new PtahError('no-place', `${path} belongs to no file of the folder any more.`);
    await fetchInto({
      root: deps.root(),
      file: desired?.sources.get(path) ?? `${deps.context()}/${relative}`,
      expected: desired?.tree.get(path),
      theirs: is,
      bytes: () => way.fetch(path, signal),
    });
    if (is) applied.set(path, is);
    else applied.delete(path);
    tell('drift', `${relative} was fetched from the container.`);
  }

  function projectFile(path: string): string | null {
    const relative = contextPath(deps.desired()?.rules ?? [], path);
    if (relative === null) return null;
    const absolute = `${deps.context()}/${relative}`;
    const base = `${deps.root()}/`;
    return absolute.startsWith(base) ? absolute.slice(base.length) : relative;
  }

  function notReached(): PtahError {
    return new PtahError('sync-degraded', reason ?? 'The container could not be made equal.', {
      ...(hint !== null && { hint }),
    });
  }
}

const failuresOf = (failed: readonly OperationFailure[], moving: boolean): string[] =>
  failed.filter(({ code }) => (code === 'source-changed') === moving).map(({ path }) => path);

const counted = new WeakMap<Tree, number>();
function filesOf(tree: Tree | undefined): number {
  if (!tree) return 0;
  let count = counted.get(tree);
  if (count === undefined) {
    count = 0;
    for (const { type } of tree.values()) if (type !== 'directory') count += 1;
    counted.set(tree, count);
  }
  return count;
}
