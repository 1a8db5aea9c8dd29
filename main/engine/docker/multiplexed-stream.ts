/**
 * Splits the output of a container without a TTY: frames of an 8-byte header (stream, 0, 0, 0, length as uint32) and a payload.
 * A frame may be cut anywhere by the chunks; `isStart` is true for the piece that a frame begins with.
 */
export function createDemultiplexer(
  onOutput: (stream: 'stdout' | 'stderr', bytes: Buffer, isStart: boolean) => void,
): (chunk: Buffer) => void {
  let header = Buffer.alloc(0);
  let stream: 'stdout' | 'stderr' = 'stdout';
  let remaining = 0;
  let isStart = false;
  return chunk => {
    let at = 0;
    while (at < chunk.length) {
      if (remaining > 0) {
        const part = chunk.subarray(at, at + remaining);
        onOutput(stream, part, isStart);
        isStart = false;
        remaining -= part.length;
        at += part.length;
        continue;
      }
      const part = chunk.subarray(at, at + 8 - header.length);
      header = Buffer.concat([header, part]);
      at += part.length;
      if (header.length < 8) return;
      stream = header[0] === 2 ? 'stderr' : 'stdout';
      remaining = header.readUInt32BE(4);
      header = Buffer.alloc(0);
      isStart = true;
    }
  };
}
