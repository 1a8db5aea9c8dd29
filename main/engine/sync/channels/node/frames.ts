/** Larger payloads are not copied together with their head. */
const worthCopying = 32 * 1024;

/** Frames of the helper: length (of what follows), request, one letter, payload; in the pieces to write. */
export function frame(id: number, letter: string, ...payload: readonly Uint8Array[]): readonly Uint8Array[] {
  const head = Buffer.allocUnsafe(9);
  const length = payload.reduce((sum, part) => sum + part.byteLength, 5);
  head.writeUInt32BE(length);
  head.writeUInt32BE(id, 4);
  head.write(letter, 8, 'latin1');
  return length > worthCopying ? [head, ...payload] : [Buffer.concat([head, ...payload])];
}

export function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** With its length before it. */
export function bytes(value: string | Uint8Array): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([number(content.byteLength), content]);
}

export interface Frame {
  readonly id: number;
  readonly letter: string;
  readonly body: Buffer;
}

/** Puts frames together from chunks that may cut them anywhere. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  let length = 0;
  return chunk => {
    pending.push(chunk);
    length += chunk.length;
    if (length < 4) return;
    let all = pending.length === 1 ? chunk : Buffer.concat(pending);
    while (all.length >= 4) {
      const size = all.readUInt32BE(0) + 4;
      if (all.length < size) break;
      onFrame({
        id: all.readUInt32BE(4),
        letter: all.toString('latin1', 8, 9),
        body: all.subarray(9, size),
      });
      all = all.subarray(size);
    }
    pending = all.length > 0 ? [all] : [];
    length = all.length;
  };
}
