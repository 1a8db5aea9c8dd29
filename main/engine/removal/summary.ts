import type { RemovedItem } from '../deploy/index.ts';

const words: Readonly<Record<string, readonly [one: string, many: string]>> = {
  live: ['running thing', 'running things'],
  objects: ['object', 'objects'],
  'node-images': ['image on a node', 'images on nodes'],
  images: ['image in Docker', 'images in Docker'],
  output: ['folder', 'folders'],
  volumes: ['volume or claim', 'volumes and claims'],
  namespaces: ['namespace or definition', 'namespaces and definitions'],
  cluster: ['cluster', 'clusters'],
};

/** `Removed 3 objects, 2 images in Docker; 1 thing could not be removed`. */
export function summaryOf(removed: readonly RemovedItem[], failed: readonly RemovedItem[]): string {
  const parts = Object.entries(words).flatMap(([group, [one, many]]) => {
    const number = removed.filter(item => item.group === group).length;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : many}`];
  });
  const done = parts.length === 0 ? 'Nothing was removed' : `Removed ${parts.join(', ')}`;
  if (failed.length === 0) return done;
  return `${done}; ${failed.length} ${failed.length === 1 ? 'thing' : 'things'} could not be removed`;
}
