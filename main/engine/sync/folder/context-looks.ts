import type { DirectoryWatches } from './directory-watches.ts';
import type { ImageSet } from './image-set.ts';
import type { ImageTree } from './image-tree.ts';
import { placesOfImages } from './places-of-images.ts';
import { isDirectory } from './project-look.ts';

const MOST_ROUNDS = 20;
const MOST_FRESH = 20;

interface ContextLooksDeps {
  readonly images: ImageSet;
  readonly watches: DirectoryWatches;
  readonly onChanged: (images: ReadonlySet<ImageTree>, since: number, bulk: boolean) => void;
  /** A path has to be looked at again in a moment. */
  readonly again: (path: string, since: number) => void;
  /** The project has to be read again: it may have another image. */
  readonly readAgain: () => void;
  readonly signal: AbortSignal;
}

/** Lists contexts, and keeps a watch on each of their directories. */
export class ContextLooks {
  readonly #deps: ContextLooksDeps;
  /** Where an image may come to be; null as long as nothing is watched. */
  #places: ReadonlySet<string> | null = null;

  constructor(deps: ContextLooksDeps) {
    this.#deps = deps;
  }

  /** Whether a path is a new directory where an image may come to be. */
  mayHoldImage(path: string, parent: string): boolean {
    return this.#places?.has(parent) === true && isDirectory(path) && !this.#places.has(path);
  }

  /**
   * Lists contexts, or only `paths` of them, until no directory in them is without a watch that was there before it was listed.
   */
  async look(
    wanted: ReadonlySet<ImageTree>,
    since: number,
    bulk: boolean,
    paths: readonly string[] | null = null,
  ): Promise<void> {
    const { images: all, onChanged, signal } = this.#deps;
    let images = wanted;
    let some = paths;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const found = await this.#lookOnce(images, since, some);
      onChanged(found.changed, since, bulk);
      if (signal.aborted) break;
      const fresh = found.directories === null ? this.#watch() : this.#deps.watches.add(found.directories);
      if (fresh.length === 0) break;
      images = new Set(all);
      some = fresh.length > MOST_FRESH ? null : fresh;
    }
  }

  /** Images whose tree is another one, and the directories that are new; null where all have to be gone through. */
  async #lookOnce(
    images: ReadonlySet<ImageTree>,
    since: number,
    some: readonly string[] | null,
  ): Promise<{ readonly changed: ReadonlySet<ImageTree>; readonly directories: readonly string[] | null }> {
    const { images: all, watches, again, readAgain, signal } = this.#deps;
    const changed = new Set<ImageTree>();
    let anyDirectory = some === null;
    const news: string[] = [];
    for (const image of images) {
      const own = some?.filter(path => image.relative(path) !== null) ?? null;
      if (own?.length === 0) continue;
      const found = await image.look(signal, own);
      if (found.changed) changed.add(image);
      for (const path of found.again) again(path, since);
      if (found.directories === null) anyDirectory ||= found.added.some(isDirectory);
      else {
        news.push(...found.directories.added);
        for (const directory of found.directories.removed) watches.forget(directory);
      }
      if (some !== null && found.added.some(path => all.isNewDockerfile(path))) readAgain();
    }
    return { changed, directories: anyDirectory ? null : news };
  }

  #watch(): readonly string[] {
    const { images, watches, readAgain } = this.#deps;
    const { project } = images;
    if (project === null) return [];
    const places = placesOfImages(project);
    const directories = new Set([project.root, ...places]);
    for (const image of images) for (const directory of image.directories()) directories.add(directory);
    // A Dockerfile may have been written before its folder was watched.
    const known = this.#places;
    this.#places = new Set(places);
    if (known !== null && places.some(place => !known.has(place))) readAgain();
    return watches.keep(directories, project.root);
  }
}
