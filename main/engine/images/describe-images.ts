import { createContentIndex } from '../content/index.ts';
import type { ContentIndex } from '../content/index.ts';
import { inheritedFrom, resolveCopyRules } from '../dockerfile/index.ts';
import type { Inherited } from '../dockerfile/index.ts';
import type { Problem } from '../errors/index.ts';
import { cycleProblem, findCycles } from './build-order.ts';
import { readImage, sameProblem } from './read-image.ts';
import type { DescribedProject, ReadImage } from './read-image.ts';
import { strictDigest } from './strict-digest.ts';
import type { ImageDescription } from './types.ts';

export interface DescribeImagesOptions {
  /** Makes a second look cheap. */
  readonly index?: ContentIndex;
  readonly signal?: AbortSignal;
}

/** Every image of the project as the folder describes it now, a broken one with its problems. Needs no Docker. */
export async function describeImages(
  project: DescribedProject,
  options: DescribeImagesOptions = {},
): Promise<readonly ImageDescription[]> {
  const index = options.index ?? createContentIndex();
  const read: ReadImage[] = [];
  for (const match of project.dockerfiles) {
    options.signal?.throwIfAborted();
    read.push(await readImage(project, match, index, options.signal));
  }
  const byName = new Map(read.map(image => [image.match.name, image]));
  const bases = new InheritedBases(byName);
  const digests = new Digests(byName);
  const cycles = findCycles(read.map(dependent));
  return read.map(image => {
    const { match, model, text, listing, settings } = image;
    const problems = [...image.problems, ...unknownImages(image, byName)];
    for (const cycle of cycles) {
      const at = cycle.findIndex(({ name }) => name === match.name);
      if (at !== -1) problems.push(cycleProblem(cycle, at));
    }
    const copies =
      text === null || listing === null
        ? null
        : resolveCopyRules(text, { ...settings, entries: listing.entries, bases: bases.of(image) });
    problems.push(
      ...(copies?.problems ?? []).filter(problem => !problems.some(each => sameProblem(each, problem))),
    );
    const tag = image.hash.slice(0, 7);
    return {
      name: match.name,
      dockerfile: match.dockerfile,
      context: match.context,
      tag,
      reference: tag === '' ? '' : `${match.name}:${tag}`,
      hash: image.hash,
      digest: digests.of(match.name),
      algorithm: project.config.tagAlgorithm,
      copies: copies?.rules ?? [],
      dependsOn: model.dependencies,
      args: settings.args,
      target: settings.target,
      network: settings.network,
      needs: model.needs,
      problems: problems.map(problem => ({ file: match.dockerfile, ...problem })),
    };
  });
}

function dependent({ match, model }: ReadImage): Pick<ImageDescription, 'name' | 'dockerfile' | 'dependsOn'> {
  return { name: match.name, dockerfile: match.dockerfile, dependsOn: model.dependencies };
}

function unknownImages({ model }: ReadImage, images: ReadonlyMap<string, ReadImage>): readonly Problem[] {
  return model.dependencies
    .filter(({ image }) => !images.has(image))
    .map(({ image, line, column }) => ({
      code: 'unknown-image',
      severity: 'error' as const,
      message: `No image of the project is called "${image}".`,
      hint: `Its images: ${[...images.keys()].slice(0, 20).join(', ')}.`,
      line,
      column,
    }));
}

/** Working directory and variables that images hand down, as far as the Dockerfiles of the project say. */
class InheritedBases {
  readonly #images: ReadonlyMap<string, ReadImage>;
  readonly #known = new Map<string, Inherited | null>();

  constructor(images: ReadonlyMap<string, ReadImage>) {
    this.#images = images;
  }

  /** What the images that this one is `FROM` hand to it. */
  of({ model }: ReadImage): ReadonlyMap<string, Inherited> {
    const bases = new Map<string, Inherited>();
    for (const { image, via } of model.dependencies) {
      const inherited = via === 'FROM' ? this.#from(image) : null;
      if (inherited !== null) bases.set(image, inherited);
    }
    return bases;
  }

  #from(name: string): Inherited | null {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    // Images of a circle hand nothing down.
    this.#known.set(name, null);
    const image = this.#images.get(name);
    if (image === undefined || image.text === null) return null;
    const inherited = inheritedFrom(image.text, { ...image.settings, bases: this.of(image) });
    this.#known.set(name, inherited);
    return inherited;
  }
}

/** Strict digests; an image's own holds those of the images that it needs. */
class Digests {
  readonly #images: ReadonlyMap<string, ReadImage>;
  readonly #known = new Map<string, string>();

  constructor(images: ReadonlyMap<string, ReadImage>) {
    this.#images = images;
  }

  of(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    this.#known.set(name, '');
    const image = this.#images.get(name);
    if (image === undefined || image.text === null || image.listing === null) return '';
    const digest = strictDigest({
      ...image.settings,
      context: image.listing.digest,
      dockerfile: image.text,
      dependencies: new Map(image.model.dependencies.map(({ image: needed }) => [needed, this.of(needed)])),
    });
    this.#known.set(name, digest);
    return digest;
  }
}
