import type { Source } from './source.ts';
import type { PatternNode, RepeatMode } from './syntax.ts';

const MOST_REPEATS = 4294967295;
export const REPEATS: Readonly<Record<string, readonly [number, number]>> = {
  '?': [0, 1],
  '*': [0, Infinity],
  '+': [1, Infinity],
};

/** After `{`: the bounds, null where it is no repeat but a brace. */
export function readBounds(source: Source): readonly [number, number] | null {
  const start = source.position;
  if (source.peek() === '}') return null;
  const low = source.takeWhile(/[0-9]/);
  const high = source.take(',') ? source.takeWhile(/[0-9]/) : low;
  if (!source.take('}')) {
    source.position = start;
    return null;
  }
  const min = low === '' ? 0 : Number(low);
  const max = high === '' ? Infinity : Number(high);
  if (min >= MOST_REPEATS || (max !== Infinity && max >= MOST_REPEATS))
    throw source.error('the repetition number is too large', start);
  if (max < min) throw source.error('min repeat greater than max repeat', start);
  return [min, max];
}

/** What `*`, `+`, `?` and `{…}` make of what stands before them. */
export function repeatOf(
  source: Source,
  item: PatternNode | undefined,
  [min, max]: readonly [number, number],
  position: number,
): PatternNode {
  if (item === undefined || item.kind === 'place') throw source.error('nothing to repeat', position);
  if (item.kind === 'repeat') throw source.error('multiple repeat', position);
  const mode: RepeatMode = source.take('?') ? 'lazy' : source.take('+') ? 'possessive' : 'greedy';
  return { kind: 'repeat', body: item, min, max, mode };
}
