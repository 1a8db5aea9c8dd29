import type { EditOutcome, Inspection, ObjectRow } from '../../preload/contract/objects.ts';
import type {
  Denied,
  PodView,
  WorkloadsDelta,
  WorkloadsSnapshot,
  WorkloadView,
} from '../../preload/contract/workloads.ts';
import type { ObjectRef } from '../../preload/contract/deploy.ts';
import { openFeed, type Answers, type Feeds } from './fake-client.ts';
import * as shop from './shop.ts';

const row = (kind: string, name: string, summary: string, change: Partial<ObjectRow> = {}): ObjectRow => ({
  ref: shop.ref(kind, name, change.ref?.apiVersion ?? 'v1'),
  uid: `${kind}-${name}`,
  createdAt: shop.ago(72_000),
  state: null,
  summary,
  ...change,
});

const objectRows: readonly ObjectRow[] = [
  row('ConfigMap', 'api-config', 'app.conf, features.json'),
  row('ConfigMap', 'ptah-desktop-shop', 'Inventory of this project'),
  row('Ingress', 'web', 'shop.localhost', { ref: shop.ref('Ingress', 'web', 'networking.k8s.io/v1') }),
  row('PersistentVolumeClaim', 'mariadb', 'Pending, 8Gi, standard', { state: 'waiting' }),
  row('Secret', 'mariadb-root', 'password, Opaque'),
  row('Service', 'api', 'ClusterIP, 8000'),
  row('Service', 'web', 'ClusterIP, 80, 9113'),
  row('ServiceAccount', 'api', ''),
];

export const yamlText = (ref: ObjectRef): string => `apiVersion: ${ref.apiVersion}
kind: ${ref.kind}
metadata:
  name: ${ref.name}
  namespace: ${ref.namespace ?? 'default'}
  labels:
    app: ${ref.name}
    ptah-desktop/project: shop
spec:
  replicas: 3
  selector:
    matchLabels:
      app: ${ref.name}
  template:
    metadata:
      labels:
        app: ${ref.name}
    spec:
      containers:
        - name: ${ref.name}
          image: ${ref.name}:b3c3fbc
          ports:
            - containerPort: 8000
`;

const inspectionOf = (ref: ObjectRef): Inspection => ({
  at: shop.ago(0),
  connected: true,
  disconnectedReason: null,
  detail: {
    ref,
    uid: '1f0b0c2e-6a51-4b6e-9d4f-2b0c8d1f7a11',
    createdAt: shop.ago(11_000),
    ending: false,
    labels: { app: ref.name, 'ptah-desktop/project': 'shop' },
    annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-01-02T03:04:05Z' },
    owners: ref.kind === 'Pod' ? [{ kind: 'ReplicaSet', name: ref.name.replace(/-\w+$/, '') }] : [],
    facts:
      ref.kind === 'Pod'
        ? [
            { name: 'Pod IP', value: '10.244.1.17' },
            { name: 'Quality of service', value: 'Burstable' },
          ]
        : [
            { name: 'Strategy', value: 'RollingUpdate' },
            { name: 'Selector', value: `app=${ref.name}` },
          ],
    conditions: [
      {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: null,
        at: shop.ago(700),
      },
      {
        type: 'Progressing',
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet "api-7c9f6d5b8" has timed out progressing.',
        at: shop.ago(40),
      },
    ],
    containers: ['ConfigMap', 'Secret', 'Service', 'ServiceAccount', 'Ingress'].includes(ref.kind)
      ? []
      : [
          {
            name: 'api',
            init: false,
            image: 'api:b3c3fbc',
            command: ['python', '-m', 'app'],
            ports: ['http 8000'],
            resources: [
              { name: 'cpu', request: '100m', limit: null },
              { name: 'memory', request: '64Mi', limit: '256Mi' },
            ],
            probes: [{ name: 'Readiness', text: 'GET /ready on http, every 5 s, at most 3 failures' }],
            mounts: [{ path: '/etc/api', from: 'config', readOnly: true }],
            environment: ['DATABASE_URL', 'all of configMap api-config'],
            previous: 'exit code 3 at 2026-01-02T03:04:05Z',
          },
        ],
    volumes: [{ name: 'config', from: 'configMap api-config' }],
    can: {
      restart: ['Deployment', 'StatefulSet', 'DaemonSet'].includes(ref.kind),
      scale: ['Deployment', 'StatefulSet'].includes(ref.kind),
      delete: ref.kind === 'Pod',
    },
    replicas: 3,
  },
  events: [
    {
      uid: 'e-1',
      warning: true,
      reason: 'BackOff',
      message: 'Back-off restarting failed container api in pod api-7c9f6d5b8-q5zjw',
      count: 14,
      firstAt: shop.ago(300),
      lastAt: shop.ago(4),
      about: { kind: 'Pod', name: 'api-7c9f6d5b8-q5zjw' },
      container: 'api',
    },
    {
      uid: 'e-2',
      warning: true,
      reason: 'Unhealthy',
      message: 'Readiness probe failed: HTTP probe failed with statuscode: 503',
      count: 2,
      firstAt: shop.ago(90),
      lastAt: shop.ago(32),
      about: { kind: 'Pod', name: 'api-7c9f6d5b8-m8vtz' },
      container: 'api',
    },
    {
      uid: 'e-3',
      warning: false,
      reason: 'ScalingReplicaSet',
      message: 'Scaled up replica set api-7c9f6d5b8 from 2 to 3',
      count: 1,
      firstAt: shop.ago(48),
      lastAt: shop.ago(48),
      about: { kind: 'Deployment', name: 'api' },
      container: null,
    },
  ],
  denied: [],
});

const wouldChange = (text: string, base: string): EditOutcome =>
  text === base
    ? { outcome: 'unchanged' }
    : {
        outcome: 'would-change',
        before: base,
        after: text,
        warnings: [],
        takesOver: [{ manager: 'horizontal-pod-autoscaler', field: 'spec.replicas' }],
      };

export const objectAnswers: Answers = {
  'objects.restart': ({ ref }) => ({ message: `${ref.kind} ${ref.name} restarts, pod by pod.` }),
  'objects.scale': ({ ref, replicas }) => ({
    message: `${ref.kind} ${ref.name} is asked for ${replicas} pods.`,
  }),
  'objects.deletePod': ({ ref }) => ({ message: `Pod ${ref.name} ends; its owner makes another.` }),
  'objects.read': ({ ref, reveal }) => ({
    text: yamlText(ref),
    masked: ref.kind === 'Secret' && !reveal,
    managers: ['ptah-desktop', 'kube-controller-manager'],
  }),
  'objects.edit': ({ base, text, dryRun }) => {
    if (/replicas: [a-z]/.test(text))
      return {
        outcome: 'refused',
        message: 'Deployment in version "v1" cannot be handled as a Deployment',
        problems: [
          { field: 'spec.replicas', line: 10, column: null, message: 'int32 is wanted, not string' },
        ],
      };
    const change = wouldChange(text, base);
    return dryRun || change.outcome !== 'would-change' ? change : { ...change, outcome: 'applied' };
  },
};

export const objectFeeds: Feeds = {
  'objects.watch': (_, signal) =>
    openFeed(
      [{ at: shop.ago(0), connected: true, disconnectedReason: null, objects: objectRows, denied: [] }],
      signal,
    ),
  'objects.inspect': ({ ref }, signal) => openFeed([inspectionOf(ref)], signal),
};

export const noObjects: Feeds = {
  'objects.watch': (_, signal) =>
    openFeed(
      [{ at: shop.ago(0), connected: true, disconnectedReason: null, objects: [], denied: [] }],
      signal,
    ),
};

const denied = (resource: string, namespace: string | null): Denied => ({
  verb: 'list',
  resource,
  namespace,
  message: `${resource} is forbidden: User "dev" cannot list resource "${resource}"`,
});

/** Nothing may be seen, until a namespace is typed. */
export const deniedFeeds: Feeds = {
  ...noObjects,
  'workloads.watch': ({ namespaces }, signal) =>
    openFeed<WorkloadsSnapshot>(
      [
        namespaces === undefined
          ? {
              ...shop.snapshot,
              workloads: [],
              services: [],
              denied: ['deployments', 'statefulsets', 'daemonsets', 'pods', 'services'].map(name =>
                denied(name, 'default'),
              ),
              limitedTo: ['default'],
            }
          : { ...shop.snapshot, denied: [denied('cronjobs', namespaces[0] ?? null)], limitedTo: namespaces },
      ],
      signal,
    ),
};

/** Somebody else labelled the object since it was read. */
export const conflictAnswers: Answers = {
  'objects.edit': ({ ref, base, text }) => {
    const label = (of: string): string => of.replace('    app:', '    team: storefront\n    app:');
    return base === yamlText(ref)
      ? { outcome: 'conflict', live: label(base), merged: label(text) }
      : wouldChange(text, base);
  },
};

const template = shop.snapshot.workloads[2]?.pods[0];

function manyPods(pods: number, workloads: number): WorkloadsSnapshot {
  const each = Math.ceil(pods / workloads);
  return {
    ...shop.snapshot,
    workloads: Array.from({ length: workloads }, (_, index): WorkloadView => {
      const name = `app-${String(index).padStart(3, '0')}`;
      return {
        ref: shop.ref('Deployment', name, 'apps/v1'),
        state: 'starting',
        status: `${each - 1} of ${each} ready`,
        ready: each - 1,
        desired: each,
        createdAt: shop.ago(9000),
        pods: Array.from({ length: each }, (__, at) => manyPod(name, index * each + at, 'Running')),
      };
    }),
  };
}

function manyPod(workload: string, index: number, status: string): PodView {
  if (template === undefined) throw new Error('The sample project has no pod');
  return {
    ...template,
    name: `${workload}-7c9f6d5b8-${String(index).padStart(5, '0')}`,
    createdAt: shop.ago(9000),
    state: status === 'Running' ? 'running' : 'not-ready',
    status,
  };
}

/** The whole picture, then one pod that says something else each time the window hears `ptah-turn`. */
export const manyPodsChanging = (pods: number, workloads: number): Feeds['workloads.watch'] => {
  const snapshot = manyPods(pods, workloads);
  return async function* (_, signal) {
    yield snapshot;
    for (let turn = 1; !signal.aborted; turn += 1) {
      await new Promise(resolve => window.addEventListener('ptah-turn', resolve, { once: true }));
      yield oneChange(snapshot, turn);
    }
  };
};

function oneChange(snapshot: WorkloadsSnapshot, turn: number): WorkloadsDelta {
  const workload = snapshot.workloads[0];
  const pod = workload?.pods[turn % 15];
  if (workload === undefined || pod === undefined) throw new Error('Nothing to change');
  return {
    delta: true,
    at: shop.ago(0),
    connected: true,
    disconnectedReason: null,
    workloads: [
      {
        ...workload,
        status: `turn ${turn}`,
        pods: [{ ...pod, status: `Running, turn ${turn}` }],
        gonePods: [],
      },
    ],
    gone: [],
    services: null,
  };
}
