import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeBuildOutput } from './write-build-output.ts';
import type { WrittenOutput } from './write-build-output.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ptah-output-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function plant(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function tree(directory: string): Record<string, string> {
  if (!existsSync(directory)) return {};
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter(entry =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map(entry => join(entry.parentPath, entry.name))
      .map(path => [relative(directory, path), readFileSync(path, 'utf8')]),
  );
}

function write(buildOutput: string, files: Readonly<Record<string, string>>): Promise<WrittenOutput> {
  return writeBuildOutput(
    {
      root,
      configFile: join(root, 'ptah.yml'),
      kindConfigFile: null,
      helmfile: null,
      dockerfiles: [{ name: 'api', dockerfile: 'images/api/Dockerfile', context: 'images/api' }],
      config: { buildOutput },
    },
    Object.entries(files).map(([path, rewritten]) => ({ path, rewritten })),
  );
}

describe('writeBuildOutput', () => {
  it('replaces whatever is in .build', async () => {
    plant({ '.build/stale.yaml': 'x', '.build/k8s/old.txt': 'x', 'k8s/new.yaml': 'a: 1\n' });
    await write('.build', { 'k8s/new.yaml': 'a: 2\r\n', 'é/x y.yaml': '\uFEFFb' });
    expect(tree(join(root, '.build'))).toEqual({ 'k8s/new.yaml': 'a: 2\r\n', 'é/x y.yaml': '\uFEFFb' });
    expect(readdirSync(join(root, '.build')).sort()).toEqual(['k8s', 'é']);
  });

  it('touches nothing when nothing changed', async () => {
    expect(await write('.build', { 'a.yaml': '1' })).toEqual({
      directory: join(root, '.build'),
      changed: true,
    });
    const before = statSync(join(root, '.build/a.yaml')).ctimeMs;
    expect(await write('.build', { 'a.yaml': '1' })).toMatchObject({ changed: false });
    expect(statSync(join(root, '.build/a.yaml')).ctimeMs).toBe(before);
    expect(await write('.build', { 'a.yaml': '2' })).toMatchObject({ changed: true });
    expect(tree(join(root, '.build'))).toEqual({ 'a.yaml': '2' });
  });

  it('leaves no folder behind where there are no manifests', async () => {
    plant({ '.build/a.yaml': '1' });
    await write('.build', {});
    expect(existsSync(join(root, '.build'))).toBe(false);
    expect(await write('.build', {})).toMatchObject({ changed: false });
  });

  it('clears away what an earlier run left half way', async () => {
    plant({
      '.build/.ptah-next-00ff/x.yaml': 'x',
      '.build/.ptah-old-00ff/a.yaml': 'x',
      '.build/a.yaml': '1',
    });
    await write('.build', { 'a.yaml': '1' });
    expect(tree(join(root, '.build'))).toEqual({ 'a.yaml': '1' });
    expect(readdirSync(join(root, '.build'))).toEqual(['a.yaml']);
  });

  it.each([
    '.',
    '',
    '..',
    './',
    'x/..',
    '/',
    '.git',
    '.git/out',
    'node_modules/x',
    'images',
    'images/api',
    tmpdir(),
  ])('refuses build_output: %j', async buildOutput => {
    plant({ 'ptah.yml': '', 'a.yaml': '1', 'images/api/Dockerfile': 'FROM a' });
    await expect(write(buildOutput, { 'a.yaml': '2' })).rejects.toMatchObject({
      code: 'build-output-dangerous',
    });
    expect(tree(root)).toEqual({ 'ptah.yml': '', 'a.yaml': '1', 'images/api/Dockerfile': 'FROM a' });
  });

  it('refuses a link and a file', async () => {
    plant({ 'precious/a.yaml': '1', file: 'x' });
    symlinkSync('precious', join(root, 'out'));
    await expect(write('out', { 'a.yaml': '2' })).rejects.toMatchObject({ code: 'build-output-dangerous' });
    await expect(write('file', { 'a.yaml': '2' })).rejects.toMatchObject({ code: 'build-output-dangerous' });
    expect(tree(join(root, 'precious'))).toEqual({ 'a.yaml': '1' });
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('x');
  });

  it('removes links in the folder, not what they point to', async () => {
    plant({ 'precious/a.yaml': '1', '.build/b.yaml': '1' });
    symlinkSync('../precious', join(root, '.build/link'));
    await write('.build', { 'c.yaml': '1' });
    expect(tree(join(root, '.build'))).toEqual({ 'c.yaml': '1' });
    expect(tree(join(root, 'precious'))).toEqual({ 'a.yaml': '1' });
  });

  it("refuses a folder with someone else's files and keeps every one", async () => {
    plant({ 'deploy/prod.yaml': 'mine', 'deploy/notes.txt': 'mine', 'a.yaml': '1' });
    await expect(write('deploy', { 'a.yaml': '2' })).rejects.toMatchObject({
      code: 'build-output-not-ours',
      details: { output: expect.arrayContaining(['notes.txt', 'prod.yaml']) as unknown },
    });
    expect(tree(join(root, 'deploy'))).toEqual({ 'prod.yaml': 'mine', 'notes.txt': 'mine' });
  });

  it('replaces a folder of another name when it mirrors the project', async () => {
    plant({
      'k8s/a.yaml': '1',
      'k8s/b.yaml': '1',
      'out/k8s/a.yaml': 'old',
      'out/k8s/b.yaml': 'old',
      'out/.DS_Store': '',
    });
    await write('out', { 'k8s/a.yaml': '2' });
    expect(tree(join(root, 'out'))).toEqual({ 'k8s/a.yaml': '2' });
  });

  it('writes outside of the project where ptah.yml says so', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'ptah-elsewhere-'));
    try {
      await write(join(elsewhere, 'out'), { 'a.yaml': '1' });
      expect(tree(elsewhere)).toEqual({ 'out/a.yaml': '1' });
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  });

  it('keeps what was there when writing fails half way', async () => {
    plant({ '.build/a.yaml': 'before' });
    // One path is a file and a folder at once: the second can't be written.
    await expect(write('.build', { 'x.yaml': '1', 'x.yaml/y.yaml': '2' })).rejects.toMatchObject({
      code: 'build-output-failed',
    });
    expect(tree(join(root, '.build'))).toEqual({ 'a.yaml': 'before' });
    await expect(write('fresh', { 'x.yaml': '1', 'x.yaml/y.yaml': '2' })).rejects.toMatchObject({
      code: 'build-output-failed',
    });
    expect(existsSync(join(root, 'fresh'))).toBe(false);
  });

  it('never leaves the project through a path', async () => {
    await expect(write('.build', { '../a.yaml': '1' })).rejects.toMatchObject({ code: 'path-outside' });
    expect(existsSync(join(root, '.build'))).toBe(false);
  });
});
