import type { ImageDescription } from '../images/index.ts';
import { decideLoads } from '../targets/index.ts';
import type { PlannedImage, PlannedLoad } from './types.ts';
import type { World, WorldNode } from './world.ts';

/**
 * Which node lacks which image. Every image is loaded, as the original does it, but for one that only serves others to
 * be built on: no pod can name it.
 */
export function planLoads(world: World, planned: readonly PlannedImage[]): readonly PlannedLoad[] {
  const named = new Set(
    world.manifests.manifests.flatMap(manifest => manifest.references.map(reference => reference.name)),
  );
  const bases = new Set(world.images.flatMap(image => image.dependsOn.map(({ image }) => image)));
  const wanted = world.images.filter(image => named.has(image.name) || !bases.has(image.name));
  return wanted.flatMap(image => {
    const built = world.built.find(
      ({ reference, digest }) => reference === image.reference && digest === image.digest,
    );
    const rebuilt = planned.some(({ name, action }) => name === image.name && action === 'build');
    return world.cluster.nodes.map(node => ({
      image: image.name,
      reference: image.reference,
      node: node.name,
      ...decide(world, image, node),
      bytes: rebuilt ? null : (built?.size ?? null),
    }));
  });
}

/** The digest says it all: an image that was built again from the same content need not be loaded again. */
function decide(
  world: World,
  { reference, digest }: ImageDescription,
  { name, images }: WorldNode,
): Pick<PlannedLoad, 'action' | 'reason'> {
  if (world.cluster.state === 'missing') return { action: 'load', reason: 'the node is still to be made' };
  if (!images) return { action: 'load', reason: 'the node could not be asked' };
  const [decision] = decideLoads([{ reference, digest, id: null }], [{ node: name, images }]);
  return decision
    ? { action: decision.action, reason: decision.reason }
    : { action: 'load', reason: 'the node does not have it' };
}
