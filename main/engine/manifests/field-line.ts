import { LineCounter, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import type { ManifestObject } from './types.ts';

type Step = string | number | Readonly<Record<string, string>>;

/**
 * The line of a field that the API server names, such as `spec.ports[0].port` or `.spec.containers[name="app"].imag`: that of
 * the deepest part that the manifest has. A field that is missing is missing there.
 */
export function lineOfField(
  { rewritten, line }: Pick<ManifestObject, 'rewritten' | 'line'>,
  field: string,
): number {
  const lines = new LineCounter();
  const { contents } = parseDocument(rewritten, {
    lineCounter: lines,
    logLevel: 'silent',
    uniqueKeys: false,
  });
  const top = contents?.range?.[0];
  if (top === undefined) return line;
  let node: unknown = contents;
  let offset = top;
  for (const step of stepsOf(field)) {
    const [next, at] = below(node, step);
    if (at === undefined) break;
    [node, offset] = [next, at];
  }
  return line + lines.linePos(offset).line - lines.linePos(top).line;
}

/** The value under a step, and where its key or item begins. */
function below(node: unknown, step: Step): readonly [unknown, number | undefined] {
  if (typeof step === 'string') {
    const pair = isMap(node)
      ? node.items.find(({ key }) => isScalar(key) && String(key.value) === step)
      : undefined;
    return [pair?.value, startOf(pair?.key)];
  }
  if (!isSeq(node)) return [undefined, undefined];
  const item =
    typeof step === 'number'
      ? node.items[step]
      : node.items.find(
          each =>
            isMap(each) && Object.entries(step).every(([key, value]) => String(each.get(key)) === value),
        );
  return [item, startOf(item)];
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);

function stepsOf(field: string): Step[] {
  return [...field.matchAll(/\[([^\]]*)\]|[^.[\]]+/g)].map(([whole, inside]) => {
    if (inside === undefined) return whole;
    if (/^\d+$/.test(inside)) return Number(inside);
    const keys = [...inside.matchAll(/([\w-]+)="?([^",]*)"?/g)].map(
      ([, key = '', value = '']) => [key, value] as const,
    );
    return Object.fromEntries(keys);
  });
}
