export interface Rewrite {
  readonly name: string;
  readonly reference: string;
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);

/** Finds every way that a project's image can be written: `ptah://api`, `api:9f04d1e`, `registry.example/api:b3c3fbc`. */
function patternOf(rewrites: readonly Rewrite[]): RegExp | null {
  if (rewrites.length === 0) return null;
  const names = [
    ...new Set(rewrites.flatMap(({ name, reference }) => [name, reference.replace(/:[^:/]*$/, '')])),
  ]
    .toSorted((a, b) => b.length - a.length)
    .map(escaped)
    .join('|');
  return new RegExp(String.raw`ptah://(?:${names})|(?<![\w.-])(?:${names}):[\w][\w.-]*`, 'g');
}

/**
 * A line that differs only in the image that Ptah names. A line with another edit as well is an edit: a person has to see it.
 */
export function isRewrite(
  before: string | null,
  after: string | null,
  rewrites: readonly Rewrite[],
): boolean {
  const pattern = patternOf(rewrites);
  if (pattern === null || after === null || rewriteIn(after, rewrites) === null) return false;
  // A line that is new as a whole still says that the image in it was named by Ptah.
  if (before === null) return true;
  const masked = (text: string) => text.replace(pattern, '\u0000');
  return before !== after && masked(before) === masked(after);
}

/** The rewrite that a line shows. */
export function rewriteIn(after: string, rewrites: readonly Rewrite[]): Rewrite | null {
  return rewrites.find(({ reference }) => after.includes(reference)) ?? null;
}

/** Line (from 1) of `ptah://name` in the file's document, which starts at `firstLine`. */
export function lineOfSource(source: string, name: string, firstLine: number): number | null {
  const pattern = new RegExp(String.raw`ptah://${escaped(name)}(?![\w]|[-.]\w)`);
  const index = source.split('\n').findIndex(line => pattern.test(line));
  return index < 0 ? null : firstLine + index;
}
