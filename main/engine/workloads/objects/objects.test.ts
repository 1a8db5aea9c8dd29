import { describe, expect, test } from 'vitest';
import { ApiError } from '../../cluster/index.ts';
import type { KubeEvent } from '../kube-types.ts';
import { eventViews } from './event-view.ts';
import { fieldsOfOthers } from './field-owners.ts';
import { objectDetail } from './object-detail.ts';
import { objectRow } from './object-row.ts';
import { editableText, textOf, withHiddenParts } from './object-text.ts';
import { readEdit, readRefusal } from './refusal.ts';

const live = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {
    name: 'api',
    namespace: 'shop',
    uid: 'u-1',
    resourceVersion: '7',
    generation: 3,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}', team: 'a' },
    managedFields: [
      {
        manager: 'scaler',
        operation: 'Update',
        fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      },
      {
        manager: 'injector',
        operation: 'Apply',
        fieldsV1: {
          'f:spec': {
            'f:template': {
              'f:spec': { 'f:containers': { 'k:{"name":"api"}': { '.': {}, 'f:image': {}, 'f:name': {} } } },
            },
          },
        },
      },
      { manager: 'ptah-desktop', operation: 'Apply', fieldsV1: { 'f:metadata': { 'f:labels': {} } } },
    ],
  },
  spec: { replicas: 2, template: { spec: { containers: [{ name: 'api', image: 'api:1' }] } } },
  status: { readyReplicas: 2 },
};
const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api' };

describe('an object as text', () => {
  test('shows what people mean, and gets back what only the server writes', () => {
    const { text, managers } = textOf(live, false);
    expect(text).toBe(
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: shop\n  annotations:\n    team: a\n' +
        'spec:\n  replicas: 2\n  template:\n    spec:\n      containers:\n        - name: api\n          image: api:1\n',
    );
    expect(managers).toEqual(['scaler', 'injector', 'ptah-desktop']);
    const read = readEdit(text, ref);
    if (!('object' in read)) throw new Error('refused');
    const sent = withHiddenParts(read.object, live);
    expect(sent).toMatchObject({
      metadata: { resourceVersion: '7', uid: 'u-1', annotations: live.metadata.annotations },
      status: { readyReplicas: 2 },
    });
    expect(sent.metadata.managedFields).toBeUndefined();
    expect(editableText(sent)).toBe(text);
  });

  test('hides the values of a Secret until they are asked for', () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { key: 'aGVsbG8=' } };
    expect(textOf(secret, false)).toMatchObject({
      masked: true,
      text: expect.stringContaining('key: "***"'),
    });
    expect(textOf(secret, true)).toMatchObject({ masked: false, text: expect.stringContaining('aGVsbG8=') });
  });
});

test('fields that others wrote are named when the edit changes them', () => {
  const change = (replicas: number, image: string) => ({
    ...live,
    spec: { replicas, template: { spec: { containers: [{ name: 'api', image }] } } },
  });
  expect(fieldsOfOthers(live, change(2, 'api:1'))).toEqual([]);
  expect(fieldsOfOthers(live, change(3, 'api:2'))).toEqual([
    { manager: 'scaler', field: 'spec.replicas' },
    { manager: 'injector', field: 'spec.template.spec.containers[api].image' },
  ]);
});

describe('what is refused is told with its line', () => {
  const text = editableText(live);
  const refusal = (message: string, causes: object[] = []) =>
    readRefusal(text, new ApiError('invalid', message, { message, details: { causes } }, {}))?.problems;

  test('text that is no YAML', () => {
    expect(readEdit('a: [1\nb: 2\n', ref)).toMatchObject({ refused: { problems: [{ line: 2 }] } });
    expect(readEdit('just words', ref)).toHaveProperty('refused');
    expect(readEdit('', ref)).toHaveProperty('refused');
    expect(readEdit('- 1\n- 2\n', ref)).toHaveProperty('refused');
  });

  test('another name', () => {
    expect(readEdit(text.replace('name: api', 'name: web'), ref)).toMatchObject({
      refused: { problems: [{ field: 'metadata.name', line: 4 }] },
    });
  });

  test('fields that the API server names in causes, in its sentence, or in the words of Go', () => {
    expect(
      refusal('Deployment.apps "api" is invalid', [
        { field: 'spec.template.spec.containers[0].image', message: 'Required value' },
      ]),
    ).toEqual([
      {
        field: 'spec.template.spec.containers[0].image',
        message: 'Required value',
        line: 14,
        column: null,
      },
    ]);
    expect(
      refusal('strict decoding error: unknown field "spec.replicaz", unknown field "spec.template.foo"'),
    ).toMatchObject([
      { field: 'spec.replicaz', line: 8, message: 'unknown field "spec.replicaz"' },
      { field: 'spec.template.foo', line: 10 },
    ]);
    expect(
      refusal(
        'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
      ),
    ).toMatchObject([{ field: 'spec.replicas', line: 9, message: 'int32 is wanted, not string' }]);
  });
});

test('events are counted together, newest first, and only those of the objects asked for', () => {
  const event = (uid: string, about: string, message: string, change: Partial<KubeEvent>): KubeEvent => ({
    metadata: { name: uid, uid },
    type: 'Warning',
    reason: 'BackOff',
    message,
    involvedObject: { kind: 'Pod', name: 'api-1', uid: about, fieldPath: 'spec.containers{api}' },
    ...change,
  });
  const views = eventViews(
    [
      event('e-1', 'pod', 'restarting', { count: 4, lastTimestamp: '2026-01-01T00:01:00Z' }),
      event('e-2', 'pod', 'restarting', {
        eventTime: '2026-01-01T00:02:00Z',
        series: { count: 3, lastObservedTime: '2026-01-01T00:05:00Z' },
      }),
      event('e-3', 'pod', 'pulled', { type: 'Normal', lastTimestamp: '2026-01-01T00:03:00Z' }),
      event('e-4', 'somebody else', 'restarting', { lastTimestamp: '2026-01-01T00:09:00Z' }),
    ],
    new Set(['pod']),
  );
  expect(views.map(({ message, count, lastAt, container }) => [message, count, lastAt, container])).toEqual([
    ['restarting', 7, '2026-01-01T00:05:00.000Z', 'api'],
    ['pulled', 1, '2026-01-01T00:03:00.000Z', 'api'],
  ]);
});

test.each([
  ['ConfigMap', { data: { a: '', b: '', c: '', d: '' } }, null, 'a, b, c and 1 more'],
  ['Secret', { data: { a: '' }, type: 'Opaque' }, null, 'a, Opaque'],
  [
    'Service',
    { spec: { type: 'NodePort', ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }] } },
    null,
    'NodePort, 80, 53 UDP',
  ],
  [
    'PersistentVolumeClaim',
    { spec: { resources: { requests: { storage: '1Gi' } } }, status: { phase: 'Pending' } },
    'waiting',
    'Pending, 1Gi',
  ],
  ['Ingress', { spec: { rules: [{ host: 'shop.local' }, {}] } }, null, 'shop.local, any host'],
  ['Role', { rules: [{}] }, null, '1 rule'],
  [
    'RoleBinding',
    { roleRef: { kind: 'Role', name: 'reader' }, subjects: [{ name: 'app' }] },
    null,
    'Role reader for app',
  ],
  ['Widget', { status: { conditions: [{ type: 'Ready', status: 'False' }] } }, 'not-ready', ''],
] as const)('a row of %s', (kind, rest, state, summary) => {
  const row = objectRow({ apiVersion: 'v1', kind, metadata: { name: 'x', uid: 'u' }, ...rest });
  expect(row).toMatchObject({ state, summary });
});

test('detail of a pod: resources, probes, mounts, the run before; values of variables are not among it', () => {
  const detail = objectDetail({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'api-1', uid: 'u', ownerReferences: [{ kind: 'ReplicaSet', name: 'api', uid: 'r' }] },
    spec: {
      nodeName: 'node-1',
      containers: [
        {
          name: 'api',
          image: 'api:1',
          command: ['serve'],
          args: ['--fast'],
          ports: [{ name: 'http', containerPort: 8000, protocol: 'TCP' }],
          resources: { requests: { cpu: '100m' }, limits: { cpu: '1', memory: '64Mi' } },
          readinessProbe: { httpGet: { path: '/ok', port: 'http' }, periodSeconds: 5 },
          volumeMounts: [{ name: 'config', mountPath: '/etc/api', readOnly: true }],
          env: [{ name: 'PASSWORD', value: 'hunter2' }],
          envFrom: [{ configMapRef: { name: 'app' } }],
        },
      ],
      volumes: [{ name: 'config', configMap: { name: 'app' } }],
    },
    status: {
      containerStatuses: [
        {
          name: 'api',
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: 'then' } },
        },
      ],
    },
  });
  expect(detail).toMatchObject({
    owners: [{ kind: 'ReplicaSet', name: 'api' }],
    volumes: [{ name: 'config', from: 'configMap app' }],
    can: { restart: false, scale: false, delete: true },
    containers: [
      {
        command: ['serve', '--fast'],
        ports: ['http 8000'],
        resources: [
          { name: 'cpu', request: '100m', limit: '1' },
          { name: 'memory', request: null, limit: '64Mi' },
        ],
        probes: [{ name: 'Readiness', text: 'GET /ok on http, every 5 s, at most 3 failures' }],
        mounts: [{ path: '/etc/api', from: 'config', readOnly: true }],
        environment: ['PASSWORD', 'all of configMap app'],
        previous: 'OOMKilled (exit code 137) at then',
      },
    ],
  });
  expect(JSON.stringify(detail)).not.toContain('hunter2');
});
