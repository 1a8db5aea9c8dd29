import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ContentIndex } from '../../content/index.ts';
import { toPtahError } from '../../errors/index.ts';
import type { Project } from '../../project/index.ts';
import { DirectoryWatches } from './directory-watches.ts';
import type { OpenWatch } from './directory-watches.ts';
import { GitBarrier } from './git-barrier.ts';
import { ImageTree } from './image-tree.ts';
import { createLargeFiles } from './large-files.ts';
import { BULK, Pending } from './pending.ts';
import type { Batch } from './pending.ts';
import { placesOfImages } from './places-of-images.ts';
import { isDirectory, isPassing, newDockerfileTest, sameSource, topmost } from './project-look.ts';
import { readImages } from './read-images.ts';
import { StateTeller } from './state-teller.ts';
import { TIMING } from './timing.ts';
import type { FolderTiming } from './timing.ts';
import type { BuiltContext, FolderChange, FolderState, FolderWatch, LargeRead } from './types.ts';
import type { StagedFile } from '../types.ts';
import { unwatchedState } from './unwatched-state.ts';

export interface FolderWatchDeps {
  /** Reads the project anew. */
  readonly read: () => Promise<Project>;
  readonly index: ContentIndex;
  /** The reference that the folder gives each image now; asked for a moment after changes. */
  readonly references: () => Promise<ReadonlyMap<string, string>>;
  /** What an image was last built from, for `outside`; asked for with every look at everything. */
  readonly built?: (image: string) => Promise<BuiltContext | null>;
  readonly signal: AbortSignal;
  /** Wall clock, milliseconds. */
  readonly clock?: () => number;
  readonly openWatch?: OpenWatch;
  readonly timing?: Partial<FolderTiming>;
}

const LEAP_MILLISECONDS = 5000;
const BARRIER_MILLISECONDS = 25;
/** A Dockerfile that is gone may be one that an editor just replaces. */
const REPLACED_MILLISECONDS = 150;
const MOST_ROUNDS = 20;
const MOST_FRESH = 20;
/** No more than this share of a core goes into polling. */
const POLL_SHARE = 20;
const SAFETY_SHARE = 2000;

/** Watches the folder of a project and keeps the desired tree of each image. Starts at once. */
export function createFolderWatch(deps: FolderWatchDeps): FolderWatch {
  return new Watcher(deps);
}

class Watcher implements FolderWatch {
  readonly ready: Promise<void>;
  readonly #deps: FolderWatchDeps;
  readonly #timing: FolderTiming;
  readonly #clock: () => number;
  readonly #signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #watches: DirectoryWatches;
  readonly #pending = new Pending(() => void this.#run());
  readonly #images = new Map<string, ImageTree>();
  readonly #onChange = new Set<(change: FolderChange) => void>();
  readonly #onLarge = new Set<(read: LargeRead) => readonly StagedFile[]>();
  readonly #state = new StateTeller();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #heartbeat: NodeJS.Timeout;
  #waiting: (() => void)[] = [];
  #project: Project | null = null;
  #isNewDockerfile: (path: string) => boolean = () => false;
  #git: GitBarrier | null = null;
  readonly #large: ReturnType<typeof createLargeFiles>;
  #running: Promise<void> | null = null;
  #again = false;
  #beat: number;
  #lookedAt = 0;
  #lookTook = 0;
  #polledAt = 0;
  #places: ReadonlySet<string> | null = null;
  #referencesTimer: NodeJS.Timeout | null = null;

  constructor(deps: FolderWatchDeps) {
    this.#deps = deps;
    this.#timing = { ...TIMING, ...deps.timing };
    this.#clock = deps.clock ?? Date.now;
    this.#signal = AbortSignal.any([deps.signal, this.#abort.signal]);
    this.#large = createLargeFiles({
      onChanged: (image, since) => {
        this.#emit(new Set([image]), since, false);
        this.#askReferences();
      },
      again: (path, since, milliseconds) => this.#later(milliseconds, () => this.#pending.add(path, since)),
      readers: read => [...this.#onLarge].flatMap(callback => [...callback(read)]),
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
    this.#beat = this.#clock();
    const beats = Math.min(this.#timing.heartbeat, this.#timing.poll);
    this.#heartbeat = setInterval(() => this.#onBeat(beats), beats).unref();
    this.#signal.addEventListener('abort', () => void this.close(), { once: true });
    this.ready = this.#signal.aborted ? this.close() : this.rescan('start');
  }

  readonly trees = (): ReadonlyMap<string, NonNullable<ImageTree['desired']>> =>
    new Map(
      [...this.#images.values()].flatMap(({ name, desired }) => (desired === null ? [] : [[name, desired]])),
    );

  onChange(callback: (change: FolderChange) => void): () => void {
    this.#onChange.add(callback);
    return () => void this.#onChange.delete(callback);
  }

  onLarge(callback: (read: LargeRead) => readonly StagedFile[]): () => void {
    this.#onLarge.add(callback);
    return () => void this.#onLarge.delete(callback);
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
    const changed = await this.#measure();
    this.#emit(changed, performance.now(), false);
  }

  async close(): Promise<void> {
    this.#abort.abort();
    clearInterval(this.#heartbeat);
    if (this.#referencesTimer !== null) clearTimeout(this.#referencesTimer);
    for (const timer of this.#timers) clearTimeout(timer);
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
      this.#later(BARRIER_MILLISECONDS, () => this.#pending.release());
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
      this.#later(this.#timing.missing * 4, () => this.#pending.addEverything());
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
      for (const image of this.#images.values())
        if (image.relative(directory) !== null || image.root.startsWith(`${directory}/`)) wanted.add(image);
    }
    const polled = batch.poll ? topmost(this.#watches.unwatched.keys()) : [];
    for (const image of this.#images.values())
      if (polled.some(directory => image.relative(directory) !== null)) wanted.add(image);
    const changed = new Set<ImageTree>();
    for (const path of batch.paths) {
      readAgain ||= path === this.#project?.configFile;
      if (this.#places?.has(dirname(path)) === true && isDirectory(path))
        mayHoldImage ||= !this.#places.has(path);
      for (const image of this.#images.values()) {
        const relative = image.relative(path);
        if (relative === null) continue;
        const touched = bulk ? 'structure' : image.touch(path);
        if (touched === 'changed') changed.add(image);
        else if (touched === 'later') this.#later(10, () => this.#pending.add(path, batch.since));
        else if (touched === 'large') void this.#large.hash(image, path, batch.since);
        else if (touched === 'structure') {
          wanted.add(image);
          unknown.push(path);
          readAgain ||= image.isControl(relative) && relative !== '.dockerignore';
        }
      }
      readAgain ||= this.#isNewDockerfile(path);
    }
    this.#emit(changed, batch.since, false);
    const everything = readAgain || (bulk && wanted.size > 0);
    if (everything) await this.#readAgain(batch.since, bulk);
    else if (wanted.size > 0 || batch.suspects.size > 0) {
      const narrow = !bulk && batch.suspects.size === 0;
      await this.#look(wanted, batch.since, bulk, narrow ? [...unknown, ...polled] : null);
    }
    // After the folder itself has been told of: reading the project takes longer than all the rest of an edit.
    if (mayHoldImage && !everything) await this.#readAgain(batch.since, bulk);
    if (!bulk) for (const path of unknown) for (const image of this.#images.values()) image.noteIgnored(path);
    if (changed.size > 0 || (wanted.size > 0 && !batch.poll) || readAgain || mayHoldImage)
      this.#askReferences();
  }

  /** Reads the project and its Dockerfiles, then lists every context. */
  async #readAgain(since: number, bulk = false): Promise<void> {
    const started = performance.now();
    const project = await this.#readProject();
    this.#project = project;
    this.#git ??= new GitBarrier(project.root, this.#clock);
    this.#isNewDockerfile = newDockerfileTest(project);
    const sources = await readImages(project, this.#signal);
    const names = new Set(sources.map(({ name }) => name));
    const gone = [...this.#images.keys()].filter(name => !names.has(name));
    let anyNew = false;
    for (const name of gone) this.#images.delete(name);
    for (const source of sources) {
      const known = this.#images.get(source.name);
      if (known === undefined) {
        this.#images.set(source.name, new ImageTree(source, this.#deps.index));
        anyNew = true;
      } else if (!sameSource(known.source, source)) known.source = source;
    }
    await this.#measure();
    // They read all files once more: what is known of an image is enough until its files have gone.
    if (anyNew) await this.#refer(false);
    else this.#askReferences();
    await this.#look(new Set(this.#images.values()), since, bulk);
    this.#lookTook = performance.now() - started;
    if (gone.length > 0) this.#call({ images: gone, since, bulk, paths: new Map() });
  }

  /** Images whose files outside the rules are others, measured anew. */
  async #measure(): Promise<ReadonlySet<ImageTree>> {
    const changed = new Set<ImageTree>();
    for (const image of this.#images.values()) {
      const built = (await this.#deps.built?.(image.name).catch(() => null)) ?? null;
      if (image.measureAgainst(built)) changed.add(image);
    }
    return changed;
  }

  async #readProject(): Promise<Project> {
    const project = await this.#deps.read();
    const names = new Set(project.dockerfiles.map(({ name }) => name));
    if ([...this.#images.keys()].every(name => names.has(name))) return project;
    await delay(REPLACED_MILLISECONDS, undefined, { signal: this.#signal });
    return this.#deps.read();
  }

  /**
   * Lists contexts, or only `paths` of them, until no directory in them is without a watch that was there before it was listed.
   */
  async #look(
    wanted: ReadonlySet<ImageTree>,
    since: number,
    bulk: boolean,
    paths: readonly string[] | null = null,
  ): Promise<void> {
    const started = performance.now();
    let images = wanted;
    let some = paths;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const changed = new Set<ImageTree>();
      let anyDirectory = some === null;
      const news: string[] = [];
      for (const image of images) {
        const own = some?.filter(path => image.relative(path) !== null) ?? null;
        if (own?.length === 0) continue;
        const found = await image.look(this.#signal, own);
        if (found.changed) changed.add(image);
        for (const path of found.again) this.#later(10, () => this.#pending.add(path, since));
        if (found.directories === null) anyDirectory ||= found.added.some(isDirectory);
        else {
          news.push(...found.directories.added);
          for (const directory of found.directories.removed) this.#watches.forget(directory);
        }
        if (some !== null && found.added.some(path => this.#isNewDockerfile(path)))
          this.#later(0, () => this.#pending.addEverything());
      }
      this.#emit(changed, since, bulk);
      if (this.#signal.aborted) break;
      const fresh = anyDirectory ? this.#watch() : this.#watches.add(news);
      if (fresh.length === 0) break;
      images = new Set(this.#images.values());
      some = fresh.length > MOST_FRESH ? null : fresh;
    }
    if (wanted.size === this.#images.size && paths === null) {
      this.#lookedAt = performance.now();
      this.#lookTook = this.#lookedAt - started;
    }
    const missing = [...this.#images.values()].some(
      ({ failure }) => failure !== null && isPassing(failure.code),
    );
    if (missing) this.#later(this.#timing.missing, () => this.#pending.addEverything());
    this.#describe();
  }

  #watch(): readonly string[] {
    const project = this.#project;
    if (project === null) return [];
    const places = placesOfImages(project);
    const directories = new Set([project.root, ...places]);
    for (const image of this.#images.values())
      for (const directory of image.directories()) directories.add(directory);
    // A Dockerfile may have been written before its folder was watched.
    const known = this.#places;
    this.#places = new Set(places);
    if (known !== null && places.some(place => !known.has(place)))
      this.#later(0, () => this.#pending.addEverything());
    return this.#watches.keep(directories, project.root);
  }

  #describe(): void {
    const root = this.#project?.root;
    if (root !== undefined && !existsSync(root))
      return this.#state.failure('The folder of the project is gone.');
    const barrier = this.#state.barrier;
    this.#state.tell({ ...unwatchedState(this.#watches.unwatched), barrier });
  }

  #emit(images: ReadonlySet<ImageTree>, since: number, bulk: boolean): void {
    if (images.size === 0) return;
    const paths = new Map<string, readonly string[]>();
    for (const image of images) {
      paths.set(image.name, image.takeChanged() ?? []);
    }
    this.#call({ images: [...paths.keys()], since, bulk, paths });
  }

  #call(change: FolderChange): void {
    if (this.#signal.aborted) return;
    for (const callback of this.#onChange) callback(change);
  }

  #askReferences(): void {
    if (this.#referencesTimer !== null) clearTimeout(this.#referencesTimer);
    this.#referencesTimer = setTimeout(() => {
      this.#referencesTimer = null;
      void this.#refer(true);
    }, this.#timing.references).unref();
  }

  async #refer(tell: boolean): Promise<void> {
    const references = await this.#deps.references().catch(() => new Map<string, string>());
    if (this.#signal.aborted) return;
    const changed = new Set<ImageTree>();
    for (const [name, reference] of references) {
      const image = this.#images.get(name);
      if (image?.refer(reference) === true) changed.add(image);
    }
    if (tell) this.#emit(changed, performance.now(), false);
  }

  #onBeat(interval: number): void {
    const now = this.#clock();
    const leap = Math.abs(now - this.#beat - interval) > LEAP_MILLISECONDS;
    this.#beat = now;
    if (leap) return void this.rescan('wake');
    const idle = performance.now() - this.#lookedAt;
    if (idle > Math.max(this.#timing.safety, this.#lookTook * SAFETY_SHARE)) {
      this.#lookedAt = performance.now();
      void this.rescan('idle');
    } else if (this.#watches.unwatched.size > 0) this.#poll();
  }

  #poll(): void {
    const pause = Math.max(this.#timing.poll, this.#lookTook * POLL_SHARE);
    if (this.#running !== null || performance.now() - this.#polledAt < pause * 0.9) return;
    this.#polledAt = performance.now();
    this.#pending.addPoll();
  }

  #later(milliseconds: number, action: () => void): void {
    if (this.#signal.aborted) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (!this.#signal.aborted) action();
    }, milliseconds);
    this.#timers.add(timer);
  }
}
