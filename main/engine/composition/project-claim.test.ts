import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { claimProject } from './project-claim.ts';

let cache: string;
beforeAll(async () => void (cache = await mkdtemp(join(tmpdir(), 'ptah-claim-'))));
afterAll(() => rm(cache, { recursive: true, force: true }));

async function fileOf(identity: string): Promise<string> {
  const claim = claimProject({ cache }, identity);
  const [name = ''] = await readdir(join(cache, 'running'));
  if ('release' in claim) claim.release();
  return join(cache, 'running', name);
}

it('is signed with the process, and gone after its release', async () => {
  const claim = claimProject({ cache }, 'shop');
  const [name = ''] = await readdir(join(cache, 'running'));
  expect(await readFile(join(cache, 'running', name), 'utf8')).toBe(String(process.pid));
  if (!('release' in claim)) throw new Error('not ours');
  claim.release();
  expect(await readdir(join(cache, 'running'))).toEqual([]);
});

it('is refused while another process has it, and passes on when that is gone', async () => {
  const file = await fileOf('shop');
  const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  const ended = new Promise(resolve => other.once('exit', resolve));
  await writeFile(file, String(other.pid));
  expect(claimProject({ cache }, 'shop')).toEqual({ heldBy: other.pid, file });
  expect(claimProject({ cache }, 'another')).toHaveProperty('release');
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1000);
  await utimes(file, yesterday, yesterday);
  const old = claimProject({ cache }, 'shop');
  expect(old).toHaveProperty('release');
  await writeFile(file, String(other.pid));
  other.kill();
  await ended;
  expect(claimProject({ cache }, 'shop')).toHaveProperty('release');
});

it('keeps nobody from working where it cannot be written', () => {
  expect(claimProject({ cache: '/dev/null/nowhere' }, 'shop')).toHaveProperty('release');
});
