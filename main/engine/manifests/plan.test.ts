import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startFakeApi } from '../cluster/testing.ts';
import type { FakeApi } from '../cluster/testing.ts';
import type { Cluster } from '../cluster/index.ts';
import type { Tools } from '../tools/index.ts';
import { isAlreadyApplied } from './applied-fields.ts';
import { changedFields, describeChanges } from './changed-fields.ts';
import { isImmutable } from './decide-action.ts';
import { applySetId, inventoryName } from './identity.ts';
import {
  applyObjects,
  cleanObject,
  diffObject,
  objectText,
  planHelmfile,
  planObjects,
  projectLabel,
  prune,
  readInventory,
  syncHelmfile,
} from './index.ts';
import type { KubernetesObject, ManifestObject } from './index.ts';

const document = (object: KubernetesObject, line = 1): ManifestObject => ({
  object,
  file: 'k8s.yaml',
  line,
  source: 'a: ptah://api\n',
  rewritten: 'a: api:1\n',
});
const configMap = (
  name: string,
  data: Record<string, string> = { a: '1' },
  namespace?: string,
): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...(namespace && { namespace }) },
  data,
});
const deployment = (name: string): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { replicas: 1 },
});

describe('cleaning', () => {
  const live: KubernetesObject = {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: {
      name: 'conf',
      namespace: 'shop',
      uid: 'u',
      resourceVersion: '7',
      generation: 2,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', mine: 'x' },
      managedFields: [{}],
    },
    data: { text: 'one\ntwo\n', on: 'yes' },
    status: { phase: 'Active' },
  };

  test('leaves what people wrote, as stable YAML', () => {
    expect(objectText(cleanObject(live))).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: conf\n  namespace: shop\n  annotations:\n    mine: x\ndata:\n  text: |\n    one\n    two\n  on: yes\n',
    );
  });

  test('changes are named by path, the image first', () => {
    const before = {
      ...deployment('api'),
      spec: { replicas: 1, containers: [{ name: 'main', image: 'api:1' }], 'odd key': 1 },
    };
    const after = {
      ...deployment('api'),
      spec: { replicas: 2, containers: [{ name: 'main', image: 'api:2' }], 'odd key': 2 },
    };
    const changes = changedFields(before, after);
    expect(changes.map(({ path }) => path)).toEqual([
      'spec.replicas',
      'spec.containers[main].image',
      'spec["odd key"]',
    ]);
    expect(describeChanges(changes)).toBe(
      'changes spec.containers[main].image: api:1 → api:2, and 2 more fields',
    );
    expect(describeChanges(changedFields(configMap('a', {}), configMap('a', { new: 'x' })))).toBe(
      'adds data.new',
    );
    expect(changedFields(live, { ...live, status: { phase: 'Other' } })).toEqual([]);
  });
});

describe('telling from the live object that nothing changes', () => {
  const fields = {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': {
      'f:replicas': {},
      'f:finalizers': { 'v:"a"': {} },
      'f:template': {
        'f:spec': {
          'f:containers': {
            'k:{"name":"main"}': {
              '.': {},
              'f:name': {},
              'f:image': {},
              'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
            },
          },
          'f:volumes': { 'k:{"name":"v"}': { '.': {}, 'f:name': {}, 'f:emptyDir': {} } },
        },
      },
    },
  };
  const wanted = (change: (spec: Record<string, unknown>) => void = () => {}): KubernetesObject => {
    const spec = {
      replicas: 1,
      finalizers: ['a'],
      template: {
        spec: {
          containers: [{ name: 'main', image: 'x:1', ports: [{ containerPort: 80 }] }],
          volumes: [{ name: 'v', emptyDir: {} }],
        },
      },
    };
    change(spec);
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'api', labels: { app: 'x' } },
      spec,
    };
  };
  const live: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: 'api',
      namespace: 'shop',
      labels: { app: 'x', other: 'y' },
      managedFields: [
        { manager: 'ptah-desktop', operation: 'Apply', apiVersion: 'apps/v1', fieldsV1: fields },
      ],
    },
    spec: {
      replicas: 1,
      finalizers: ['a', 'theirs'],
      template: {
        spec: {
          restartPolicy: 'Always',
          containers: [
            { name: 'injected', image: 'y' },
            {
              name: 'main',
              image: 'x:1',
              imagePullPolicy: 'IfNotPresent',
              ports: [{ containerPort: 80, protocol: 'TCP' }],
            },
          ],
          volumes: [{ name: 'v', emptyDir: {} }],
        },
      },
    },
  };
  const same = (object: KubernetesObject, cluster = live): boolean =>
    isAlreadyApplied(object, cluster, 'ptah-desktop');

  test('with defaults of the server and additions of others beside ours', () => {
    expect(same(wanted())).toBe(true);
  });

  test.each<[string, (spec: Record<string, unknown>) => void]>([
    ['another value', spec => (spec.replicas = 2)],
    ['a field more', spec => (spec.paused = true)],
    ['a field less', spec => delete spec.replicas],
    [
      'another image',
      spec =>
        (spec.template = {
          spec: {
            containers: [{ name: 'main', image: 'x:2', ports: [{ containerPort: 80 }] }],
            volumes: [{ name: 'v', emptyDir: {} }],
          },
        }),
    ],
    [
      'a container more',
      spec =>
        (spec.template = {
          spec: {
            containers: [{ name: 'main', image: 'x:1', ports: [{ containerPort: 80 }] }, { name: 'b' }],
            volumes: [{ name: 'v', emptyDir: {} }],
          },
        }),
    ],
    [
      'a port less',
      spec =>
        (spec.template = {
          spec: {
            containers: [{ name: 'main', image: 'x:1', ports: [] }],
            volumes: [{ name: 'v', emptyDir: {} }],
          },
        }),
    ],
    ['another value in a set', spec => (spec.finalizers = ['b'])],
    ['null', spec => (spec.replicas = null)],
  ])('not with %s', (_, change) => {
    expect(same(wanted(change))).toBe(false);
  });

  test('not when somebody changed the live object, or we never applied it', () => {
    expect(same(wanted(), { ...live, spec: { ...(live.spec as object), replicas: 5 } })).toBe(false);
    expect(same(wanted(), { ...live, metadata: { ...live.metadata, managedFields: [] } })).toBe(false);
    expect(isAlreadyApplied(wanted(), live, 'kubectl')).toBe(false);
  });
});

describe('identity', () => {
  test('names that are no label values get a digest, so that two never meet', () => {
    expect(projectLabel('shop')).toBe('shop');
    expect(projectLabel('My App')).toMatch(/^My-App-[0-9a-f]{7}$/);
    expect(projectLabel('My App')).not.toBe(projectLabel('My-App'));
    expect(projectLabel('店')).toMatch(/^project-[0-9a-f]{7}$/);
    expect(projectLabel('x'.repeat(80)).length).toBeLessThanOrEqual(63);
    expect(inventoryName('shop')).toBe('ptah-desktop-shop');
    expect(inventoryName('Shop')).toMatch(/^ptah-desktop-shop-[0-9a-f]{7}$/);
  });

  test('the ApplySet id is that of the specification', () => {
    // sha256("ptah-desktop-shop.default.ConfigMap."), base64url without padding
    expect(applySetId('ptah-desktop-shop', 'default')).toMatch(/^applyset-[A-Za-z0-9_-]{43}-v1$/);
  });

  test.each([
    'field is immutable',
    'spec: Forbidden: spec is immutable after creation except resources.requests',
    "spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden",
    'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
    'cannot change roleRef',
  ])('immutable: %s', message => {
    expect(isImmutable({ details: { causes: [{ message }] } })).toBe(true);
    expect(isImmutable({ message: 'spec.replicas: Invalid value: -1' })).toBe(false);
  });
});

describe('planning and applying on a server with faults', () => {
  let api: FakeApi;
  let cluster: Cluster;
  const project = { projectName: 'shop', namespace: 'shop' };
  const plan = (objects: ManifestObject[]) => planObjects({ ...project, cluster, objects });

  beforeEach(async () => {
    api = await startFakeApi();
    cluster = await api.cluster();
    api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  });
  afterEach(async () => {
    await api.close();
  });

  test('without a cluster everything will be created, its namespace too', async () => {
    const planned = await planObjects({
      ...project,
      cluster: null,
      objects: [
        document(configMap('conf')),
        document({ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'disk' } }),
      ],
    });
    expect(
      planned.objects.map(({ planned: { ref, action, wave } }) => [ref.kind, ref.namespace, action, wave]),
    ).toEqual([
      ['Namespace', null, 'create', 'namespaces'],
      ['ConfigMap', 'shop', 'create', 'configuration'],
      ['PersistentVolume', null, 'create', 'configuration'],
    ]);
  });

  test('one object that fails does not stop its neighbours, but the waves after it', async () => {
    const planned = await plan([
      document(configMap('bad')),
      document(configMap('good')),
      document(deployment('api')),
    ]);
    api.failNext('PATCH /api/v1/namespaces/shop/configmaps/bad', 403, { reason: 'Forbidden', message: 'no' });
    const results = await applyObjects(cluster, { plan: planned });
    expect(results.map(({ ref, result }) => `${ref.name} ${result}`).sort()).toEqual([
      'api skipped',
      'bad failed',
      'good created',
    ]);
    const retried = await plan([
      document(configMap('bad')),
      document(configMap('good')),
      document(deployment('api')),
    ]);
    const again = await applyObjects(cluster, { plan: retried });
    expect(again.find(({ ref }) => ref.name === 'bad')?.result).toBe('created');
    expect(again.find(({ ref }) => ref.name === 'api')?.result).toBe('created');
  });

  test('waves begin in order, each after its door opens', async () => {
    const planned = await plan([document(deployment('api')), document(configMap('conf'))]);
    const seen: string[] = [];
    await applyObjects(cluster, {
      plan: planned,
      beforeWave: async wave => void seen.push(wave),
      onResult: ({ ref }) => seen.push(ref.name),
    });
    expect(seen).toEqual(['configuration', 'conf', 'workloads', 'api']);
  });

  test('a busy server is tried again, a conflict at the last moment is told with its owner', async () => {
    const planned = await plan([document(configMap('conf')), document(configMap('held'))]);
    api.failNext('configmaps/conf?', 503, { message: 'starting' });
    api.failNext('configmaps/held?', 409, {
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "hpa" using v1', field: '.data' }],
      },
    });
    const results = await applyObjects(cluster, { plan: planned });
    expect(results.find(({ ref }) => ref.name === 'conf')?.result).toBe('created');
    expect(results.find(({ ref }) => ref.name === 'held')).toMatchObject({
      result: 'failed',
      conflicts: [{ manager: 'hpa', field: '.data' }],
    });
  });

  test('an inventory is there before the first object, and prune offers what left the manifests', async () => {
    await applyObjects(cluster, {
      plan: await plan([document(configMap('conf')), document(deployment('api'))]),
    });
    const writes = api.requests
      .filter(line => line.startsWith('PATCH') && !line.includes('dryRun'))
      .map(line => line.split('?')[0]);
    expect(writes[0]).toBe('PATCH /api/v1/namespaces/shop/configmaps/ptah-desktop-shop');
    const inventory = await readInventory(cluster, project);
    expect(inventory.members.map(({ ref }) => ref.name)).toEqual(['conf', 'api']);

    const planned = await plan([document(configMap('conf'))]);
    expect(planned.prune).toMatchObject([
      { ref: { kind: 'Deployment', name: 'api' }, keptUnlessAsked: false },
    ]);
    const results = await prune(cluster, {
      ...project,
      inventory,
      refs: planned.prune.map(({ ref }) => ref),
    });
    expect(results.map(({ result }) => result)).toEqual(['pruned']);
    const parent = await cluster.get({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'shop',
      name: 'ptah-desktop-shop',
    });
    expect(parent?.metadata.annotations?.['applyset.kubernetes.io/contains-group-kinds']).toBe('ConfigMap');
  });

  test('after the project moved to another namespace, what it left behind is still in the inventory', async () => {
    await applyObjects(cluster, { plan: await plan([document(configMap('conf'))]) });
    api.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'store' } });
    const moved = await planObjects({
      projectName: 'shop',
      namespace: 'store',
      cluster,
      objects: [document(configMap('conf'))],
    });
    expect(moved.prune).toMatchObject([{ ref: { namespace: 'shop', name: 'conf' } }]);
  });

  test('when the server goes away in the middle the plan fails as a whole', async () => {
    await cluster.resources();
    await api.stop();
    await expect(plan([document(configMap('conf'))])).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('cancelling rejects', async () => {
    const planned = await plan([document(configMap('conf'))]);
    await expect(
      applyObjects(cluster, { plan: planned }, AbortSignal.abort(new Error('enough'))),
    ).rejects.toThrow('enough');
  });

  test('a diff carries the rewrites of its own lines', async () => {
    const planned = await plan([document(configMap('conf'), 5)]);
    const reference = (line: number, name: string) => ({
      line,
      column: 4,
      name,
      reference: `${name}:1`,
      inComment: false,
    });
    const manifests = [
      {
        path: 'k8s.yaml',
        source: '',
        rewritten: '',
        references: [reference(5, 'api'), reference(30, 'other')],
      },
    ];
    expect(planned.objects[0] && diffObject(planned.objects[0], manifests)).toMatchObject({
      live: null,
      applied: expect.stringContaining('kind: ConfigMap'),
      rewrites: [{ name: 'api', reference: 'api:1' }],
    });
  });
});

describe('Helmfile', () => {
  const tools = (found: readonly string[], calls: unknown[] = []): Tools => ({
    find: async name => (found.includes(name) ? { name, path: `/bin/${name}` } : null),
    searchPath: async () => [],
    run: async (name, argv, options) => {
      calls.push([name, argv, options?.cwd, options?.env?.KUBECONFIG]);
      return { command: [name, ...argv], exitCode: 0, stdout: '', stderr: '' };
    },
  });

  test('is blocked before anything starts when a program is missing', async () => {
    expect(await planHelmfile(tools(['helm', 'helmfile']), '/shop/helmfile.yaml')).toEqual({
      file: 'helmfile.yaml',
      action: 'sync',
      problem: null,
    });
    expect(await planHelmfile(tools(['helm']), '/shop/helmfile.yaml')).toMatchObject({
      action: 'blocked',
      problem: { code: 'tool-missing', message: expect.stringContaining('helmfile') },
    });
    expect(await planHelmfile(tools([]), null)).toBeNull();
  });

  test('is run against the pinned context', async () => {
    const calls: unknown[] = [];
    await syncHelmfile(
      tools([], calls),
      {
        file: '/shop/helmfile.yaml',
        pinned: { context: 'kind-shop', clusterName: 'shop', server: 'https://127.0.0.1:1' },
      },
      { env: { KUBECONFIG: '/k' } },
    );
    expect(calls).toEqual([
      ['helmfile', ['sync', '--file', '/shop/helmfile.yaml', '--kube-context', 'kind-shop'], '/shop', '/k'],
    ]);
  });
});
