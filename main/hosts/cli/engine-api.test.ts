import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createApi, type Api, type Host } from '../../api/index.ts';
import { createEngine, type Engine } from '../../engine/index.ts';
import { createEngineOrAttach } from '../attach/index.ts';
import { runPtah, testFolder, type TestFolder } from './testing.ts';

/** The engine behind the contract: every answer is checked against its schema by the api itself. */
let home: string;
let engine: Engine;
let api: Api;
let folder: TestFolder;
const host: Host = {
  kind: 'loopback',
  version: '0.1.0',
  openExternal: () => Promise.resolve(),
  chooseFolder: () => Promise.resolve(null),
};
const env = () => ({
  PATH: process.env.PATH,
  HOME: home,
  TERM: 'dumb',
  PTAH_HOME: join(home, 'ptah'),
  DOCKER_HOST: 'unix:///nowhere/docker.sock',
});
const call = async <T>(method: string, input: object = {}): Promise<T> =>
  (await api.handle(method, input, { signal: AbortSignal.timeout(20_000), windowId: null })) as T;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ptah-engine-'));
  engine = createEngine({ env: env() });
  api = createApi(engine, host);
  folder = await testFolder('shop');
  await folder.write({
    'ptah.yml': 'kind:\n  name: dev\n',
    'api/Dockerfile': 'FROM scratch\nCOPY . /srv/\n',
    'k8s/api.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: api}\nspec: {containers: [{name: api, image: "ptah://api"}]}\n',
  });
});
afterEach(async () => {
  await engine.close();
  await folder.remove();
  await rm(home, { recursive: true, force: true });
});

const open = async (path = folder.root) =>
  (await call<{ project: { id: string } }>('projects.open', { path })).project.id;

describe('projects', () => {
  it('are opened, listed, shown and removed', async () => {
    const id = await open();
    expect(await call('projects.list')).toMatchObject([
      {
        id,
        name: 'shop',
        state: 'ok',
        clusterName: 'dev',
        imageCount: 1,
        manifestCount: 1,
        lastDeploy: null,
      },
    ]);
    expect(await call('projects.get', { id })).toMatchObject({
      context: 'kind-dev',
      config: { namespace: 'default' },
    });
    await call('projects.remove', { id });
    expect(await call('projects.list')).toEqual([]);
    await expect(call('projects.get', { id })).rejects.toMatchObject({ code: 'project-unknown' });
  });

  it('without ptah.yml are proposed, and written when agreed', async () => {
    await rm(join(folder.root, 'ptah.yml'));
    const found = await call<{ result: string; proposal: Record<string, unknown> }>('projects.open', {
      path: folder.root,
    });
    expect(found.result).toBe('proposal');
    const { root, configText, edits } = found.proposal;
    expect(await call('projects.accept', { root, configText, edits })).toMatchObject({ result: 'opened' });
  });

  it('of one identity in two folders are asked about', async () => {
    await open();
    const other = await testFolder('shop');
    try {
      await other.write({ 'ptah.yml': 'kind:\n  name: dev\n' });
      expect(await call('projects.open', { path: other.root })).toMatchObject({ result: 'same-identity' });
      expect(await call('projects.open', { path: other.root, asNew: true })).toMatchObject({
        result: 'opened',
      });
    } finally {
      await other.remove();
    }
  });

  it('that are gone or wrong stay on the list and say so', async () => {
    await open();
    await folder.write({ 'ptah.yml': 'kind:\n  nmae: dev\n' });
    expect(await call('projects.list')).toMatchObject([
      { state: 'invalid', problem: { file: 'ptah.yml', line: 2 } },
    ]);
    await rm(folder.root, { recursive: true });
    expect(await call('projects.list')).toMatchObject([{ state: 'missing' }]);
  });

  it('are found by browsing, and by what a browser tells of a dropped folder', async () => {
    const listing = await call<{ folders: object[] }>('projects.browse', { path: join(folder.root, '..') });
    expect(listing.folders).toEqual([
      { name: 'shop', path: folder.root, isProject: true, hasDockerfile: false },
    ]);
    await open();
    expect(await call('projects.locate', { name: 'shop', entries: ['ptah.yml', 'api', 'k8s'] })).toEqual({
      candidates: [folder.root],
    });
  });

  it('tell when their files change', async () => {
    const id = await open();
    await call('projects.get', { id });
    const changed: string[] = [];
    api.onEvent((event, payload) => {
      if (event === 'projects.filesChanged') changed.push((payload as { id: string }).id);
    });
    await sleep(50);
    await folder.write({ 'api/new/deep.txt': '1' });
    await expect.poll(() => changed.length, { timeout: 30_000 }).toBeGreaterThan(0);
    await sleep(400);
    const before = changed.length;
    await folder.write({ 'api/new/deep.txt': '2' });
    await expect.poll(() => changed.length, { timeout: 30_000 }).toBeGreaterThan(before);
    expect(new Set(changed)).toEqual(new Set([id]));
  });
});

describe('without Docker', () => {
  it('everything answers, and says what is wrong', async () => {
    const projectId = await open();
    expect(await call('app.status')).toMatchObject({ docker: { state: 'unreachable' }, running: 0 });
    expect(await call('deploy.plan', { projectId })).toMatchObject({
      runnable: false,
      problems: [{ code: 'docker-unreachable' }],
    });
    expect(await call('images.list', { projectId })).toMatchObject({
      images: [{ name: 'api', state: 'unknown' }],
      problems: [{ code: 'docker-unreachable' }],
    });
    expect(await call('cluster.get', { projectId })).toMatchObject({ state: 'unknown', nodes: [] });
    await expect(
      call('workloads.openService', { projectId, namespace: 'default', name: 'api', port: 80 }),
    ).rejects.toMatchObject({ code: expect.any(String) as string });
    const stream = api.open(
      'workloads.watch',
      { projectId },
      { signal: AbortSignal.timeout(5_000), windowId: null },
    );
    for await (const snapshot of stream) {
      expect(snapshot).toMatchObject({ connected: false });
      break;
    }
    expect(await call('setup.list')).toHaveLength(9);
    expect(await call('setup.check', { id: 'docker' })).toMatchObject({ state: 'failed' });
  });

  it('a deploy is a job that fails, with its log and its place in the history', async () => {
    const projectId = await open();
    const { jobId } = await call<{ jobId: string }>('deploy.start', { projectId, fingerprint: null });
    const types: string[] = [];
    const stream = api.open(
      'activity.follow',
      { jobId, after: 0 },
      { signal: AbortSignal.timeout(9_000), windowId: null },
    );
    for await (const item of stream) types.push((item as { event: { type: string } }).event.type);
    expect(types).toEqual(['step', 'plan', 'step', 'result']);
    await expect
      .poll(() => call('activity.get', { jobId }))
      .toMatchObject({
        state: 'failed',
        error: { code: 'plan-blocked' },
      });
    expect(await call('deploy.history', { projectId })).toMatchObject([
      { jobId, running: false, result: { state: 'failed' } },
    ]);
    expect(await call('projects.list')).toMatchObject([
      { lastDeploy: { state: 'failed' }, runningJob: null },
    ]);
  });
});

describe('jobs', () => {
  it('run one at a time for a project: the same plan attaches, another is refused', async () => {
    const projectId = await open();
    const first = await call<{ jobId: string }>('deploy.start', { projectId, fingerprint: 'a' });
    expect(await call('deploy.start', { projectId, fingerprint: 'a' })).toEqual(first);
    await expect(call('deploy.start', { projectId, fingerprint: 'b' })).rejects.toMatchObject({
      code: 'deploy-running',
      details: { output: [first.jobId] },
    });
    await expect(call('images.build', { projectId, names: [], force: false })).rejects.toMatchObject({
      code: 'deploy-running',
    });
  });

  it('only delete the cluster whose name was typed', async () => {
    const projectId = await open();
    await expect(call('cluster.delete', { projectId, name: 'other' })).rejects.toMatchObject({
      code: 'name-mismatch',
    });
  });
});

it('settings are told to everybody', async () => {
  const seen: unknown[] = [];
  api.onEvent((event, payload) => {
    if (event === 'settings.changed') seen.push(payload);
  });
  await call('settings.update', { patch: { theme: 'dark' } });
  expect(seen).toMatchObject([{ theme: 'dark' }]);
});

it('a terminal attaches to the engine that runs, and its job is seen there', async () => {
  const handle = await createEngineOrAttach({ home: engine.home, host, startEngine: () => engine });
  try {
    const clean = { PTAH_HOME: engine.home.config, DOCKER_HOST: '', KUBECONFIG: '', DOCKER_CONTEXT: '' };
    const { code, err } = await runPtah(['build'], {
      cwd: folder.root,
      env: { ...clean, PTAH_KIND_NODE_IMAGE: '' },
    });
    expect(code).toBe(1);
    // the engine's Docker, not the terminal's
    expect(err).toContain('/nowhere/docker.sock');
    expect(await call('activity.list')).toMatchObject([
      { kind: 'build', title: 'Build shop', state: 'failed' },
    ]);
  } finally {
    await handle.close();
  }
});
