import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { toPtahError } from '../../errors/index.ts';
import { ChangeTeller } from './change-teller.ts';
import { ContextLooks } from './context-looks.ts';
import { DirectoryWatches } from './directory-watches.ts';
import type { OpenWatch } from './directory-watches.ts';
import { GitBarrier } from './git-barrier.ts';
import { Heartbeat } from './heartbeat.ts';
import { ImageSet } from './image-set.ts';
import type { ImageSetDeps } from './image-set.ts';
import type { ImageTree } from './image-tree.ts';
import { createLargeFiles } from './large-files.ts';
import { BULK, Pending } from './pending.ts';
import type { Batch } from './pending.ts';
import { isPassing, topmost } from './project-look.ts';
import { StateTeller } from './state-teller.ts';
import { Timers } from './timers.ts';
import { TIMING } from './timing.ts';
import type { FolderTiming } from './timing.ts';
import type { FolderChange, FolderState, FolderWatch, LargeRead } from './types.ts';
import type { DesiredTree, StagedFile } from '../types.ts';
import { unwatchedState } from './unwatched-state.ts';

export interface FolderWatchDeps extends ImageSetDeps {
  readonly signal: AbortSignal;
  /** Wall clock, milliseconds. */
  readonly clock?: () => number;
  readonly openWatch?: OpenWatch;
  readonly timing?: Partial<FolderTiming>;
}

const BARRIER_MILLISECONDS = 25;
/** Until a path that was met half-written is looked at again. */
const HALF_MILLISECONDS = 10;

/** Watches the folder of a project and keeps the desired tree of each image. Starts at once. */
export function createFolderWatch(deps: FolderWatchDeps): FolderWatch {
  return new Watcher(deps);
}

class Watcher implements FolderWatch {
  readonly ready: Promise<void>;
  readonly #timing: FolderTiming;
  readonly #clock: () => number;
  readonly #signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #watches: DirectoryWatches;
  readonly #pending = new Pending(() => void this.#run());
  readonly #images: ImageSet;
  readonly #looks: ContextLooks;
  readonly #teller: ChangeTeller;
  readonly #state = new StateTeller();
  readonly #timers = new Timers();
  readonly #heartbeat: Heartbeat;
  readonly #large: ReturnType<typeof createLargeFiles>;
  #waiting: (() => void)[] = [];
  #git: GitBarrier | null = null;
  #running: Promise<void> | null = null;
  #again = false;
  #referencesTimer: NodeJS.Timeout | null = null;

  constructor(deps: FolderWatchDeps) {
    this.#timing = { ...TIMING, ...deps.timing };
    this.#clock = deps.clock ?? Date.now;
    this.#signal = AbortSignal.any([deps.signal, this.#abort.signal]);
    this.#images = new ImageSet(deps, this.#signal);
    this.#teller = new ChangeTeller(this.#signal);
    const again = (path: string, since: number, milliseconds: number): void =>
      this.#timers.later(milliseconds, () => this.#pending.add(path, since));
    this.#large = createLargeFiles({
      onChanged: (image, since) => {
        this.#teller.changed(new Set([image]), since, false);
        this.#askReferences();
      },
      again,
      readers: read => this.#teller.readersOf(read),
      signal: this.#signal,
    });
    this.#watches = new DirectoryWatches(
      {
        onPath: path => this.#pending.add(path),
        onMoved: directory => this.#pending.suspect(directory),
        onLost: directory => this.#pending.suspect(directory),
      },
      deps.openWatch,
    );
    this.#looks = new ContextLooks({
      images: this.#images,
      watches: this.#watches,
      onChanged: (images, since, bulk) => this.#teller.changed(images, since, bulk),
      again: (path, since) => again(path, since, HALF_MILLISECONDS),
      readAgain: () => this.#timers.later(0, () => this.#pending.addEverything()),
      signal: this.#signal,
    });
    this.#heartbeat = new Heartbeat({
      timing: this.#timing,
      clock: this.#clock,
      rescan: reason => void this.rescan(reason),
      isBlind: () => this.#watches.unwatched.size > 0,
      isBusy: () => this.#running !== null,
      poll: () => this.#pending.addPoll(),
    });
    this.#signal.addEventListener('abort', () => void this.close(), { once: true });
    this.ready = this.#signal.aborted ? this.close() : this.rescan('start');
  }

  readonly trees = (): ReadonlyMap<string, DesiredTree> =>
    new Map([...this.#images].flatMap(({ name, desired }) => (desired === null ? [] : [[name, desired]])));

  onChange(callback: (change: FolderChange) => void): () => void {
    return this.#teller.onChange(callback);
  }

  onLarge(callback: (read: LargeRead) => readonly StagedFile[]): () => void {
    return this.#teller.onLarge(callback);
  }

  onState(callback: (state: FolderState) => void): () => void {
    return this.#state.onState(callback);
  }

  rescan(_reason: string): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    this.#watches.retry();
    return new Promise(resolve => {
      this.#waiting.push(resolve);
      this.#pending.addEverything();
    });
  }

  async remeasure(): Promise<void> {
    this.#teller.changed(await this.#images.measure(), performance.now(), false);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.#heartbeat.close();
    if (this.#referencesTimer !== null) clearTimeout(this.#referencesTimer);
    this.#timers.close();
    this.#pending.close();
    this.#watches.close();
    await this.#running;
    this.#watches.close();
    this.#finish();
  }

  #finish(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #run(): Promise<void> {
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    const running = this.#flush().finally(() => {
      this.#running = null;
      if (this.#again && !this.#pending.isEmpty && !this.#signal.aborted) void this.#run();
      this.#again = false;
    });
    this.#running = running;
    return running;
  }

  async #flush(): Promise<void> {
    if (this.#signal.aborted || this.#pending.isEmpty) return;
    const barrier = this.#git?.check() ?? null;
    if (barrier !== null) {
      this.#state.hold(barrier);
      this.#pending.hold();
      this.#timers.later(BARRIER_MILLISECONDS, () => this.#pending.release());
      return;
    }
    this.#state.hold(null);
    const batch = this.#pending.take();
    try {
      await this.#process(batch);
    } catch (error) {
      if (this.#signal.aborted) return;
      // Whatever it was, the next look may do better, and this one must not be the last.
      this.#state.failure(toPtahError(error).message);
      this.#timers.later(this.#timing.missing * 4, () => this.#pending.addEverything());
    } finally {
      if (batch.everything) this.#finish();
    }
  }

  async #process(batch: Batch): Promise<void> {
    if (batch.everything) return this.#readAgain(batch.since);
    const wanted = new Set<ImageTree>();
    const unknown: string[] = [];
    let readAgain = false;
    let mayHoldImage = false;
    const bulk = batch.paths.size > BULK;
    for (const directory of batch.suspects) {
      this.#watches.forget(directory);
      for (const image of this.#images)
        if (image.relative(directory) !== null || image.root.startsWith(`${directory}/`)) wanted.add(image);
    }
    const polled = batch.poll ? topmost(this.#watches.unwatched.keys()) : [];
    for (const image of this.#images)
      if (polled.some(directory => image.relative(directory) !== null)) wanted.add(image);
    const changed = new Set<ImageTree>();
    for (const path of batch.paths) {
      readAgain ||= path === this.#images.project?.configFile;
      mayHoldImage ||= this.#looks.mayHoldImage(path, dirname(path));
      for (const image of this.#images) {
        const relative = image.relative(path);
        if (relative === null) continue;
        const touched = bulk ? 'structure' : image.touch(path);
        if (touched === 'changed') changed.add(image);
        else if (touched === 'later')
          this.#timers.later(HALF_MILLISECONDS, () => this.#pending.add(path, batch.since));
        else if (touched === 'large') void this.#large.hash(image, path, batch.since);
        else if (touched === 'structure') {
          wanted.add(image);
          unknown.push(path);
          readAgain ||= image.isControl(relative) && relative !== '.dockerignore';
        }
      }
      readAgain ||= this.#images.isNewDockerfile(path);
    }
    this.#teller.changed(changed, batch.since, false);
    const everything = readAgain || (bulk && wanted.size > 0);
    if (everything) await this.#readAgain(batch.since, bulk);
    else if (wanted.size > 0 || batch.suspects.size > 0) {
      const narrow = !bulk && batch.suspects.size === 0;
      await this.#look(wanted, batch.since, bulk, narrow ? [...unknown, ...polled] : null);
    }
    // After the folder itself has been told of: reading the project takes longer than all the rest of an edit.
    if (mayHoldImage && !everything) await this.#readAgain(batch.since, bulk);
    if (!bulk) for (const path of unknown) for (const image of this.#images) image.noteIgnored(path);
    if (changed.size > 0 || (wanted.size > 0 && !batch.poll) || readAgain || mayHoldImage)
      this.#askReferences();
  }

  /** Reads the project and its Dockerfiles, then lists every context. */
  async #readAgain(since: number, bulk = false): Promise<void> {
    const started = performance.now();
    const project = await this.#images.readProject();
    this.#git ??= new GitBarrier(project.root, this.#clock);
    const { gone, anyNew } = await this.#images.readDockerfiles(project);
    await this.#images.measure();
    // They read all files once more: what is known of an image is enough until its files have gone.
    if (anyNew) await this.#images.refer();
    else this.#askReferences();
    await this.#look(new Set(this.#images), since, bulk);
    this.#heartbeat.looked(started);
    this.#teller.gone(gone, since, bulk);
  }

  /** Lists contexts, or only `paths` of them. */
  async #look(
    wanted: ReadonlySet<ImageTree>,
    since: number,
    bulk: boolean,
    paths: readonly string[] | null = null,
  ): Promise<void> {
    const started = performance.now();
    await this.#looks.look(wanted, since, bulk, paths);
    if (wanted.size === this.#images.size && paths === null) this.#heartbeat.looked(started);
    const missing = [...this.#images].some(({ failure }) => failure !== null && isPassing(failure.code));
    if (missing) this.#timers.later(this.#timing.missing, () => this.#pending.addEverything());
    this.#describe();
  }

  #describe(): void {
    const root = this.#images.project?.root;
    if (root !== undefined && !existsSync(root))
      return this.#state.failure('The folder of the project is gone.');
    const barrier = this.#state.barrier;
    this.#state.tell({ ...unwatchedState(this.#watches.unwatched), barrier });
  }

  #askReferences(): void {
    if (this.#referencesTimer !== null) clearTimeout(this.#referencesTimer);
    this.#referencesTimer = setTimeout(() => {
      this.#referencesTimer = null;
      void this.#images.refer().then(changed => this.#teller.changed(changed, performance.now(), false));
    }, this.#timing.references).unref();
  }
}
