/**
 * A name as the file system keeps it. Linux names are bytes; Node turns invalid UTF-8 into U+FFFD without an error, so two
 * names can become one. `text` keeps every byte apart: a byte that is not UTF-8 becomes the lone surrogate U+DC80 + byte, which
 * is also how Python sees names, so patterns meet the same characters.
 */
export interface FileName {
  readonly text: string;
  /** The bytes, only where `text` can't be handed back to the file system. */
  readonly raw: Buffer | null;
}

/** A path that can be handed to the file system: a string wherever that is faithful. */
export type FilePath = string | Buffer;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes the bytes of a name. */
export function decodeFileName(bytes: Buffer): FileName {
  try {
    return { text: utf8.decode(bytes), raw: null };
  } catch {
    return { text: decodeWithEscapes(bytes), raw: bytes };
  }
}

/** Whether the text holds no byte that is not UTF-8. */
export function isEncodable(text: string): boolean {
  return text.isWellFormed();
}

/** Sorts in place by code points. */
export function sortByCodePoints(texts: string[]): string[] {
  // JavaScript's own order is wrong only where a surrogate meets a unit above the surrogates, and it is several times faster.
  return texts.some(hasSurrogates) ? texts.sort(compareCodePoints) : texts.sort();
}

/** Whether JavaScript's own order of this text may not be that of its code points. */
export function hasSurrogates(text: string): boolean {
  return ABOVE_SURROGATES.test(text);
}

const ABOVE_SURROGATES = /[\ud800-\uffff]/;

/** `name` below `parent`, in bytes as soon as either needs them. */
export function joinPath(parent: FilePath, name: FileName): FilePath {
  if (typeof parent === 'string' && name.raw === null)
    return parent.endsWith('/') ? parent + name.text : `${parent}/${name.text}`;
  const last = name.raw ?? Buffer.from(name.text);
  return Buffer.concat([typeof parent === 'string' ? Buffer.from(parent) : parent, Buffer.from('/'), last]);
}

/** Order of UTF-8 bytes, which is the order of code points; JavaScript's own `<` orders UTF-16 units. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index++) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a === b) continue;
    // Where the first difference lies inside surrogate pairs, whole code points decide.
    if (a >= 0xd800 && b >= 0xd800) return codePointAt(left, index) - codePointAt(right, index);
    return a - b;
  }
  return left.length - right.length;
}

function codePointAt(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  const isLow = unit >= 0xdc00 && unit <= 0xdfff;
  if (isLow && index > 0) {
    const before = text.charCodeAt(index - 1);
    if (before >= 0xd800 && before <= 0xdbff) return text.codePointAt(index - 1) ?? unit;
  }
  return text.codePointAt(index) ?? unit;
}

function decodeWithEscapes(bytes: Buffer): string {
  let text = '';
  let index = 0;
  while (index < bytes.length) {
    const size = sequenceLength(bytes, index);
    if (size === 0) {
      text += String.fromCharCode(0xdc00 + (bytes[index] ?? 0));
      index += 1;
    } else {
      text += bytes.toString('utf8', index, index + size);
      index += size;
    }
  }
  return text;
}

/** Length of the valid UTF-8 sequence that starts at `index`, 0 when there is none. */
function sequenceLength(bytes: Buffer, index: number): number {
  const lead = bytes[index] ?? 0;
  const size =
    lead < 0x80
      ? 1
      : lead >= 0xc2 && lead < 0xe0
        ? 2
        : lead >= 0xe0 && lead < 0xf0
          ? 3
          : lead >= 0xf0 && lead < 0xf5
            ? 4
            : 0;
  if (size === 0 || index + size > bytes.length) return 0;
  try {
    utf8.decode(bytes.subarray(index, index + size));
    return size;
  } catch {
    return 0;
  }
}
