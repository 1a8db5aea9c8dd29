import { Readable } from 'node:stream';
import type { SyncEntry } from './buildkit/file-sync.ts';

const block = 512;

/**
 * The context as a tar archive. GNU's long names and links instead of PAX: Docker 28 takes an archive that begins with a PAX
 * header for a Dockerfile (“unknown instruction: ././@PaxHeader”).
 */
export function packContext(entries: Iterable<SyncEntry>): Readable {
  return Readable.from(archive(entries), { objectMode: false, highWaterMark: 256 * 1024 });
}

async function* archive(entries: Iterable<SyncEntry>): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield headersOf(entry);
    if (entry.type !== 'file') continue;
    let size = 0;
    for await (const chunk of entry.read()) {
      size += chunk.length;
      yield chunk;
    }
    if (size % block !== 0) yield Buffer.alloc(block - (size % block));
  }
  yield Buffer.alloc(2 * block);
}

function headersOf(entry: SyncEntry): Buffer {
  const name = Buffer.from(entry.type === 'directory' ? `${entry.path}/` : entry.path, 'utf8');
  const link = Buffer.from(entry.linkTarget, 'utf8');
  const type = entry.type === 'directory' ? '5' : entry.type === 'symlink' ? '2' : '0';
  return Buffer.concat([
    ...(name.length > 100 ? [longRecord('L', name)] : []),
    ...(link.length > 100 ? [longRecord('K', link)] : []),
    header({
      name,
      link,
      type,
      mode: entry.mode,
      size: entry.size,
      seconds: Number(entry.modifiedAt / 1_000_000_000n),
    }),
  ]);
}

/** A record whose body is the name (`L`) or link target (`K`) of the entry after it. */
function longRecord(type: 'L' | 'K', value: Buffer): Buffer {
  const size = value.length + 1;
  const body = Buffer.alloc(Math.ceil(size / block) * block);
  value.copy(body);
  return Buffer.concat([
    header({
      name: Buffer.from('././@LongLink'),
      link: Buffer.alloc(0),
      type,
      mode: 0o644,
      size,
      seconds: 0,
    }),
    body,
  ]);
}

interface HeaderFields {
  readonly name: Buffer;
  readonly link: Buffer;
  readonly type: string;
  readonly mode: number;
  readonly size: number;
  readonly seconds: number;
}

function header({ name, link, type, mode, size, seconds }: HeaderFields): Buffer {
  const bytes = Buffer.alloc(block);
  name.copy(bytes, 0, 0, 100);
  writeNumber(bytes, 100, 8, mode & 0o7777);
  writeNumber(bytes, 108, 8, 0);
  writeNumber(bytes, 116, 8, 0);
  writeNumber(bytes, 124, 12, size);
  writeNumber(bytes, 136, 12, seconds);
  bytes.write(type, 156, 'latin1');
  link.copy(bytes, 157, 0, 100);
  bytes.write('ustar  \0', 257, 'latin1');
  bytes.fill(' ', 148, 156);
  const checksum = bytes.reduce((sum, byte) => sum + byte, 0);
  bytes.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** Octal; what does not fit (8 GiB and more) in GNU's base 256. */
function writeNumber(bytes: Buffer, at: number, length: number, value: number): void {
  const octal = value.toString(8);
  if (octal.length < length) {
    bytes.write(`${octal.padStart(length - 1, '0')}\0`, at, 'latin1');
    return;
  }
  let rest = BigInt(value);
  for (let index = length - 1; index > 0; index--) {
    bytes[at + index] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  bytes[at] = 0x80;
}
