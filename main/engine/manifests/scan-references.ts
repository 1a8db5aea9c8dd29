import { PROJECT_SCHEME } from '../dockerfile/index.ts';
import { commentRanges } from './comment-ranges.ts';
import type { ImageReference } from './types.ts';

/** What a name of an image is rewritten to. An empty reference: the image has problems of its own, its name stays as it is. */
export interface NamedImage {
  readonly name: string;
  readonly reference: string;
}

/** A reference with its extent before and after rewriting (offsets in UTF-16 units). */
export interface FoundReference extends ImageReference {
  readonly start: number;
  readonly end: number;
  readonly rewrittenStart: number;
  readonly rewrittenEnd: number;
  /** Whether an image has this name, with or without a reference. */
  readonly known: boolean;
}

const WORD = /[\p{L}\p{N}_]/u;
const NAME = /[\p{L}\p{N}_][\p{L}\p{N}_./-]*/uy;

/**
 * Finds every `ptah://name` in one pass. At one place the longest known name wins, unless a word character follows, or `-`
 * or `.` and a word character: then the text names something else.
 */
export function scanReferences(text: string, images: readonly NamedImage[]): readonly FoundReference[] {
  const references = new Map(images.map(({ name, reference }) => [name, reference]));
  const lengths = [...new Set(images.map(({ name }) => name.length))]
    .filter(length => length > 0)
    .sort((a, b) => b - a);
  const found: FoundReference[] = [];
  const place = placesInOrder(text);
  let comments: ((offset: number) => boolean) | null = null;
  let shift = 0;
  for (let at = text.indexOf(PROJECT_SCHEME); at !== -1;) {
    const nameStart = at + PROJECT_SCHEME.length;
    const length = lengths.find(
      each => references.has(text.slice(nameStart, nameStart + each)) && nameEndsAt(text, nameStart + each),
    );
    const known = length !== undefined;
    const name = known ? text.slice(nameStart, nameStart + length) : writtenName(text, nameStart);
    const reference = (known && references.get(name)) || null;
    const end = nameStart + name.length;
    const { line, column, afterHash } = place(at);
    // Only a "#" earlier in the line can begin a comment around it: without one the text needs no reading as YAML.
    if (afterHash) comments ??= commentRanges(text);
    const rewrittenStart = at + shift;
    shift += reference === null ? 0 : reference.length - (end - at);
    found.push({
      line,
      column,
      name,
      reference,
      inComment: afterHash && comments?.(at) === true,
      start: at,
      end,
      rewrittenStart,
      rewrittenEnd: end + shift,
      known,
    });
    at = text.indexOf(PROJECT_SCHEME, end);
  }
  return found;
}

function nameEndsAt(text: string, end: number): boolean {
  const next = characterAt(text, end);
  if (next === '-' || next === '.') return !WORD.test(characterAt(text, end + 1));
  return !WORD.test(next);
}

function characterAt(text: string, offset: number): string {
  const point = text.codePointAt(offset);
  return point === undefined ? '' : String.fromCodePoint(point);
}

/** What stands there, for a name that no image has. */
function writtenName(text: string, start: number): string {
  NAME.lastIndex = start;
  const name = NAME.exec(text)?.[0] ?? '';
  // In `ptah://ptah://foo` the second one is a reference of its own.
  const own = text.startsWith('://', start + name.length) ? name.replace(/ptah$/, '') : name;
  return own.replace(/[./-]+$/, '');
}

/** Lines and columns for offsets that only grow: linear however long the lines are. */
function placesInOrder(
  text: string,
): (offset: number) => { line: number; column: number; afterHash: boolean } {
  // A byte order mark is no character of the first line.
  let position = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  let column = 1;
  let afterHash = false;
  return offset => {
    for (; position < offset; position++) {
      const unit = text.charCodeAt(position);
      if (unit === 0x0a || (unit === 0x0d && text.charCodeAt(position + 1) !== 0x0a)) {
        line++;
        column = 1;
        afterHash = false;
      } else if (unit >= 0xdc00 && unit <= 0xdfff && column > 1) {
        // The second half of a pair belongs to the code point before it.
      } else {
        column++;
        if (unit === 0x23) afterHash = true;
      }
    }
    return { line, column, afterHash };
  };
}
