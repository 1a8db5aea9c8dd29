import type { DockerfileMatch } from '../types.ts';
import { asImageName } from '../image-name.ts';
import type { ImageUse } from './folder-survey.ts';

/** What an `image:` of a manifest means. */
export type ImageMeaning =
  | { readonly kind: 'ours'; readonly name: string; readonly why: string }
  | { readonly kind: 'already'; readonly name: string }
  | { readonly kind: 'foreign'; readonly why: string }
  | { readonly kind: 'unclear'; readonly why: string };

/** Decides for every image that manifests name whether a Dockerfile of the folder builds it. */
export function matchImages(
  uses: readonly ImageUse[],
  dockerfiles: readonly DockerfileMatch[],
): ReadonlyMap<ImageUse, ImageMeaning> {
  const meanings = new Map<ImageUse, ImageMeaning>();
  for (const use of uses) meanings.set(use, byName(use, dockerfiles));
  // One image that must be on the node already, one Dockerfile that nothing names: they belong together.
  const taken = new Set(
    [...meanings.values()].flatMap(meaning =>
      meaning.kind === 'ours' || meaning.kind === 'already' ? [meaning.name] : [],
    ),
  );
  const free = dockerfiles.filter(({ name }) => !taken.has(name));
  const waiting = [...meanings]
    .filter(([use, meaning]) => meaning.kind === 'unclear' && use.pullPolicy === 'Never')
    .map(([use]) => use);
  const [only] = free;
  if (
    free.length === 1 &&
    only !== undefined &&
    new Set(waiting.map(use => repositoryOf(use.image))).size === 1
  ) {
    const why = `it is never pulled (imagePullPolicy: Never), and “${only.dockerfile}” is the one Dockerfile that no other image means`;
    for (const use of waiting) meanings.set(use, { kind: 'ours', name: only.name, why });
  }
  return meanings;
}

function byName(use: ImageUse, dockerfiles: readonly DockerfileMatch[]): ImageMeaning {
  const { image } = use;
  if (image.startsWith('ptah://')) return { kind: 'already', name: image.slice('ptah://'.length) };
  if (image.includes('@')) return { kind: 'foreign', why: 'it is pinned to a digest' };
  const repository = repositoryOf(image);
  const exact = dockerfiles.find(({ name }) => name === repository);
  if (exact !== undefined)
    return { kind: 'ours', name: exact.name, why: `“${exact.dockerfile}” builds an image of this name` };
  const last = repository.split('/').at(-1) ?? repository;
  const alike = dockerfiles.filter(
    ({ name }) =>
      sameName(name, repository) || sameName(name, last) || sameName(name.split('/').at(-1) ?? name, last),
  );
  const [first] = alike;
  if (alike.length === 1 && first !== undefined)
    return { kind: 'ours', name: first.name, why: `its name is that of “${first.dockerfile}”` };
  if (alike.length > 1)
    return {
      kind: 'unclear',
      why: `${alike.map(({ dockerfile }) => `“${dockerfile}”`).join(' and ')} could both build it`,
    };
  if (use.pullPolicy === 'Never')
    return {
      kind: 'unclear',
      why: 'it is never pulled (imagePullPolicy: Never), but no Dockerfile here has its name',
    };
  return { kind: 'foreign', why: 'no Dockerfile here has its name' };
}

/** The name without tag: `registry:5000/team/api:1.0` → `registry:5000/team/api`. */
function repositoryOf(image: string): string {
  const colon = image.lastIndexOf(':');
  return colon > image.lastIndexOf('/') ? image.slice(0, colon) : image;
}

function sameName(left: string, right: string): boolean {
  const plain = (name: string): string => (asImageName(name) ?? name).replaceAll(/[._-]+/g, '-');
  return plain(left) === plain(right);
}
