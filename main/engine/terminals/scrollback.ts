/** The last bytes that a terminal wrote, by their number since it was opened. */
export interface Scrollback {
  /** The first byte that is still held. */
  readonly start: number;
  /** One after the last. */
  readonly end: number;
  append(bytes: Uint8Array): void;
  /** At most `most` bytes, never ending inside a character where more follow. Empty at the end. */
  read(from: number, most: number): Buffer;
}

const pageBytes = 16 * 1024;
/** How far the start looks for a line to begin with. */
const lineWithin = 4096;

export function createScrollback(limit: number): Scrollback {
  let pages: Buffer[] = [];
  let start = 0;
  let end = 0;
  /** Bytes of the first page that are given up already. */
  let skipped = 0;

  function trim(): void {
    let given = false;
    while (end - start > limit && pages.length > 1) {
      const [first] = pages;
      if (first === undefined) return;
      start += first.length - skipped;
      skipped = 0;
      pages = pages.slice(1);
      given = true;
    }
    if (given) beginAtLine();
  }

  /** A replay that began within a character or an escape sequence would draw rubbish. */
  function beginAtLine(): void {
    const head = slice(start, lineWithin);
    const line = head.indexOf(0x0a);
    let at = line >= 0 ? line + 1 : 0;
    if (line < 0) while (at < 4 && isContinuation(head[at])) at += 1;
    for (let left = at; left > 0;) {
      const [first] = pages;
      if (first === undefined) break;
      const step = Math.min(left, first.length - skipped);
      left -= step;
      start += step;
      skipped += step;
      if (skipped === first.length && pages.length > 1) {
        pages = pages.slice(1);
        skipped = 0;
      } else if (skipped === first.length) break;
    }
  }

  function slice(from: number, most: number): Buffer {
    const parts: Buffer[] = [];
    let left = Math.min(most, end - from);
    let at = start - skipped;
    for (const page of pages) {
      if (left <= 0) break;
      const begin = Math.max(0, from - at);
      if (begin < page.length) {
        const part = page.subarray(begin, begin + left);
        parts.push(part);
        left -= part.length;
      }
      at += page.length;
    }
    return Buffer.concat(parts);
  }

  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    append(bytes) {
      const chunk = Buffer.from(bytes);
      end += chunk.length;
      const last = pages.at(-1);
      if (last !== undefined && last.length + chunk.length <= pageBytes)
        pages[pages.length - 1] = Buffer.concat([last, chunk]);
      else
        for (let at = 0; at < chunk.length; at += pageBytes) pages.push(chunk.subarray(at, at + pageBytes));
      trim();
    },
    read(from, most) {
      const bytes = slice(Math.max(from, start), most);
      return Math.max(from, start) + bytes.length < end ? bytes.subarray(0, characterBorder(bytes)) : bytes;
    },
  };
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** Where the last whole character ends; the whole where that is no text. */
function characterBorder(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back && bytes.length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
