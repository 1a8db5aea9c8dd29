import type { PatternNode } from './syntax.ts';

/** How many characters the node always matches; null where that varies. */
export function fixedWidth(node: PatternNode, groups: ReadonlyMap<number, PatternNode>): number | null {
  const [least, most] = widths(node, groups);
  return least === most ? least : null;
}

function widths(node: PatternNode, groups: ReadonlyMap<number, PatternNode>): readonly [number, number] {
  switch (node.kind) {
    case 'character':
      return [1, 1];
    case 'place':
    case 'look':
      return [0, 0];
    case 'group':
    case 'atomic':
      return widths(node.body, groups);
    case 'sequence':
      return node.items
        .map(item => widths(item, groups))
        .reduce<readonly [number, number]>(([a, b], [c, d]) => [a + c, b + d], [0, 0]);
    case 'choice':
      return either(node.branches.map(branch => widths(branch, groups)));
    case 'condition':
      return either([widths(node.yes, groups), widths(node.no, groups)]);
    case 'reference': {
      const body = groups.get(node.index);
      return body === undefined ? [0, Infinity] : widths(body, groups);
    }
    case 'repeat':
    default: {
      const [least, most] = widths(node.body, groups);
      return [least * node.min, most === 0 ? 0 : most * node.max];
    }
  }
}

function either(all: readonly (readonly [number, number])[]): readonly [number, number] {
  return [Math.min(...all.map(([least]) => least)), Math.max(...all.map(([, most]) => most))];
}
