import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectDocker } from '../docker/index.ts';
import { createTools } from '../tools/index.ts';
import {
  connectCluster,
  createKindCluster,
  deleteKindCluster,
  kindConfigChanged,
  kindDefaultImage,
  listKindClusters,
  parseKindPhase,
  pinKindContext,
  readKindConfig,
  resolveNodeImage,
} from './index.ts';

const name = `ptah-make-${Math.random().toString(36).slice(2, 7)}`;
const tools = createTools({ env: process.env });
let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptah-kind-'));
  env = { ...process.env, KUBECONFIG: join(folder, 'kubeconfig') };
  await mkdir(join(folder, 'project', 'data'), { recursive: true });
  await writeFile(join(folder, 'project', 'data', 'hello'), 'from the project');
  await writeFile(
    join(folder, 'project', 'kind.yaml'),
    'kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n  - role: control-plane\n    extraMounts:\n      - hostPath: ./data\n        containerPath: /project-data\n',
  );
});

afterAll(async () => {
  await deleteKindCluster(tools, name, { env });
  await rm(folder, { recursive: true, force: true });
});

test('a cluster from the project’s own configuration: made, used without touching the current context, deleted', async () => {
  const docker = connectDocker({ env: process.env });
  const configFile = join(folder, 'project', 'kind.yaml');
  const kindConfig = await readKindConfig(configFile);
  const image = await resolveNodeImage(docker, tools, { kindConfig, setting: null });
  expect(await kindDefaultImage(tools)).toMatch(/^kindest\/node:v[\d.]+@sha256:/);
  expect(image).not.toBeNull();

  const lines: string[] = [];
  const start = performance.now();
  const made = await createKindCluster(
    tools,
    { name, configFile, nodeImage: image?.reference ?? null, projectRoot: join(folder, 'project') },
    { env, onLine: line => lines.push(line) },
  );
  console.log(
    `a cluster from ${image?.reference} (${image?.reason}) took ${Math.round((performance.now() - start) / 1000)} s`,
  );
  expect(made.nodes).toEqual([`${name}-control-plane`]);
  expect(lines.map(parseKindPhase).filter(phase => phase?.state === 'done').length).toBeGreaterThan(3);
  expect((await listKindClusters(docker)).find(cluster => cluster.name === name)?.nodes).toMatchObject([
    { role: 'control-plane', running: true },
  ]);
  const mounted = await docker.exec(`${name}-control-plane`, ['cat', '/project-data/hello']);
  expect(mounted.stdout.toString()).toBe('from the project');

  const cluster = connectCluster(made.pinned, { env, tools });
  expect(await kindConfigChanged(cluster, kindConfig)).toBe(false);
  expect(await kindConfigChanged(cluster, kindConfig.replace('./data', './other'))).toBe(true);

  // Nobody's kubeconfig names it: Docker's labels and kind do.
  const elsewhere = { ...process.env, KUBECONFIG: join(folder, 'empty') };
  const pinned = await pinKindContext(name, { env: elsewhere, docker, tools });
  expect(pinned).toMatchObject({ source: 'kind', server: made.pinned.server });
  expect(await connectCluster(pinned, { env: elsewhere, tools }).version()).toMatch(/^v1\./);
  await expect(readFile(join(folder, 'empty'))).rejects.toThrow('ENOENT');

  await expect(
    createKindCluster(tools, { name, configFile, nodeImage: null, projectRoot: folder }, { env }),
  ).rejects.toMatchObject({ code: 'cluster-exists' });

  await deleteKindCluster(tools, name, { env });
  expect((await listKindClusters(docker)).some(cluster => cluster.name === name)).toBe(false);
  await expect(pinKindContext(name, { env, docker, tools })).rejects.toMatchObject({
    code: 'context-missing',
  });
});

test('cancelling leaves nothing behind', async () => {
  const docker = connectDocker({ env: process.env });
  const image = await resolveNodeImage(docker, tools, { kindConfig: null, setting: null });
  const stop = new AbortController();
  const making = createKindCluster(
    tools,
    { name, configFile: null, nodeImage: image?.reference ?? null, projectRoot: folder },
    {
      env,
      signal: stop.signal,
      onLine: line => {
        if (parseKindPhase(line)?.phase.startsWith('Starting control-plane')) stop.abort();
      },
    },
  );
  await expect(making).rejects.toMatchObject({ code: 'cancelled' });
  expect((await listKindClusters(docker)).some(cluster => cluster.name === name)).toBe(false);
});
