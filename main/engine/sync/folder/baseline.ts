import { loadListing } from '../../content/index.ts';
import type { Home } from '../../home/index.ts';
import { loadCopies } from '../../images/index.ts';
import type { Tree } from '../types.ts';
import { copyTree } from './copied-tree.ts';
import { dockerfileHash } from './read-images.ts';
import type { BuiltContext } from './types.ts';

/**
 * The files that the build of an image put into it, by the image's strict digest: what a new container of it has wherever nothing was changed
 * since. Null when that build was not ours, or is too long ago.
 */
export async function baselineOf(
  home: Pick<Home, 'cache'>,
  project: string,
  image: string,
  digest: string,
): Promise<Tree | null> {
  const [listing, copies] = await Promise.all([
    loadListing(home, digest, project),
    loadCopies(home, project, image, digest),
  ]);
  if (listing === null || copies === null) return null;
  return copyTree(new Map(listing.entries.map(entry => [entry.path, entry])), copies.rules).tree;
}

/** The context and the Dockerfile that an image was built from; null when they are not known. */
export async function builtOf(
  home: Pick<Home, 'cache'>,
  project: string,
  image: string,
  digest: string,
): Promise<BuiltContext | null> {
  const [listing, copies] = await Promise.all([
    loadListing(home, digest, project),
    loadCopies(home, project, image, digest),
  ]);
  if (listing === null || copies === null) return null;
  return {
    entries: new Map(listing.entries.map(entry => [entry.path, entry])),
    dockerfile: dockerfileHash(copies.dockerfile),
    rules: copies.rules,
  };
}
