import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compareListings } from './compare-listings.ts';
import { createContentIndex } from './content-index.ts';
import { requireDigest } from './digests.ts';
import { listContext } from './list-context.ts';
import { plantTree } from './testing.ts';
import type { GoldenEntry } from './testing.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ptah-context-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const paths = async (files: readonly GoldenEntry[], ignore?: string, dockerfile?: string) => {
  plantTree(root, files);
  if (ignore !== undefined) writeFileSync(join(root, '.dockerignore'), ignore);
  return (await listContext({ root, dockerfile })).entries.map(entry => entry.path);
};

describe('the context as Docker selects it', () => {
  const files = [
    'Dockerfile',
    'README.md',
    'docs/guide.md',
    'docs/img/logo.png',
    'src/app.py',
    'src/README.md',
    'src/lib/util.py',
  ];

  it('anchors patterns at the context', async () => {
    expect(await paths(files, '*.md\nimg\n')).toEqual([
      '.dockerignore', 'Dockerfile', 'docs', 'docs/guide.md', 'docs/img', 'docs/img/logo.png',
      'src', 'src/README.md', 'src/app.py', 'src/lib', 'src/lib/util.py',
    ]); // prettier-ignore
  });

  it('takes children of an excluded directory in again, with the way there', async () => {
    expect(await paths(files, '*\n!src/lib\n!docs/*.md\n')).toEqual([
      'docs',
      'docs/guide.md',
      'src',
      'src/lib',
      'src/lib/util.py',
    ]);
  });

  it('finds re-included files behind wildcards below excluded directories', async () => {
    expect(await paths(files, '**\n!**/*.py\n')).toEqual(['src', 'src/app.py', 'src/lib', 'src/lib/util.py']);
  });

  it('lets the last match win', async () => {
    expect(await paths(files, 'src\n!src/lib\nsrc/lib/util.py\ndocs\n')).toEqual([
      '.dockerignore',
      'Dockerfile',
      'README.md',
      'src',
      'src/lib',
    ]);
  });

  it('leaves an ignored Dockerfile out of what can be copied', async () => {
    expect(await paths(['Dockerfile', 'a'], 'Dockerfile\n.dockerignore\n')).toEqual(['a']);
  });

  it('prefers the ignore file of the Dockerfile itself', async () => {
    const more = [
      ...files,
      { path: 'docker/web.Dockerfile', text: '' },
      { path: 'docker/web.Dockerfile.dockerignore', text: 'docs\nsrc\n' },
    ];
    expect(await paths(more, 'README.md\n', 'docker/web.Dockerfile')).toEqual([
      '.dockerignore', 'Dockerfile', 'README.md', 'docker', 'docker/web.Dockerfile', 'docker/web.Dockerfile.dockerignore',
    ]); // prettier-ignore
  });

  it('reads comments, white space, a BOM and CRLF as Docker does', async () => {
    expect(
      await paths(['a', 'b', '#c', 'd e', 'f'], '\uFEFFa\r\n#c\r\n  b  \r\n\r\n/d e/\r\n./x/../f'),
    ).toEqual(['#c', '.dockerignore']);
  });

  it('matches case, metacharacters and brackets literally where Docker does', async () => {
    expect(await paths(['A', 'a', 'c++', 'x(1)', 'n1', 'n2', 'n9', 'constructor'], 'a\nc++\nx(1)\nn[0-5]\n')).toEqual([
      '.dockerignore', 'A', 'constructor', 'n9',
    ]); // prettier-ignore
  });

  it('refuses a pattern that Docker refuses, with its line', async () => {
    await expect(paths(['a'], 'x\n[a\n')).rejects.toMatchObject({
      code: 'invalid-pattern',
      details: { line: 2 },
    });
  });
});

describe('entries', () => {
  it('carry type, mode, link target and bytes, in the order of UTF-8', async () => {
    plantTree(root, [
      { path: 'z', text: 'Z' },
      { path: 'run.sh', text: '', mode: '0755' },
      { path: 'empty', type: 'dir', mode: '0700' },
      { path: 'out', type: 'symlink', target: '../elsewhere' },
      { path: 'dir', type: 'symlink', target: 'empty' },
      { path: '\u{1F600}', text: '' },
      { path: '\uFF5E', text: '' },
    ]);
    const listing = await listContext({ root });
    expect(listing.entries).toEqual([
      { path: 'dir', type: 'symlink', mode: 0o777, size: 0, content: 'empty' },
      { path: 'empty', type: 'directory', mode: 0o700, size: 0, content: '' },
      { path: 'out', type: 'symlink', mode: 0o777, size: 0, content: '../elsewhere' },
      {
        path: 'run.sh',
        type: 'file',
        mode: 0o755,
        size: 0,
        content: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      },
      {
        path: 'z',
        type: 'file',
        mode: 0o644,
        size: 1,
        content: createHash('sha256').update('Z').digest('hex'),
      },
      expect.objectContaining({ path: '\uFF5E' }),
      expect.objectContaining({ path: '\u{1F600}' }),
    ]);
  });

  it('leaves out what goes to no build, and refuses names that are not UTF-8', async () => {
    plantTree(root, ['a', '.build/x', 'sub/.build/y']);
    const listing = await listContext({ root, exclude: [join(root, '.build')] });
    expect(listing.entries.map(entry => entry.path)).toEqual(['a', 'sub', 'sub/.build', 'sub/.build/y']);
    plantTree(root, [{ path_b64: Buffer.from([0x61, 0xff]).toString('base64'), text: '' }]);
    await expect(listContext({ root })).rejects.toMatchObject({ code: 'unencodable-name' });
  });

  it('reads a large file once where somebody else has read it, and again as soon as it is another', async () => {
    const path = join(root, 'large');
    writeFileSync(path, Buffer.alloc(2 << 20, 7));
    const index = createContentIndex(() => Math.ceil(lstatSync(path).ctimeMs) + 50);
    const [entry] = index.list(root).filter(({ name }) => name.text === 'large');
    if (entry === undefined) throw new Error('not listed');
    const sha256 = requireDigest('sha256');
    const at = lstatSync(path);
    index.learn?.(entry, at, Math.ceil(at.ctimeMs) + 50, sha256, 'told');
    expect(index.readNow(entry, path, sha256, false)).toBe('told');
    // read too soon after it was written: another write may have the same time
    index.learn?.(entry, at, Math.floor(at.ctimeMs) + 1, sha256, 'too soon');
    expect(index.readNow(entry, path, sha256, false)).toBeNull();
    index.learn?.(entry, at, Math.ceil(at.ctimeMs) + 50, sha256, 'told');
    await new Promise(resolve => setTimeout(resolve, 30));
    writeFileSync(path, Buffer.alloc(2 << 20, 8));
    expect(index.readNow(entry, path, sha256, false)).toBeNull();
    rmSync(path);
  });

  it('reads large files in pieces', async () => {
    writeFileSync(join(root, 'large'), Buffer.alloc(5 << 20, 7));
    const [entry] = (await listContext({ root })).entries;
    expect(entry).toMatchObject({
      size: 5 << 20,
      content: createHash('sha256')
        .update(Buffer.alloc(5 << 20, 7))
        .digest('hex'),
    });
  });

  it('stops when told', async () => {
    plantTree(root, [{ type: 'many', count: 2000, dirs: 5, path: 'd{d}/f{i}', text: '' }]);
    const controller = new AbortController();
    const listing = listContext({ root, signal: controller.signal });
    setTimeout(() => controller.abort(), 1);
    await expect(listing).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the digest', () => {
  const digest = async () => (await listContext({ root })).digest;

  it('sees modes, empty directories and link targets, which the tag cannot', async () => {
    plantTree(root, ['a', { path: 'l', type: 'symlink', target: 'a' }]);
    const seen = new Set([await digest()]);
    chmodSync(join(root, 'a'), 0o755);
    seen.add(await digest());
    mkdirSync(join(root, 'empty'));
    seen.add(await digest());
    rmSync(join(root, 'l'));
    plantTree(root, [{ path: 'l', type: 'symlink', target: './a' }]);
    seen.add(await digest());
    expect(seen.size).toBe(4);
  });

  it('is the same for the same context elsewhere, and after a second look', async () => {
    const index = createContentIndex();
    plantTree(join(root, 'one'), ['a', 'b/c']);
    plantTree(join(root, 'two'), ['b/c', 'a']);
    const [one, two] = await Promise.all([
      listContext({ root: join(root, 'one'), index }),
      listContext({ root: join(root, 'two'), index }),
    ]);
    expect(two.digest).toBe(one.digest);
    expect((await listContext({ root: join(root, 'one'), index })).digest).toBe(one.digest);
  });
});

describe('comparing listings', () => {
  it('names what was added, removed and changed', async () => {
    plantTree(root, ['same', 'edited', 'gone', 'chmod']);
    const before = await listContext({ root });
    writeFileSync(join(root, 'edited'), 'x');
    chmodSync(join(root, 'chmod'), 0o700);
    rmSync(join(root, 'gone'));
    plantTree(root, ['new/file']);
    expect(compareListings(before, await listContext({ root }))).toEqual({
      added: ['new', 'new/file'],
      removed: ['gone'],
      changed: ['chmod', 'edited'],
    });
  });
});
