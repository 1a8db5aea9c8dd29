import { normaliseReference } from './image-name.ts';
import type { HeldImages, LoadDecision, NodeImage, WantedImage } from './types.ts';

/** For each image and each node: is it there with this very content, and if not, why not. Pure. */
export function decideLoads(
  images: readonly WantedImage[],
  nodes: readonly HeldImages[],
): readonly LoadDecision[] {
  return images.flatMap(image =>
    nodes.map(({ node, images: held }): LoadDecision => {
      const name = normaliseReference(image.reference);
      const there = held.find(({ reference }) => reference === name);
      const reason = reasonToLoad(image, there);
      return reason === null
        ? { node, reference: image.reference, action: 'none', reason: 'the node has it' }
        : { node, reference: image.reference, action: 'load', reason };
    }),
  );
}

function reasonToLoad(image: WantedImage, there: NodeImage | undefined): string | null {
  if (!there) return 'the node does not have it';
  // A name alone proves nothing: others may have loaded something else under it.
  if (there.digest === null && image.id !== null && there.ids?.includes(image.id)) return null;
  if (there.digest === null) return 'the node has this name with a content that we did not load';
  if (there.digest !== image.digest) return 'the node has an older content under this name';
  if (image.id !== null && there.dockerId !== image.id) return 'it was built again since the node got it';
  return null;
}
