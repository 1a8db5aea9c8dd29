// The wire format of Protocol Buffers, as far as BuildKit's session and progress need it: varints, length-delimited fields and
// nothing else (https://protobuf.dev/programming-guides/encoding/). A dozen small messages are no ground for a code generator.

/** A decoded message: the values of each field number in order of appearance. */
export type WireMessage = ReadonlyMap<number, readonly (bigint | Buffer)[]>;

export function decodeMessage(bytes: Buffer): WireMessage {
  const fields = new Map<number, (bigint | Buffer)[]>();
  let at = 0;

  function varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new RangeError('A varint ends beyond its message.');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  function slice(length: number): Buffer {
    if (at + length > bytes.length) throw new RangeError('A field ends beyond its message.');
    at += length;
    return bytes.subarray(at - length, at);
  }

  while (at < bytes.length) {
    const key = Number(varint());
    const values = fields.get(key >>> 3) ?? [];
    fields.set(key >>> 3, values);
    switch (key & 7) {
      case 0:
        values.push(varint());
        break;
      case 1:
        values.push(slice(8).readBigUInt64LE());
        break;
      case 2:
        values.push(slice(Number(varint())));
        break;
      case 5:
        values.push(BigInt(slice(4).readUInt32LE()));
        break;
      default:
        throw new RangeError(`Wire type ${key & 7} is unknown.`);
    }
  }
  return fields;
}

/** The last value wins, as the format says; absent means the default. */
export function bytesOf(message: WireMessage, field: number): Buffer {
  const value = message.get(field)?.at(-1);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

export function stringOf(message: WireMessage, field: number): string {
  return bytesOf(message, field).toString('utf8');
}

export function numberOf(message: WireMessage, field: number): number {
  return Number(bigintOf(message, field));
}

export function bigintOf(message: WireMessage, field: number): bigint {
  const value = message.get(field)?.at(-1);
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) : 0n;
}

export function messagesOf(message: WireMessage, field: number): readonly WireMessage[] {
  return (message.get(field) ?? []).filter(value => Buffer.isBuffer(value)).map(decodeMessage);
}

export function stringsOf(message: WireMessage, field: number): readonly string[] {
  return (message.get(field) ?? [])
    .filter(value => Buffer.isBuffer(value))
    .map(value => value.toString('utf8'));
}

/** Field numbers with their values; defaults (0, '') are left out, as proto3 wants. */
export type FieldList = readonly (readonly [field: number, value: number | bigint | string | Uint8Array])[];

export function encodeMessage(fields: FieldList): Buffer {
  const parts: Uint8Array[] = [];
  for (const [field, value] of fields) {
    if (typeof value === 'number' || typeof value === 'bigint') {
      if (BigInt(value) === 0n) continue;
      parts.push(encodeVarint(BigInt(field << 3)), encodeVarint(BigInt.asUintN(64, BigInt(value))));
    } else {
      const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
      if (typeof value === 'string' && bytes.length === 0) continue;
      parts.push(encodeVarint(BigInt((field << 3) | 2)), encodeVarint(BigInt(bytes.length)), bytes);
    }
  }
  return Buffer.concat(parts);
}

function encodeVarint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}
