import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openProject } from '../project/index.ts';
import { projectFiles } from './project-files.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'project-files-'));
  for (const [name, text] of Object.entries(files)) write(name, text);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const files = {
  'ptah.yml': 'name: shop\nkind: {name: shop}\n',
  'helmfile.yaml':
    'releases:\n  - name: db\n    chart: ./charts/db\n    values: [values/db.gotmpl]\n  - {name: cache, chart: stable/cache}\n',
  'values/db.gotmpl': 'size: 1\n',
  'values/other.gotmpl': 'size: 1\n',
  'charts/db/Chart.yaml': 'name: db\nversion: 1.0.0\n',
  'charts/db/templates/db.tpl': 'a\n',
  'web/Dockerfile': 'FROM scratch\nCOPY app /app\n',
  'web/app/main.py': 'print()\n',
  'k8s/web.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n',
};

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

const now = async () => projectFiles(await openProject(root), new AbortController().signal);

it.each([
  ['ptah.yml', true],
  ['helmfile.yaml', true],
  ['values/db.gotmpl', true],
  ['charts/db/templates/db.tpl', true],
  ['k8s/web.yaml', true],
  ['web/app/main.py', false],
  ['values/other.gotmpl', false],
] as const)('a change of %s is one for a deploy: %s', async (name, matters) => {
  const before = await now();
  expect(await now()).toBe(before);
  write(name, `${files[name]}# changed\n`);
  expect((await now()) !== before).toBe(matters);
});

it('so is an image or a manifest that comes or goes, and a chart that gets a file', async () => {
  const before = await now();
  write('charts/db/templates/more.tpl', 'b\n');
  const more = await now();
  expect(more).not.toBe(before);
  rmSync(join(root, 'charts/db/templates/more.tpl'));
  expect(await now()).toBe(before);
  write('worker/Dockerfile', 'FROM scratch\n');
  expect(await now()).not.toBe(before);
});
