import type { Node, NodeImage } from '../types.ts';
import { normaliseReference } from '../image-name.ts';
import { ctr, listNodeImages } from './node-images.ts';

/** The records that stand for these names: the CRI's own record of an image goes too, unless another name still means that image. */
export function recordsOf(names: readonly string[], held: readonly NodeImage[]): readonly string[] {
  return names.flatMap(name => {
    const there = held.find(({ reference }) => reference === name);
    if (!there) return [];
    const shared = held.some(
      ({ reference, target }) => target === there.target && !names.includes(reference),
    );
    return shared || there.id === there.target ? [name] : [name, there.id];
  });
}

/** Takes images off a node. Those that are still there afterwards are given back, with what the node said. */
export async function forgetNodeImages(
  node: Node,
  references: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const names = references.map(normaliseReference);
  const records = recordsOf(names, await listNodeImages(node, { signal }));
  if (records.length === 0) return new Map();
  const { stderr } = await node.exec([...ctr, 'images', 'rm', ...records], { signal, allowFailure: true });
  const left = new Set((await listNodeImages(node, { signal })).map(({ reference }) => reference));
  const said = stderr.trim().split('\n').at(-1) || 'the node keeps it';
  return new Map(
    references.filter(reference => left.has(normaliseReference(reference))).map(name => [name, said]),
  );
}
