import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Docker } from '../docker/index.ts';
import type { Tools } from '../tools/index.ts';
import { resolveCredentials } from './credentials.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { isLoopback, pinKindContext } from './pin.ts';

let folder: string;
const entry = (name: string, server: string, user: Record<string, unknown> = { token: name }) => ({
  clusters: [{ name, cluster: { server } }],
  users: [{ name, user }],
  contexts: [{ name: `kind-${name}`, context: { cluster: name, user: name } }],
});
const file = (name: string): string => join(folder, name);
const write = (name: string, content: unknown): Promise<void> => writeFile(file(name), stringify(content));
const env = (...names: string[]): NodeJS.ProcessEnv => ({ KUBECONFIG: names.map(file).join(delimiter) });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptah-kubeconfig-'));
  await write('first', { ...entry('shop', 'https://127.0.0.1:1000'), 'current-context': 'kind-shop' });
  await write('second', { ...entry('shop', 'https://127.0.0.1:2000'), 'current-context': 'prod' });
  await write('other', entry('other', 'https://127.0.0.1:3000'));
  await write('prod', entry('prod', 'https://prod.example:6443'));
  await write('home', entry('home', 'https://192.168.7.2:6443'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('merging as kubectl does', () => {
  test('the first file that names an entry wins, and a missing file is skipped', async () => {
    const config = await readKubeconfig(env('nowhere', 'first', 'second', 'other'));
    expect(config.clusters.map(({ name, cluster }) => [name, cluster.server])).toEqual([
      ['shop', 'https://127.0.0.1:1000'],
      ['other', 'https://127.0.0.1:3000'],
    ]);
    expect(config.contexts.map(({ name }) => name)).toEqual(['kind-shop', 'kind-other']);
  });

  test('paths mean the folder of their file', async () => {
    await writeFile(file('ca.crt'), 'the authority');
    await write('paths', {
      ...entry('paths', 'https://127.0.0.1:1'),
      clusters: [
        { name: 'paths', cluster: { server: 'https://127.0.0.1:1', 'certificate-authority': 'ca.crt' } },
      ],
    });
    const credentials = await resolveCredentials(await readKubeconfig(env('paths')), 'kind-paths');
    expect(String(credentials.tls.ca)).toBe('the authority');
    expect(credentials.headers).toEqual({ authorization: 'Bearer paths' });
  });

  test('a broken file is named', async () => {
    await writeFile(file('broken'), 'clusters: [');
    await expect(readKubeconfig(env('broken'))).rejects.toMatchObject({
      code: 'kubeconfig-invalid',
      details: { file: file('broken') },
    });
  });

  test('files of any other shape give nothing, not a crash', async () => {
    await writeFile(file('odd'), 'clusters: {a: 1}\nusers: [1, null, {name: x}]\ncontexts: text\n');
    expect(await readKubeconfig(env('odd'))).toEqual({ clusters: [], users: [], contexts: [] });
    await writeFile(file('empty'), '');
    expect((await readKubeconfig(env('empty'))).contexts).toEqual([]);
  });
});

const tools = (kubeconfigs: Readonly<Record<string, unknown>>): Tools => ({
  find: async name => ({ name, path: `/bin/${name}` }),
  searchPath: async () => [],
  run: async (name, argv) => ({
    command: [name, ...argv],
    exitCode: 0,
    stdout: stringify(kubeconfigs[argv.at(-1) ?? '']),
    stderr: '',
  }),
});
const docker = (...clusters: string[]): Docker =>
  ({
    listContainers: async () =>
      clusters.map(cluster => ({
        id: cluster,
        name: `${cluster}-control-plane`,
        image: 'kindest/node',
        running: true,
        labels: { 'io.x-k8s.kind.cluster': cluster, 'io.x-k8s.kind.role': 'control-plane' },
      })),
  }) as Partial<Docker> as Docker;

describe('pinning', () => {
  test('takes kind-NAME whatever the current context is', async () => {
    expect(await pinKindContext('other', { env: env('first', 'other') })).toEqual({
      context: 'kind-other',
      clusterName: 'other',
      server: 'https://127.0.0.1:3000',
      source: 'kubeconfig',
    });
  });

  test('a context that leads off this machine is refused', async () => {
    await expect(pinKindContext('prod', { env: env('prod') })).rejects.toMatchObject({
      code: 'context-foreign',
    });
    await expect(
      pinKindContext('prod', {
        env: env('prod'),
        tools: tools({ prod: entry('prod', 'https://127.0.0.1:5') }),
      }),
    ).rejects.toMatchObject({ code: 'context-foreign' });
  });

  test('unless kind itself says that its API server lies there', async () => {
    const pinned = await pinKindContext('home', {
      env: env('home'),
      tools: tools({ home: entry('home', 'https://192.168.7.2:6443') }),
    });
    expect(pinned.server).toBe('https://192.168.7.2:6443');
  });

  test('a cluster that only Docker and kind know is used without writing a kubeconfig', async () => {
    const pinned = await pinKindContext('fresh', {
      env: env('first'),
      docker: docker('fresh'),
      tools: tools({ fresh: entry('fresh', 'https://127.0.0.1:7') }),
    });
    expect(pinned).toEqual({
      context: 'kind-fresh',
      clusterName: 'fresh',
      server: 'https://127.0.0.1:7',
      source: 'kind',
    });
  });

  test('what is nowhere is said, with the next step', async () => {
    await expect(pinKindContext('none', { env: env('first'), docker: docker() })).rejects.toMatchObject({
      code: 'context-missing',
      hint: expect.stringContaining('kind create cluster --name none'),
    });
    await expect(
      pinKindContext('there', { env: env('first'), docker: docker('there') }),
    ).rejects.toMatchObject({
      code: 'context-missing',
      hint: 'The Kind cluster there is there. Run: kind export kubeconfig --name there',
    });
  });

  test.each([
    ['https://127.0.0.1:6443', true],
    ['https://[::1]:6443', true],
    ['https://localhost:6443', true],
    ['https://127.0.0.1.evil.example', false],
    ['https://10.0.0.1', false],
    ['not a url', false],
  ])('%s is loopback: %s', (server, expected) => {
    expect(isLoopback(server)).toBe(expected);
  });
});
