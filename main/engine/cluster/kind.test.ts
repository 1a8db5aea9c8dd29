import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Docker } from '../docker/index.ts';
import { PtahError } from '../errors/index.ts';
import type { RunOptions, Tools } from '../tools/index.ts';
import { notReadyReason } from './await-cluster.ts';
import {
  adaptKindConfig,
  createKindCluster,
  decideNodeImage,
  explainKindFailure,
  kindConfigChanged,
  kindConfigDigest,
  listKindClusters,
  nodeNamesOf,
  parseKindPhase,
  readKindConfig,
  recordKindConfig,
} from './index.ts';
import { startFakeApi } from './testing.ts';

const CONFIG = `# the shop's cluster
kind: Cluster
apiVersion: kind.x-k8s.io/v1alpha4
name: whatever
nodes:
  - role: control-plane
    image: kindest/node:v1.30.0
    extraMounts:
      - hostPath: ./data # beside the manifests
        containerPath: /data
      - hostPath: /var/lib/shared
        containerPath: /shared
  - role: worker
  - role: worker
`;

describe('the project’s Kind configuration', () => {
  test('gets the cluster’s name, and host paths that mean the project', () => {
    const adapted = parse(adaptKindConfig(CONFIG, { name: 'shop', projectRoot: '/home/me/shop' })) as Record<
      string,
      unknown
    >;
    expect(adapted).toMatchObject({
      name: 'shop',
      nodes: [{ extraMounts: [{ hostPath: '/home/me/shop/data' }, { hostPath: '/var/lib/shared' }] }, {}, {}],
    });
  });

  test('nodes are named as kind names them', () => {
    expect(nodeNamesOf(CONFIG, 'shop')).toEqual(['shop-control-plane', 'shop-worker', 'shop-worker2']);
    expect(nodeNamesOf('kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n', 'shop')).toEqual([
      'shop-control-plane',
    ]);
  });

  test('its digest sees what it means, not how it is written', () => {
    expect(
      kindConfigDigest(CONFIG.replace('# the shop', '# our shop').replace('name: whatever', 'name: other')),
    ).toBe(kindConfigDigest(CONFIG));
    expect(kindConfigDigest(CONFIG.replace('  - role: worker\n', ''))).not.toBe(kindConfigDigest(CONFIG));
    expect(kindConfigDigest(CONFIG.replace('./data', './other'))).not.toBe(kindConfigDigest(CONFIG));
  });

  test('one that is no YAML is named with its line', () => {
    expect(() => adaptKindConfig('kind: Cluster\nnodes: [\n', { name: 'x', projectRoot: '/' })).toThrow(
      expect.objectContaining({
        code: 'kind-config-invalid',
        details: { line: expect.any(Number), column: expect.any(Number) },
      }) as Error,
    );
    expect(() => nodeNamesOf('just text', 'x')).toThrow(
      expect.objectContaining({ code: 'kind-config-invalid' }) as Error,
    );
  });

  test('one that is not there', async () => {
    await expect(readKindConfig('/nowhere/kind.yaml')).rejects.toMatchObject({
      code: 'kind-config-invalid',
      message: expect.stringContaining('is not there'),
    });
  });

  test('what a cluster was made from is read from the cluster', async () => {
    const api = await startFakeApi();
    try {
      api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system' } });
      const cluster = await api.cluster();
      expect(await kindConfigChanged(cluster, CONFIG), 'nobody recorded it').toBe(false);
      await recordKindConfig(cluster, CONFIG);
      expect(await kindConfigChanged(cluster, CONFIG)).toBe(false);
      expect(await kindConfigChanged(cluster, `${CONFIG}  - role: worker\n`)).toBe(true);
    } finally {
      await api.close();
    }
  });
});

describe('the node image', () => {
  const facts = {
    kindConfig: null,
    setting: null,
    kindDefault: 'kindest/node:v1.37.0@sha256:abc',
    defaultAvailable: true,
    local: ['kindest/node:v1.34.4'],
  };

  test('from the configuration, the setting, kind, or this machine, in this order', () => {
    expect(decideNodeImage({ ...facts, kindConfig: CONFIG, setting: 'mine:1' })).toMatchObject({
      reference: 'kindest/node:v1.30.0',
      from: 'kind-config',
    });
    expect(decideNodeImage({ ...facts, setting: 'mine:1' })).toMatchObject({
      reference: 'mine:1',
      from: 'setting',
    });
    expect(decideNodeImage(facts)).toMatchObject({
      reference: 'kindest/node:v1.37.0@sha256:abc',
      from: 'kind-default',
    });
    expect(decideNodeImage({ ...facts, defaultAvailable: false })).toMatchObject({
      reference: 'kindest/node:v1.34.4',
      from: 'local',
      reason: expect.stringContaining('v1.37.0 cannot be pulled'),
    });
    expect(decideNodeImage({ ...facts, defaultAvailable: false, local: [] })).toMatchObject({
      from: 'kind-default',
    });
    expect(decideNodeImage({ ...facts, kindDefault: null, local: [] })).toBeNull();
  });
});

describe('kind’s output', () => {
  test.each([
    [
      ' • Ensuring node image (kindest/node:v1.34.0) 🖼  ...',
      { phase: 'Ensuring node image (kindest/node:v1.34.0)', state: 'running' },
    ],
    [' ✓ Preparing nodes 📦 📦 📦 ', { phase: 'Preparing nodes', state: 'done' }],
    [' ✗ Starting control-plane 🕹️ ', { phase: 'Starting control-plane', state: 'failed' }],
    ['Creating cluster "shop" ...', null],
    ['', null],
  ])('%j', (line, phase) => {
    expect(parseKindPhase(line)).toEqual(phase);
  });

  test.each([
    [
      'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "shop"',
      'cluster-exists',
    ],
    [
      'ERROR: failed to create cluster: failed to list nodes: Cannot connect to the Docker daemon at unix:///var/run/docker.sock',
      'docker-unreachable',
    ],
    [
      'Error response from daemon: driver failed programming: Bind for 0.0.0.0:80 failed: port is already allocated',
      'port-in-use',
    ],
    ['write /var/lib/docker/tmp/x: no space left on device', 'disk-full'],
    ['Failed to create inotify object: Too many open files', 'inotify-limit'],
    [
      'ERROR: failed to create cluster: failed to pull image "kindest/node:v9": pull access denied',
      'image-pull',
    ],
    [
      'ERROR: failed to create cluster: could not find a log line that matches "Reached target .*Multi-User System.*|detected cgroup v1"',
      'node-boot',
    ],
    ['[kubelet-check] kubelet is configured to not run on a host using cgroup v1', 'cgroup'],
    ['failed to init node with kubeadm: command "docker exec" failed', 'control-plane'],
    ['ERROR: failed to create cluster: unknown apiVersion: kind.x-k8s.io/v9', 'kind-config-invalid'],
    ['invalid mount config for type "bind": bind source path does not exist: /x', 'mount-missing'],
  ])('%s is %s', (output, code) => {
    const known = explainKindFailure(output);
    expect(known?.code).toBe(code);
    expect(known?.hint.length).toBeGreaterThan(10);
  });

  test('something new has no explanation', () => {
    expect(explainKindFailure('ERROR: a novelty')).toBeNull();
  });
});

describe('making a cluster', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ptah-kind-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  function fakeKind(options: {
    clusters?: string;
    create?: (run: RunOptions) => void | Promise<void>;
    kubeconfig?: string;
  }) {
    const calls: (readonly string[])[] = [];
    const inputs: string[] = [];
    const tools: Tools = {
      find: async name => ({ name, path: `/bin/${name}` }),
      searchPath: async () => [],
      async run(name, argv, run = {}) {
        calls.push([name, ...argv]);
        if (argv[0] === 'create') {
          inputs.push(String(run.input));
          await options.create?.(run);
        }
        return {
          command: [name, ...argv],
          exitCode: 0,
          stdout: argv[1] === 'clusters' ? (options.clusters ?? '') : '',
          stderr: '',
        };
      },
    };
    return { tools, calls, inputs };
  }
  const request = () => ({
    name: 'fake',
    configFile: null,
    nodeImage: 'kindest/node:v1',
    projectRoot: folder,
  });

  test('waits for the API and the nodes, and records the configuration', async () => {
    const api = await startFakeApi();
    try {
      for (const name of ['kube-system', 'default'])
        api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      api.put({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'fake-control-plane' },
        status: { conditions: [{ type: 'Ready', status: 'False', message: 'cni plugin not initialized' }] },
      });
      const lines: string[] = [];
      const kind = fakeKind({ create: ({ onLine }) => onLine?.(' ✓ Preparing nodes 📦 ', 'stderr') });
      const made = createKindCluster(kind.tools, request(), {
        env: api.env,
        onLine: line => {
          lines.push(line);
          if (line.includes('cni plugin')) {
            api.put({
              apiVersion: 'v1',
              kind: 'Node',
              metadata: { name: 'fake-control-plane' },
              status: { conditions: [{ type: 'Ready', status: 'True' }] },
            });
            api.put({
              apiVersion: 'v1',
              kind: 'ServiceAccount',
              metadata: { name: 'default', namespace: 'default' },
            });
          }
        },
      });
      expect(await made).toMatchObject({ pinned: { context: 'kind-fake' }, nodes: ['fake-control-plane'] });
      expect(lines).toContain('fake-control-plane is not ready: cni plugin not initialized');
      expect(kind.calls).toContainEqual([
        'kind',
        'create',
        'cluster',
        '--name',
        'fake',
        '--config',
        '-',
        '--wait',
        '0s',
        '--image',
        'kindest/node:v1',
      ]);
      expect(parse(kind.inputs[0] ?? '')).toMatchObject({ kind: 'Cluster', name: 'fake' });
    } finally {
      await api.close();
    }
  });

  test('a failure is explained, and what was half made is deleted', async () => {
    const kind = fakeKind({
      create({ onLine }) {
        onLine?.(
          'ERROR: failed to create cluster: Bind for 0.0.0.0:80 failed: port is already allocated',
          'stderr',
        );
        throw new PtahError('tool-failed', 'kind failed');
      },
    });
    await expect(createKindCluster(kind.tools, request(), { env: {} })).rejects.toMatchObject({
      code: 'port-in-use',
      details: { output: [expect.stringContaining('port is already allocated')] },
    });
    expect(kind.calls.at(-1)).toEqual(['kind', 'delete', 'cluster', '--name', 'fake']);
  });

  test('cancelling deletes it too, and is no failure', async () => {
    const stop = new AbortController();
    const kind = fakeKind({
      create() {
        stop.abort();
        throw new PtahError('cancelled', 'cancelled');
      },
    });
    await expect(
      createKindCluster(kind.tools, request(), { env: {}, signal: stop.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(kind.calls.at(-1)).toEqual(['kind', 'delete', 'cluster', '--name', 'fake']);
  });

  test('a cluster that was there before is never deleted', async () => {
    const kind = fakeKind({ clusters: 'other\nfake\n' });
    await expect(createKindCluster(kind.tools, request(), { env: {} })).rejects.toMatchObject({
      code: 'cluster-exists',
    });
    const raced = fakeKind({
      create() {
        throw new PtahError('tool-failed', 'kind failed', {
          details: { output: ['ERROR: node(s) already exist for a cluster with the name "fake"'] },
        });
      },
    });
    await expect(createKindCluster(raced.tools, request(), { env: {} })).rejects.toMatchObject({
      code: 'cluster-exists',
    });
    expect([...kind.calls, ...raced.calls].filter(call => call.includes('delete'))).toEqual([]);
  });

  test('nodes that never get ready: the limit names their last words', async () => {
    const api = await startFakeApi();
    try {
      api.put({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: 'fake-control-plane' },
        status: { conditions: [{ type: 'Ready', status: 'False', message: 'out of memory' }] },
      });
      const kind = fakeKind({});
      await expect(
        createKindCluster(kind.tools, request(), { env: api.env, limits: { nodes: 300 } }),
      ).rejects.toMatchObject({
        code: 'cluster-not-ready',
        message: expect.stringContaining('fake-control-plane is not ready: out of memory'),
      });
      expect(kind.calls.at(-1)).toContain('delete');
    } finally {
      await api.close();
    }
  });

  test('a configuration that cannot be read stops before anything is made', async () => {
    await writeFile(join(folder, 'kind.yaml'), 'nodes: [');
    const kind = fakeKind({});
    await expect(
      createKindCluster(kind.tools, { ...request(), configFile: join(folder, 'kind.yaml') }, { env: {} }),
    ).rejects.toMatchObject({ code: 'kind-config-invalid' });
    expect(kind.calls).toEqual([]);
  });
});

test('clusters by Docker’s labels, without their load balancer', async () => {
  const container = (cluster: string, name: string, role: string, running = true) => ({
    id: name,
    name: `/${name}`,
    image: 'kindest/node:v1',
    running,
    labels: { 'io.x-k8s.kind.cluster': cluster, 'io.x-k8s.kind.role': role },
  });
  const docker = {
    listContainers: async () => [
      container('shop', 'shop-worker', 'worker', false),
      container('shop', 'shop-control-plane', 'control-plane'),
      container('shop', 'shop-external-load-balancer', 'external-load-balancer'),
      container('a', 'a-control-plane', 'control-plane'),
    ],
  } as Partial<Docker> as Docker;
  const clusters = await listKindClusters(docker);
  expect(
    clusters.map(({ name, nodes }) => [name, nodes.map(node => `${node.name} ${node.running}`)]),
  ).toEqual([
    ['a', ['a-control-plane true']],
    ['shop', ['shop-control-plane true', 'shop-worker false']],
  ]);
});

test('a node that has not reported yet', () => {
  expect(notReadyReason({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' } })).toBe(
    'n is not ready: it has not reported yet',
  );
});
