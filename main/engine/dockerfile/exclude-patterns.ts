import { posix } from 'node:path';
import { globExpression } from './glob.ts';

interface ExcludePattern {
  readonly negated: boolean;
  readonly expression: RegExp;
}

const known = new WeakMap<readonly string[], readonly ExcludePattern[]>();

/**
 * Whether the `--exclude` patterns of a `COPY` hide a path, given relative to the source: the last that matches the path or a
 * parent of it decides, `!` brings back, and a leading `/` matches nothing, as Docker compares with relative paths.
 */
export function isExcluded(patterns: readonly string[], path: string): boolean {
  let read = known.get(patterns);
  if (read === undefined) known.set(patterns, (read = patterns.flatMap(readExcludePattern)));
  let excluded = false;
  for (const { negated, expression } of read)
    if (negated === excluded && expression.test(path)) excluded = !negated;
  return excluded;
}

/** Empty for an empty one; a SyntaxError where Docker refuses it. */
export function readExcludePattern(text: string): readonly ExcludePattern[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const cleaned = posix.normalize(trimmed).replace(/(.)\/$/, '$1');
  const negated = cleaned.startsWith('!');
  if (cleaned === '!') throw new SyntaxError('a lone "!" brings nothing back');
  const source = globExpression(negated ? cleaned.slice(1) : cleaned, 'ignore');
  return [{ negated, expression: new RegExp(`^${source}(?:/.*)?$`, 'su') }];
}
