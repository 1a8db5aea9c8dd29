/**
 * The part of SPDY/3.1 that a port forward needs (the API server and the kubelet speak it inside a WebSocket). Header blocks are
 * written as stored deflate blocks, which every zlib reads, and never read: what the other side answers in them means nothing here.
 */

const version = 3;
const type = { synStream: 1, synReply: 2, rstStream: 3, ping: 6, goAway: 7 } as const;
const fin = 0x01;
const headLength = 8;

export type SpdyFrame =
  | { readonly type: 'data'; readonly stream: number; readonly bytes: Buffer; readonly fin: boolean }
  | { readonly type: 'opened'; readonly stream: number; readonly fin: boolean }
  | { readonly type: 'accepted'; readonly stream: number; readonly fin: boolean }
  | { readonly type: 'reset'; readonly stream: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'go-away' }
  /** Settings, window updates and headers: nothing that has to be answered. */
  | { readonly type: 'other' };

/** Cuts frames out of a stream of bytes, wherever its pieces begin and end. */
export function createFrameReader(): (piece: Buffer) => SpdyFrame[] {
  let left: Buffer = Buffer.alloc(0);
  return piece => {
    left = left.length === 0 ? piece : Buffer.concat([left, piece]);
    const frames: SpdyFrame[] = [];
    while (left.length >= headLength) {
      const length = left.readUIntBE(5, 3);
      if (left.length < headLength + length) break;
      frames.push(frameOf(left.subarray(0, headLength), left.subarray(headLength, headLength + length)));
      left = left.subarray(headLength + length);
    }
    return frames;
  };
}

function frameOf(head: Buffer, body: Buffer): SpdyFrame {
  const first = head.readUInt32BE(0);
  const last = (head[4] ?? 0) === fin;
  if ((first & 0x80000000) === 0) return { type: 'data', stream: first, bytes: body, fin: last };
  const number = body.length >= 4 ? body.readUInt32BE(0) : 0;
  const stream = number & 0x7fffffff;
  switch (first & 0xffff) {
    case type.synStream:
      return { type: 'opened', stream, fin: last };
    case type.synReply:
      return { type: 'accepted', stream, fin: last };
    case type.rstStream:
      return { type: 'reset', stream, status: body.length >= 8 ? body.readUInt32BE(4) : 0 };
    case type.ping:
      return { type: 'ping', id: number };
    case type.goAway:
      return { type: 'go-away' };
    default:
      return { type: 'other' };
  }
}

export function dataFrame(stream: number, bytes: Uint8Array, last = false): Buffer {
  const head = Buffer.alloc(headLength);
  head.writeUInt32BE(stream, 0);
  head[4] = last ? fin : 0;
  head.writeUIntBE(bytes.length, 5, 3);
  return Buffer.concat([head, bytes]);
}

export function resetFrame(stream: number, status: number): Buffer {
  return control(type.rstStream, 0, numbers(stream, status));
}

export function pingFrame(id: number): Buffer {
  return control(type.ping, 0, numbers(id));
}

/** Opens streams of one connection: the header blocks of all of them are one zlib stream. */
export function createStreamOpener(): (stream: number, headers: Readonly<Record<string, string>>) => Buffer {
  let begun = false;
  return (stream, headers) => {
    const block = stored(headerBlock(headers));
    const compressed = begun ? block : Buffer.concat([Buffer.from([0x78, 0x01]), block]);
    begun = true;
    return control(type.synStream, 0, Buffer.concat([numbers(stream, 0), Buffer.from([0, 0]), compressed]));
  };
}

function headerBlock(headers: Readonly<Record<string, string>>): Buffer {
  const pairs = Object.entries(headers);
  const parts = [numbers(pairs.length)];
  for (const text of pairs.flat()) {
    const bytes = Buffer.from(text, 'utf8');
    parts.push(numbers(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

/** RFC 1951 §3.2.4: a block that is not compressed, then an empty one: readers hand out what they have only at that mark. */
function stored(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(~bytes.length & 0xffff, 3);
  return Buffer.concat([head, bytes, Buffer.from([0, 0, 0, 0xff, 0xff])]);
}

function control(kind: number, flags: number, body: Buffer): Buffer {
  const head = Buffer.alloc(headLength);
  head.writeUInt16BE(0x8000 | version, 0);
  head.writeUInt16BE(kind, 2);
  head[4] = flags;
  head.writeUIntBE(body.length, 5, 3);
  return Buffer.concat([head, body]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, at) => bytes.writeUInt32BE(value, at * 4));
  return bytes;
}
