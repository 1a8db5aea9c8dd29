import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageSettings } from '../project/index.ts';
import { describeImages } from './describe-images.ts';
import type { ImageDescription } from './types.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ptah-images-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(files: Readonly<Record<string, string | Buffer>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
}

/** Names of images are their folders'; `root` is the project's own. */
async function describeAll(
  names: readonly string[],
  settings: Readonly<Record<string, Partial<ImageSettings>>> = {},
): Promise<Readonly<Record<string, ImageDescription>>> {
  const images = await describeImages({
    root,
    dockerfiles: names.map(name => ({
      name,
      context: name === 'root' ? '.' : name,
      dockerfile: name === 'root' ? 'Dockerfile' : `${name}/Dockerfile`,
    })),
    config: {
      buildOutput: '.build',
      tagAlgorithm: 'md5',
      images: Object.fromEntries(
        Object.entries(settings).map(([name, each]) => [
          name,
          { args: {}, target: null, network: null, ...each },
        ]),
      ),
    },
  });
  expect(images.map(({ name }) => name)).toEqual(names);
  return Object.fromEntries(images.map(image => [image.name, image]));
}

async function describeOne(settings: Partial<ImageSettings> = {}): Promise<ImageDescription> {
  const { api } = await describeAll(['api'], { api: settings });
  if (api === undefined) throw new Error('no image');
  return api;
}

describe('describeImages', () => {
  it('gives the tag of the original and the rules of the Dockerfile', async () => {
    // The original's own answer for this folder.
    plant({
      'api/Dockerfile': 'FROM scratch\nCOPY . /srv/\n',
      'api/main.py': 'print(1)\n',
      'api/.dockerignore': '__pycache__/\n*.md\n',
      'api/README.md': 'not hashed\n',
      'api/__pycache__/m.pyc': 'x',
    });
    const api = await describeOne();
    expect(api).toMatchObject({
      tag: 'fca6f3e',
      reference: 'api:fca6f3e',
      algorithm: 'md5',
      problems: [],
      dockerfile: 'api/Dockerfile',
    });
    expect(api.hash).toMatch(/^fca6f3e[0-9a-f]{25}$/);
    expect(api.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(api.copies).toMatchObject([{ source: '.', target: '/srv', kind: 'directory' }]);
  });

  it('has a digest that sees what the tag does not', async () => {
    plant({
      'api/Dockerfile': 'ARG A\nFROM scratch AS one\nFROM scratch AS two\nCOPY . /srv/\n',
      'api/run.sh': 'x',
      'api/a': '',
      'api/b': '',
    });
    symlinkSync('a', join(root, 'api/link'));
    const first = await describeOne();
    const seen = new Set([first.digest]);
    const differs = async (settings: Partial<ImageSettings> = {}): Promise<void> => {
      const { digest, tag, problems } = await describeOne(settings);
      expect(problems).toEqual([]);
      expect([seen.has(digest), tag]).toEqual([false, first.tag]);
      seen.add(digest);
    };
    await differs({ args: { A: '1' } });
    await differs({ args: { A: '1', B: '2' } });
    await differs({ target: 'one' });
    await differs({ network: 'host' });
    mkdirSync(join(root, 'api/empty'));
    await differs();
    chmodSync(join(root, 'api/run.sh'), 0o755);
    await differs();
    rmSync(join(root, 'api/link'));
    symlinkSync('b', join(root, 'api/link'));
    await differs();
    expect((await describeOne({ args: { B: '2', A: '1' } })).digest).toBe(
      (await describeOne({ args: { A: '1', B: '2' } })).digest,
    );
  });

  it('is not moved by what our own writing does', async () => {
    plant({ Dockerfile: 'FROM scratch\nCOPY . /srv\n', 'main.py': '1' });
    const { root: before } = await describeAll(['root']);
    plant({ '.build/a.yaml': 'x', '.ptah/x': 'x' });
    const { root: after } = await describeAll(['root']);
    expect(after).toEqual(before);
    plant({ 'sub/.build/a.yaml': 'x' });
    expect((await describeAll(['root']))['root']?.tag).not.toBe(before?.tag);
  });

  it('changes with the images that it needs, and takes their working directory', async () => {
    plant({
      'base/Dockerfile': 'FROM scratch\nENV D=code\nWORKDIR /opt\n',
      'tools/Dockerfile': 'FROM scratch\nCOPY . /\n',
      'api/Dockerfile': 'ARG B=base\nFROM ptah://${B}\nCOPY src $D\nCOPY --from=ptah://tools /x /x\n',
      'api/src/a': '1',
      'web/Dockerfile': 'FROM scratch\nCOPY . /\n',
    });
    const names = ['api', 'base', 'tools', 'web'];
    const before = await describeAll(names);
    expect(before['api']?.copies).toMatchObject([{ source: 'src', target: '/opt/code' }]);
    expect(before['api']?.dependsOn).toMatchObject([
      { image: 'base', written: 'ptah://${B}', line: 2, column: 6 },
      { image: 'tools', written: 'ptah://tools', line: 4, column: 13 },
    ]);
    plant({ 'tools/new': 'x' });
    const after = await describeAll(names);
    const changed = names.filter(name => before[name]?.digest !== after[name]?.digest);
    expect(changed).toEqual(['api', 'tools']);
    expect(names.flatMap(name => after[name]?.problems ?? [])).toEqual([]);
    expect(after['api']?.tag).toBe(before['api']?.tag);
  });

  it('lists broken images with their problems, and the others as they are', async () => {
    plant({
      'gone/other': '',
      'latin/Dockerfile': Buffer.from('FROM a\n# caf\xe9\n', 'latin1'),
      'typo/Dockerfile': 'FROM a\nCOPPY . /x\nCOPY nope /x\nCOPY --from=ptah://nobody /x /y\n',
      'one/Dockerfile': 'FROM ptah://two\n',
      'two/Dockerfile': 'FROM scratch\nCOPY --from=ptah://one /x /y\n',
      'self/Dockerfile': 'FROM ptah://self\n',
      'good/Dockerfile': 'FROM scratch\n',
    });
    const all = await describeAll(['gone', 'missing', 'latin', 'typo', 'one', 'two', 'self', 'good']);
    const codes = Object.fromEntries(
      Object.entries(all).map(([name, { problems }]) => [
        name,
        problems.map(
          ({ code, file, line, column }) => `${code} ${file ?? '-'} ${line ?? '-'}:${column ?? '-'}`,
        ),
      ]),
    );
    expect(codes).toEqual({
      gone: ['unreadable gone/Dockerfile -:-'],
      missing: ['unreadable missing/Dockerfile -:-', 'folder-missing missing/Dockerfile -:-'],
      latin: ['undecodable-text latin/Dockerfile 2:1'],
      typo: [
        'unknown-instruction typo/Dockerfile 2:1',
        'unknown-image typo/Dockerfile 4:13',
        'source-missing typo/Dockerfile 3:6',
      ],
      one: ['dependency-cycle one/Dockerfile 1:6'],
      two: ['dependency-cycle two/Dockerfile 2:13'],
      self: ['dependency-cycle self/Dockerfile 1:6'],
      good: [],
    });
    expect(all['missing']).toMatchObject({ tag: '', reference: '', digest: '', copies: [] });
    expect(all['typo']?.tag).toHaveLength(7);
  });

  it('stops when it is told to', async () => {
    plant({ 'api/Dockerfile': 'FROM scratch\n' });
    const project = {
      root,
      dockerfiles: [{ name: 'api', context: 'api', dockerfile: 'api/Dockerfile' }],
      config: { buildOutput: '.build', tagAlgorithm: 'md5', images: {} },
    };
    await expect(describeImages(project, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
