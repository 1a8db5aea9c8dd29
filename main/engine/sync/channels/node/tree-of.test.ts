import { describe, expect, it } from 'vitest';
import { sha256 } from '../sources.ts';
import { bytes, number } from './frames.ts';
import { treeOf } from './tree-of.ts';

const record = (
  path: number,
  type: string,
  mode: number,
  size: number,
  rest: string | Uint8Array,
): Buffer => {
  const long = Buffer.alloc(8);
  long.writeBigUInt64BE(BigInt(size));
  return Buffer.concat([number(path), Buffer.from(type), number(mode), long, bytes(rest)]);
};

describe('the tree that the helper tells', () => {
  it('has small files by the bytes that came, large ones by the hash', () => {
    const content = Buffer.from([0xff, 0, 0xfe]);
    const answer = Buffer.concat([
      record(0, 'c', 0o100644, 3, content),
      record(1, 'f', 0o100755, 9, 'abc'),
      record(2, 'd', 0o40755, 0, ''),
      record(3, 'l', 0o120777, 0, 'elsewhere'),
    ]);
    expect([...treeOf(['/a', '/b', '/c', '/d', '/missing'], answer)]).toEqual([
      ['/a', { type: 'file', mode: 0o644, size: 3, hash: sha256(content) }],
      ['/b', { type: 'file', mode: 0o755, size: 9, hash: 'abc' }],
      ['/c', { type: 'directory', mode: 0o755 }],
      ['/d', { type: 'symlink', target: 'elsewhere' }],
    ]);
  });

  it('throws what could not be read', () => {
    expect(() => treeOf(['/a'], record(0, 'e', 13, 0, 'Permission denied'))).toThrow(
      '/a cannot be read: Permission denied (EACCES)',
    );
  });
});
