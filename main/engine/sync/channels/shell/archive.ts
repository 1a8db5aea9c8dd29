/** Header of one file for `tar`; a long name goes before it as GNU and BusyBox know it. The archive's last record is filled up. */
export function fileHeader(name: string, size: number, mode: number, mtime: number): Buffer {
  const raw = Buffer.from(name);
  if (raw.length <= 100) return header(raw, size, mode, mtime, '0');
  const long = Buffer.concat([raw, Buffer.alloc(1)]);
  return Buffer.concat([
    header(Buffer.from('././@LongLink'), long.length, 0o644, 0, 'L'),
    long,
    padding(long.length),
    header(raw.subarray(0, 100), size, mode, mtime, '0'),
  ]);
}

export function headerLength(name: string): number {
  const length = Buffer.byteLength(name);
  return length <= 100 ? 512 : 1024 + padded(length + 1);
}

export function padding(size: number): Buffer {
  return Buffer.alloc(padded(size) - size);
}

export function padded(size: number): number {
  return Math.ceil(size / 512) * 512;
}

/** GNU tar reads whole records of 20 blocks. */
export function archiveLength(members: number): number {
  return Math.ceil((members + 1024) / 10_240) * 10_240;
}

function header(name: Buffer, size: number, mode: number, mtime: number, type: string): Buffer {
  const block = Buffer.alloc(512);
  name.copy(block, 0);
  block.write(octal(mode, 8), 100, 'latin1');
  block.write(octal(0, 8), 108, 'latin1');
  block.write(octal(0, 8), 116, 'latin1');
  block.write(octal(size, 12), 124, 'latin1');
  block.write(octal(mtime, 12), 136, 'latin1');
  block.write('        ', 148, 'latin1');
  block.write(type, 156, 'latin1');
  block.write('ustar  \0', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, '0')}\0`;
}
