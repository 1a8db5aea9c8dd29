import { scanReferences } from './scan-references.ts';
import type { FoundReference, NamedImage } from './scan-references.ts';
import type { ImageReference, RewriteResult } from './types.ts';

/**
 * Replaces every `ptah://name` by the image's reference, wherever it stands, and leaves every other byte as it is: line ends,
 * comments, indentation, a byte order mark. Pure, and linear in the length of the text.
 */
export function rewrite(text: string, images: readonly NamedImage[]): RewriteResult {
  return rewritten(text, scanReferences(text, images));
}

/** The same, for references that were found already. */
export function rewritten(text: string, found: readonly FoundReference[]): RewriteResult {
  const pieces: string[] = [];
  let at = 0;
  for (const { start, end, reference } of found) {
    if (reference === null) continue;
    pieces.push(text.slice(at, start), reference);
    at = end;
  }
  pieces.push(text.slice(at));
  return {
    text: pieces.join(''),
    references: found.map(plain),
    unknown: found.filter(({ known, inComment }) => !known && !inComment).map(plain),
  };
}

function plain({ line, column, name, reference, inComment }: FoundReference): ImageReference {
  return { line, column, name, reference, inComment };
}
