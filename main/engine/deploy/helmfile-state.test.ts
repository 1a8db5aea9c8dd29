import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { helmfileDigest } from './helmfile-state.ts';
import { someProject } from './testing.ts';

let root: string;
const { signal } = new AbortController();
const digest = () => helmfileDigest(someProject({ root, helmfile: join(root, 'helmfile.yaml') }), signal);

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'ptah-helmfile-')));
  await mkdir(join(root, 'charts', 'web', 'templates'), { recursive: true });
  await writeFile(join(root, 'charts', 'web', 'templates', 'a.yaml'), 'a');
  await writeFile(join(root, 'values.yaml'), 'v: 1');
  await writeFile(
    join(root, 'helmfile.yaml'),
    'releases:\n  - name: web\n    chart: ./charts/web\n    values: [values.yaml]\n  - name: far\n    chart: repo/../../etc\n',
  );
});
afterEach(() => rm(root, { recursive: true, force: true }));

it('changes with the Helmfile, and with the charts and values that it names', async () => {
  const first = await digest();
  expect(await digest()).toBe(first);
  await writeFile(join(root, 'charts', 'web', 'templates', 'a.yaml'), 'b');
  const second = await digest();
  await writeFile(join(root, 'values.yaml'), 'v: 2');
  const third = await digest();
  await writeFile(join(root, 'helmfile.yaml'), 'releases: []');
  expect(new Set([first, second, third, await digest()]).size).toBe(4);
});

it('does not change with what it does not name', async () => {
  const first = await digest();
  await writeFile(join(root, 'main.py'), 'print(1)');
  expect(await digest()).toBe(first);
});
