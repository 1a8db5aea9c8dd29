import { setTimeout as delay } from 'node:timers/promises';
import type { ContentIndex } from '../../content/index.ts';
import type { Project } from '../../project/index.ts';
import { ImageTree } from './image-tree.ts';
import { newDockerfileTest, sameSource } from './project-look.ts';
import { readImages } from './read-images.ts';
import type { BuiltContext } from './types.ts';

export interface ImageSetDeps {
  /** Reads the project anew. */
  readonly read: () => Promise<Project>;
  readonly index: ContentIndex;
  /** The reference that the folder gives each image now; asked for a moment after changes. */
  readonly references: () => Promise<ReadonlyMap<string, string>>;
  /** What an image was last built from, for `outside`; asked for with every look at everything. */
  readonly built?: (image: string) => Promise<BuiltContext | null>;
}

/** A Dockerfile that is gone may be one that an editor just replaces. */
const REPLACED_MILLISECONDS = 150;

/** The images of a project, each with its tree, as `ptah.yml` and the Dockerfiles name them. */
export class ImageSet {
  readonly #deps: ImageSetDeps;
  readonly #signal: AbortSignal;
  readonly #trees = new Map<string, ImageTree>();
  project: Project | null = null;
  #isNewDockerfile: (path: string) => boolean = () => false;

  constructor(deps: ImageSetDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
  }

  get size(): number {
    return this.#trees.size;
  }

  [Symbol.iterator](): Iterator<ImageTree> {
    return this.#trees.values();
  }

  /** Whether a path is a Dockerfile that the project does not have yet. */
  isNewDockerfile(path: string): boolean {
    return this.#isNewDockerfile(path);
  }

  /** Reads the project anew, twice where it seems to lack an image. */
  async readProject(): Promise<Project> {
    let project = await this.#deps.read();
    const names = new Set(project.dockerfiles.map(({ name }) => name));
    if (![...this.#trees.keys()].every(name => names.has(name))) {
      await delay(REPLACED_MILLISECONDS, undefined, { signal: this.#signal });
      project = await this.#deps.read();
    }
    this.project = project;
    this.#isNewDockerfile = newDockerfileTest(project);
    return project;
  }

  /** Reads the Dockerfiles of the project: its images are those from then on. */
  async readDockerfiles(
    project: Project,
  ): Promise<{ readonly gone: readonly string[]; readonly anyNew: boolean }> {
    const sources = await readImages(project, this.#signal);
    const names = new Set(sources.map(({ name }) => name));
    const gone = [...this.#trees.keys()].filter(name => !names.has(name));
    let anyNew = false;
    for (const name of gone) this.#trees.delete(name);
    for (const source of sources) {
      const known = this.#trees.get(source.name);
      if (known === undefined) {
        this.#trees.set(source.name, new ImageTree(source, this.#deps.index));
        anyNew = true;
      } else if (!sameSource(known.source, source)) known.source = source;
    }
    return { gone, anyNew };
  }

  /** Compares each image anew with what it was built from; gives those whose files outside the rules are others. */
  async measure(): Promise<ReadonlySet<ImageTree>> {
    const changed = new Set<ImageTree>();
    for (const image of this) {
      const built = (await this.#deps.built?.(image.name).catch(() => null)) ?? null;
      if (image.measureAgainst(built)) changed.add(image);
    }
    return changed;
  }

  /** Asks for the references anew; gives the images that have another. */
  async refer(): Promise<ReadonlySet<ImageTree>> {
    const references = await this.#deps.references().catch(() => new Map<string, string>());
    const changed = new Set<ImageTree>();
    if (this.#signal.aborted) return changed;
    for (const [name, reference] of references) {
      const image = this.#trees.get(name);
      if (image?.refer(reference) === true) changed.add(image);
    }
    return changed;
  }
}
