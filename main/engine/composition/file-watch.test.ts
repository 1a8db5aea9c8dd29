import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFileWatch, type FileWatch } from './file-watch.ts';

let top: string;
let root: string;
let watch: FileWatch;
const changed = vi.fn<(id: string) => void>();

beforeEach(async () => {
  changed.mockClear();
  top = await mkdtemp(join(tmpdir(), 'ptah-watch-'));
  root = join(top, 'project');
  await mkdir(join(root, 'app'), { recursive: true });
  watch = createFileWatch(changed);
});
afterEach(async () => {
  watch.close();
  await rm(top, { recursive: true, force: true });
});

const hinted = () => expect.poll(() => changed.mock.calls.length, { timeout: 30_000 }).toBeGreaterThan(0);

it('hints at a change, also in a folder that was made since', async () => {
  watch.add('p', root, []);
  await mkdir(join(root, 'app', 'new'));
  await hinted();
  await new Promise(resolve => setTimeout(resolve, 400));
  changed.mockClear();
  await writeFile(join(root, 'app', 'new', 'file'), '');
  await hinted();
});

it.each(['renamed', 'deleted'])('hints when the folder is %s, and when it is back', async how => {
  watch.add('p', root, []);
  await (how === 'renamed' ? rename(root, `${root}-away`) : rm(root, { recursive: true }));
  await hinted();
  await new Promise(resolve => setTimeout(resolve, 400));
  changed.mockClear();
  await mkdir(root, { recursive: true });
  await hinted();
  await new Promise(resolve => setTimeout(resolve, 400));
  changed.mockClear();
  await writeFile(join(root, 'ptah.yml'), '');
  await hinted();
});

it('waits for a folder that was not there to begin with', async () => {
  await rm(root, { recursive: true });
  watch.add('p', root, []);
  await mkdir(root);
  await hinted();
});

it('says nothing of what is left out', async () => {
  await mkdir(join(root, '.build'));
  watch.add('p', root, []);
  watch.add('p', root, [join(root, '.build')]);
  await writeFile(join(root, '.build', 'x'), '');
  await new Promise(resolve => setTimeout(resolve, 600));
  expect(changed).not.toHaveBeenCalled();
});
