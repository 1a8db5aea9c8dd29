import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PtahError } from '../errors/index.ts';
import { compatibleHash, compatibleHashSync } from './compatible-hash.ts';
import { createContentIndex } from './content-index.ts';
import { defaultDigests, libraryDigests } from './digests.ts';
import type { DigestProvider } from './digests.ts';
import { plantTree } from './testing.ts';
import type { GoldenEntry } from './testing.ts';

interface GoldenCase {
  readonly name: string;
  readonly algorithm: string;
  readonly tree?: string;
  readonly files: readonly GoldenEntry[];
  readonly context?: string;
  readonly expected_tag?: string;
  readonly expected_full_hash?: string;
  readonly included?: readonly string[];
  readonly expected_error?: { readonly reason: string };
}

const golden = JSON.parse(readFileSync(new URL('./golden/dirhash.json', import.meta.url), 'utf8')) as {
  readonly trees: Readonly<Record<string, readonly GoldenEntry[]>>;
  readonly cases: readonly GoldenCase[];
};

/** Where the original breaks and we don't: the case, and why. */
const GO_ON: Readonly<Record<string, string>> = {
  'self-loop-even-when-ignored': 'an ignored link that fails is skipped',
  'context-is-a-link': 'a context that is a link is resolved',
  'ignore-one-blank-line': 'blank lines are skipped',
  'ignore-blank-line-between': 'blank lines are skipped',
  'ignore-line-of-spaces': 'blank lines are skipped',
  'ignore-line-of-tab': 'blank lines are skipped',
  'ignore-trailing-blank-line': 'blank lines are skipped',
};

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ptah-hash-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

const providers: readonly (readonly [string, DigestProvider])[] = [
  ['the platform’s crypto', defaultDigests],
  ['no crypto of the platform', libraryDigests],
];

describe.each(providers)('the original’s hash, with %s', (_, digests) => {
  it('covers 241 recorded cases', () => expect(golden.cases).toHaveLength(241));

  it.each(golden.cases.map(entry => [entry.name, entry] as const))('%s', (name, entry) => {
    plantTree(root, [...(entry.tree === undefined ? [] : (golden.trees[entry.tree] ?? [])), ...entry.files]);
    const index = createContentIndex();
    const options = { algorithm: entry.algorithm, digests };
    const run = () => compatibleHashSync(join(root, entry.context ?? '.'), options);
    const again = () => compatibleHashSync(join(root, entry.context ?? '.'), { ...options, index });
    if (entry.expected_error !== undefined && !(name in GO_ON)) {
      expect(codeOf(run)).toBe(entry.expected_error.reason);
      expect(codeOf(again)).toBe(entry.expected_error.reason);
      return;
    }
    const result = run();
    // The same of an index, at its first look and at its second.
    expect(again()).toEqual(result);
    expect(again()).toEqual(result);
    if (name in GO_ON) {
      expect(result.hash).toMatch(/^[0-9a-f]{32}$/);
      return;
    }
    expect(result.hash).toBe(entry.expected_full_hash);
    expect(result.hash.slice(0, 7)).toBe(entry.expected_tag);
    if (entry.included !== undefined) expect([...result.files].sort()).toEqual([...entry.included].sort());
  });
});

describe('where the original breaks', () => {
  const hash = (files: readonly GoldenEntry[], context = '.') => {
    plantTree(root, files);
    return compatibleHashSync(join(root, context));
  };

  it('reads a .dockerignore with blank lines as one without them', () => {
    const files = ['Dockerfile', 'a.md', 'b.log', 'c.txt'];
    const result = hash([...files, { path: '.dockerignore', text: '\n*.md\n\n  \t\n*.log\n\n' }]);
    expect(result.files).toEqual(['.dockerignore', 'Dockerfile', 'c.txt']);
  });

  it('lets Docker’s rules select the files of an allow-list', () => {
    const result = hash([
      'Dockerfile',
      'src/a.py',
      'src/b.pyc',
      'docs/x',
      { path: '.dockerignore', text: '*\n!src\nsrc/*.pyc\n' },
    ]);
    expect(result.files).toEqual(['src/a.py']);
    // The selected files hash as if they were all there is.
    const only = join(root, 'only');
    plantTree(only, [{ path: 'src/a.py', text: 'src/a.py\n' }]);
    expect(compatibleHashSync(only).hash).toBe(result.hash);
  });

  it('still has nothing to hash where Docker too selects nothing', () => {
    expect(codeOf(() => hash(['Dockerfile', { path: '.dockerignore', text: '*' }]))).toBe('nothing-to-hash');
  });

  it('skips ignored links that fail, wherever they are', () => {
    const result = hash([
      'Dockerfile',
      { path: 'self', type: 'symlink', target: 'self' },
      { path: 'cache/up', type: 'symlink', target: '..' },
      { path: '.dockerignore', text: 'self\ncache/\n' },
    ]);
    expect(result.files).toEqual(['.dockerignore', 'Dockerfile']);
  });

  it('hashes a context that is a link as what it leads to', () => {
    plantTree(root, ['real/Dockerfile', 'real/x', { path: 'app', type: 'symlink', target: 'real' }]);
    expect(compatibleHashSync(join(root, 'app'))).toEqual(compatibleHashSync(join(root, 'real')));
  });
});

describe('the caller’s choice', () => {
  it('leaves out what it is told to, even through a linked parent', () => {
    plantTree(root, [
      'p/Dockerfile',
      'p/.build/a.yaml',
      'p/sub/.build/kept',
      { path: 'alias', type: 'symlink', target: 'p' },
    ]);
    const plain = compatibleHashSync(join(root, 'p'));
    const without = compatibleHashSync(join(root, 'p'), { exclude: [join(root, 'alias', '.build')] });
    expect(plain.files).toEqual(['.build/a.yaml', 'Dockerfile', 'sub/.build/kept']);
    expect(without.files).toEqual(['Dockerfile', 'sub/.build/kept']);
  });

  it('names what is wrong with the folder', () => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync('file/x', join(root, 'through'));
    expect(codeOf(() => compatibleHashSync(join(root, 'gone')))).toBe('folder-missing');
    expect(codeOf(() => compatibleHashSync(join(root, 'file')))).toBe('not-a-directory');
    expect(codeOf(() => compatibleHashSync(root))).toBe('not-a-directory');
  });

  it('keeps the event loop answering and stops when told', async () => {
    plantTree(root, [{ type: 'many', count: 3000, dirs: 10, path: 'd{d}/f{i}', text: '{i}' }]);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const slow = compatibleHash(root, { algorithm: 'sm3' });
    const stopped = compatibleHash(root, { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ name: 'AbortError' });
    const result = await slow;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
    expect(result.hash).toBe(compatibleHashSync(root, { algorithm: 'sm3' }).hash);
  });
});

describe('a second look', () => {
  it('sees every kind of change', () => {
    const index = createContentIndex();
    mkdirSync(join(root, 'd'));
    writeFileSync(join(root, 'd', 'f'), 'one');
    const look = () => compatibleHashSync(root, { index }).hash;
    const first = look();
    expect(look()).toBe(first);
    // Same size, within the same tick of the clock.
    writeFileSync(join(root, 'd', 'f'), 'two');
    const second = look();
    expect(second).not.toBe(first);
    writeFileSync(join(root, 'd', 'g'), '');
    expect(look()).not.toBe(second);
    rmSync(join(root, 'd', 'g'));
    expect(look()).toBe(second);
    expect(compatibleHashSync(root).hash).toBe(second);
  });
});

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as PtahError).code;
  }
  return 'no error';
}
