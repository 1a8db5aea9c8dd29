import type { ContextChanges } from '../content/index.ts';
import type { ImageDescription } from '../images/index.ts';
import type { ImageReason, PlannedImage } from './types.ts';
import type { LastBuild, World } from './world.ts';

/** Files that a reason lists; the count is always whole. */
const listedFiles = 100;

/** What to build and why. An image is current when Docker holds its reference with the very digest of the folder. */
export function planImages(world: World): readonly PlannedImage[] {
  const stale = new Set(world.images.filter(image => !isBuilt(world, image)).map(image => image.name));
  return world.images.map(image => {
    const bases = [...new Set(image.dependsOn.map(dependency => dependency.image))];
    const build = stale.has(image.name);
    return {
      name: image.name,
      reference: image.reference,
      tag: image.tag,
      digest: image.digest,
      action: build ? 'build' : 'none',
      reason: build ? reasonToBuild(world, image) : null,
      waitsFor: bases.filter(base => stale.has(base)),
    };
  });
}

function isBuilt(world: World, image: ImageDescription): boolean {
  return world.built.some(built => built.reference === image.reference && built.digest === image.digest);
}

function reasonToBuild(world: World, image: ImageDescription): ImageReason {
  const before = world.lastBuilds.get(image.name);
  const node = world.cluster.nodes.find(({ images }) => images?.some(held => held.digest === image.digest));
  if (node || before?.digest === image.digest)
    return plain(
      'removed-from-docker',
      node
        ? `Docker no longer has ${image.reference}, which ${node.name} holds`
        : `${image.reference} was built before, but Docker no longer has it`,
    );
  if (!before) return isTagTaken(image) ? tagTaken(image) : plain('never-built', 'It was never built here');
  return changed(image, before);
}

function changed(image: ImageDescription, before: LastBuild): ImageReason {
  const files = before.changes ? filesOf(before.changes) : [];
  const dockerfile = dockerfileInContext(image);
  if (before.dockerfileMoved) return plain('dockerfile-changed', `${image.dockerfile} is its Dockerfile now`);
  if (files.length === 1 && files[0] === dockerfile)
    return listing('dockerfile-changed', `${dockerfile} changed`, files);
  if (files.length > 0)
    return listing(
      'files-changed',
      `${files.length} file${files.length === 1 ? '' : 's'} changed: ${few(files)}`,
      files,
    );
  if (before.changedBases.length > 0)
    return plain('base-rebuilt', `It is built on ${before.changedBases.join(' and ')}, which changed`);
  if (before.settingsChanged)
    return plain('settings-changed', 'Its build arguments, target stage or network changed in ptah.yml');
  if (isTagTaken(image)) return tagTaken(image);
  return plain('files-changed', `Its files changed since ${before.reference} was built`);
}

const isTagTaken = (image: ImageDescription) => image.reference !== `${image.name}:${image.tag}`;
const tagTaken = (image: ImageDescription) =>
  plain('other-content-under-tag', `${image.name}:${image.tag} already names an image of other content`);

function plain(code: ImageReason['code'], message: string): ImageReason {
  return { code, message, files: [], fileCount: 0 };
}

function listing(code: ImageReason['code'], message: string, files: readonly string[]): ImageReason {
  return { code, message, files: files.slice(0, listedFiles), fileCount: files.length };
}

function filesOf({ added, changed, removed }: ContextChanges): readonly string[] {
  return [...changed, ...added, ...removed].sort();
}

const few = (files: readonly string[]) =>
  files.length <= 3 ? files.join(', ') : `${files.slice(0, 3).join(', ')} and ${files.length - 3} more`;

/** The Dockerfile's path as the listing of its context has it. */
export function dockerfileInContext(image: Pick<ImageDescription, 'dockerfile' | 'context'>): string {
  return image.context === '.' ? image.dockerfile : image.dockerfile.slice(image.context.length + 1);
}
