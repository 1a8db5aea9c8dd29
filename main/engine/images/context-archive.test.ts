import { createHash } from 'node:crypto';
import { readFileSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { extract } from 'tar-stream';
import type { Header } from 'tar-stream';
import { listContext } from '../content/index.ts';
import { contextEntries, textEntry } from './build-context.ts';
import { packContext } from './context-archive.ts';
import { createTestContext } from './testing.ts';
import type { TestContext } from './testing.ts';

const contexts: TestContext[] = [];
afterEach(() => {
  for (const context of contexts.splice(0)) context.remove();
});

function context(files: Parameters<typeof createTestContext>[0]): TestContext {
  const made = createTestContext(files);
  contexts.push(made);
  rmSync(join(made.dir, 'busybox'));
  return made;
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function unpack(archive: Buffer): Promise<{ header: Header; text: string }[]> {
  const entries: { header: Header; text: string }[] = [];
  const reader = extract();
  Readable.from([archive]).pipe(reader);
  for await (const entry of reader) {
    const text = (await bytesOf(entry as unknown as Readable)).toString('utf8');
    entries.push({ header: entry.header, text });
  }
  return entries;
}

describe('packContext', () => {
  it('writes what tar readers read: long and foreign names, links, modes, directories', async () => {
    const long = 'n'.repeat(150);
    const made = context({
      'z.txt': 'last',
      'dir/ünï.txt': 'ü',
      'dir/empty': { directory: true },
      'dir/run': { text: '#!', mode: 0o755 },
      'dir/link': { link: `../${'l'.repeat(140)}` },
      [long]: 'long',
      zero: '',
      block: 'b'.repeat(512),
    });
    const entries = contextEntries(await listContext({ root: made.dir }));
    const unpacked = await unpack(await bytesOf(packContext(entries)));
    expect(unpacked.map(({ header }) => header.name)).toEqual([
      'block',
      'dir/',
      'dir/empty/',
      'dir/link',
      'dir/run',
      'dir/ünï.txt',
      long,
      'z.txt',
      'zero',
    ]);
    const of = (name: string) => unpacked.find(({ header }) => header.name === name);
    expect(of('dir/ünï.txt')?.text).toBe('ü');
    expect(of(long)?.text).toBe('long');
    expect(of('block')?.text).toHaveLength(512);
    expect(of('dir/run')?.header).toMatchObject({ mode: 0o755, uid: 0, gid: 0, type: 'file' });
    expect(of('dir/link')?.header).toMatchObject({ type: 'symlink', linkname: `../${'l'.repeat(140)}` });
    expect(of('dir/empty/')?.header.type).toBe('directory');
  });

  it('never begins with a PAX header, and is the same every time', async () => {
    const made = context({ [`ü${'x'.repeat(120)}`]: '1', b: '2' });
    const pack = async (): Promise<Buffer> =>
      bytesOf(packContext(contextEntries(await listContext({ root: made.dir }))));
    const first = await pack();
    expect(first.subarray(257, 262).toString()).toBe('ustar');
    expect(String.fromCharCode(first[156] ?? 0)).not.toMatch(/[xg]/);
    expect((await pack()).equals(first)).toBe(true);
  });
});

describe('contextEntries', () => {
  it('refuses a file that changed after it was listed, in size, content or existence', async () => {
    const made = context({ longer: 'one', other: 'one', gone: 'one' });
    const entries = contextEntries(await listContext({ root: made.dir }));
    made.write({ longer: 'one and more', other: 'two' });
    rmSync(join(made.dir, 'gone'));
    const failing = async (path: string): Promise<unknown> => {
      const entry = entries.find(candidate => candidate.path === path);
      return entry ? bytesOf(packContext([entry])).catch((error: unknown) => error) : null;
    };
    for (const path of ['longer', 'other', 'gone'])
      expect(await failing(path)).toMatchObject({
        code: 'context-changed',
        message: expect.stringContaining(path),
      });
  });

  it('gives another time to another content of equal size and time, within the same second', async () => {
    const made = context({ a: 'one' });
    utimesSync(join(made.dir, 'a'), 1_700_000_000, 1_700_000_000);
    const timeOf = async (): Promise<bigint | undefined> =>
      contextEntries(await listContext({ root: made.dir })).find(({ path }) => path === 'a')?.modifiedAt;
    const before = await timeOf();
    made.write({ a: 'two' });
    utimesSync(join(made.dir, 'a'), 1_700_000_000, 1_700_000_000);
    const after = await timeOf();
    expect(after).not.toBe(before);
    expect([before, after].map(time => (time ?? 0n) / 1_000_000_000n)).toEqual([
      1_700_000_000n,
      1_700_000_000n,
    ]);
  });

  it('sends a large file in pieces, whole', async () => {
    const bytes = Buffer.alloc(3_000_000, 'abcdefg');
    const made = context({ large: bytes });
    const [entry] = contextEntries(await listContext({ root: made.dir }));
    const hash = createHash('sha256');
    for await (const chunk of entry?.read() ?? []) hash.update(chunk);
    expect(hash.digest('hex')).toBe(
      createHash('sha256')
        .update(readFileSync(join(made.dir, 'large')))
        .digest('hex'),
    );
  });

  it('lets a text stand in for a file', async () => {
    const [only] = await unpack(
      await bytesOf(packContext([textEntry('deploy/Dockerfile', 'FROM scratch\n')])),
    );
    expect(only).toMatchObject({ header: { name: 'deploy/Dockerfile' }, text: 'FROM scratch\n' });
  });
});
