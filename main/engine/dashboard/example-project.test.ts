import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { exampleDashboard, writeExampleDashboard } from './example-project.ts';

const example = fileURLToPath(new URL('../../../examples/dashboard', import.meta.url));
const ui = { service: 'kubernetes-dashboard', user: 'dashboard-admin' };

test('is the example of the repository, for the cluster that asked', async () => {
  const files = exampleDashboard({ clusterName: 'dashboard', ui });
  for (const name of ['helmfile.yaml', 'k8s/admin.yaml'])
    expect(files[name]).toBe(await readFile(join(example, name), 'utf8'));
  expect(files['ptah.yml']).toBe(`name: dashboard\n${await readFile(join(example, 'ptah.yml'), 'utf8')}`);
});

test('names the service and the account that the project looks for', () => {
  const files = exampleDashboard({ clusterName: 'shop', ui: { service: 'board', user: 'no' } });
  expect(parse(files['ptah.yml'] ?? '')).toEqual({
    name: 'dashboard',
    kind: { name: 'shop' },
    ui: { service: 'board', user: 'no' },
  });
  expect(files['helmfile.yaml']).toContain('fullnameOverride: board');
  expect(files['k8s/admin.yaml']).toContain('  name: "no"\n');
});

test('leaves nothing of an older one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ptah-dashboard-'));
  const root = join(folder, 'of');
  try {
    await writeExampleDashboard(root, { 'old.yaml': 'a: 1\n' });
    await writeExampleDashboard(root, { 'k8s/new.yaml': 'b: 2\n' });
    expect(await readFile(join(root, 'k8s/new.yaml'), 'utf8')).toBe('b: 2\n');
    await expect(readFile(join(root, 'old.yaml'))).rejects.toMatchObject({ code: 'ENOENT' });
  } finally {
    await rm(folder, { recursive: true });
  }
});
