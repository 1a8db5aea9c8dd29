import type { Job, JobEvent } from '../../preload/contract/activity.ts';
import type {
  DeployEvent,
  DeployResult,
  ObjectDiff,
  ObjectRef,
  PastDeploy,
  Plan,
} from '../../preload/contract/deploy.ts';
import type { ImageState } from '../../preload/contract/images.ts';
import type { MethodOutput } from '../../preload/contract/index.ts';
import type { FolderListing, ProjectProposal, ProjectSummary } from '../../preload/contract/projects.ts';
import type { CheckResult } from '../../preload/contract/setup.ts';
import type {
  ContainerView,
  PodView,
  WorkloadsSnapshot,
  WorkloadView,
} from '../../preload/contract/workloads.ts';

// The sample project of the looks: shop, with an api, a worker, a web and a mariadb on a Kind cluster of three nodes.

export const now = Date.now();
export const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();
const nodes = ['dev-control-plane', 'dev-worker', 'dev-worker2'];

export const shop: ProjectSummary = {
  id: 'p-1',
  name: 'shop',
  root: '/home/me/code/shop',
  state: 'ok',
  problem: null,
  clusterName: 'dev',
  imageCount: 3,
  manifestCount: 9,
  lastOpened: ago(60),
  lastDeploy: { at: ago(900), state: 'deployed', summary: 'Built api, changed 1 object' },
  runningJob: null,
};

const other = (id: string, name: string, root: string, change: Partial<ProjectSummary>): ProjectSummary => ({
  ...shop,
  id,
  name,
  root,
  lastDeploy: null,
  ...change,
});

export const projects: readonly ProjectSummary[] = [
  shop,
  other('p-2', 'blog', '/home/me/code/blog', {
    imageCount: 2,
    manifestCount: 5,
    lastDeploy: { at: ago(70_000), state: 'unchanged', summary: 'Nothing had changed' },
  }),
  other('p-3', 'ledger', '/home/me/work/finance/ledger', {
    imageCount: 6,
    manifestCount: 31,
    lastDeploy: { at: ago(400_000), state: 'failed', summary: 'Rollout of ledger: readiness probe fails' },
  }),
  other('p-4', 'docs-site', '/home/me/code/docs-site', { imageCount: 1, manifestCount: 2 }),
  other('p-5', 'reports', '/home/me/work/reports', {
    state: 'invalid',
    problem: {
      code: 'unknown-key',
      severity: 'error',
      message: 'ptah.yml line 7: unknown key dockerfile',
      hint: 'Did you mean dockerfiles? Nothing of this project runs until the file can be read.',
      file: 'ptah.yml',
      line: 7,
      column: 1,
    },
  }),
  other('p-6', 'imports', '/media/usb/imports', {
    state: 'missing',
    lastDeploy: { at: ago(600_000), state: 'deployed', summary: 'Created 4 objects' },
  }),
];

export const ref = (
  kind: string,
  name: string,
  apiVersion = 'v1',
  namespace: string | null = 'shop',
): ObjectRef => ({
  apiVersion,
  kind,
  namespace,
  name,
});
const api = ref('Deployment', 'api', 'apps/v1');
type PlannedObject = Plan['objects'][number];
const object = (
  of: ObjectRef,
  file: string,
  wave: PlannedObject['wave'],
  action: PlannedObject['action'],
  reason: string,
): PlannedObject => ({
  ref: of,
  file,
  line: 1,
  wave,
  action,
  reason,
  problem: null,
});

const image = (name: string, tag: string, action: 'none' | 'build'): Plan['images'][number] => ({
  name,
  reference: `${name}:${tag}`,
  tag,
  digest: `${tag}0000`,
  action,
  reason:
    action === 'none'
      ? null
      : {
          code: 'files-changed',
          message: '1 file changed: app/main.py',
          files: ['app/main.py'],
          fileCount: 1,
        },
  waitsFor: [],
});
const load = (name: string, tag: string, action: 'none' | 'load') =>
  nodes.map(node => ({
    image: name,
    reference: `${name}:${tag}`,
    node,
    action,
    reason: action === 'none' ? 'The node has it' : 'The node does not have it',
    bytes: null,
  }));

export const plan: Plan = {
  project: { name: 'shop', root: shop.root, namespace: 'shop' },
  createdAt: ago(4),
  fingerprint: '5d41402abc4b2a76',
  cluster: {
    name: 'dev',
    context: 'kind-dev',
    exists: true,
    action: 'none',
    nodes,
    nodeImage: null,
    configChanged: false,
    reason: 'The cluster answers',
  },
  helmfile: null,
  images: [
    image('api', 'b3c3fbc', 'build'),
    image('worker', '41c7e02', 'none'),
    image('web', '8aa91f3', 'none'),
  ],
  loads: [
    ...load('api', 'b3c3fbc', 'load'),
    ...load('worker', '41c7e02', 'none'),
    ...load('web', '8aa91f3', 'none'),
  ],
  objects: [
    object(ref('Namespace', 'shop', 'v1', null), 'k8s/namespace.yaml', 'namespaces', 'none', 'Equal'),
    object(ref('ConfigMap', 'api-config'), 'k8s/api.yaml', 'configuration', 'change', '1 value changes'),
    object(ref('ServiceAccount', 'api'), 'k8s/api.yaml', 'configuration', 'none', 'Equal'),
    object(ref('ConfigMap', 'web-nginx'), 'k8s/web.yaml', 'configuration', 'none', 'Equal'),
    object(ref('Secret', 'mariadb-auth'), 'k8s/mariadb.yaml', 'configuration', 'none', 'Equal'),
    object(
      ref('PersistentVolumeClaim', 'mariadb-data'),
      'k8s/mariadb.yaml',
      'configuration',
      'none',
      'Equal',
    ),
    object(api, 'k8s/api.yaml', 'workloads', 'change', 'image, replicas and 2 more fields change'),
    object(
      ref('PodDisruptionBudget', 'api', 'policy/v1'),
      'k8s/api.yaml',
      'workloads',
      'create',
      'Not in the cluster',
    ),
    object(ref('Deployment', 'web', 'apps/v1'), 'k8s/web.yaml', 'workloads', 'none', 'Equal'),
    object(ref('Deployment', 'worker', 'apps/v1'), 'k8s/worker.yaml', 'workloads', 'none', 'Equal'),
    object(ref('StatefulSet', 'mariadb', 'apps/v1'), 'k8s/mariadb.yaml', 'workloads', 'none', 'Equal'),
    object(ref('Service', 'api'), 'k8s/api.yaml', 'workloads', 'none', 'Equal'),
    object(ref('Service', 'web'), 'k8s/web.yaml', 'workloads', 'none', 'Equal'),
    object(ref('Service', 'mariadb'), 'k8s/mariadb.yaml', 'workloads', 'none', 'Equal'),
  ],
  prune: [
    { ref: ref('Service', 'api-debug'), reason: 'No manifest names it any more', keptUnlessAsked: false },
    {
      ref: ref('PersistentVolumeClaim', 'mariadb-old'),
      reason: 'No manifest names it any more',
      keptUnlessAsked: true,
    },
  ],
  skipped: [{ file: 'kind.yaml', line: 1, reason: 'kind.x-k8s.io is a configuration of Kind' }],
  problems: [],
  warnings: [
    {
      code: 'unknown-image',
      severity: 'warning',
      message: 'A comment names ptah://apy; no image of this project is called so',
      hint: 'Did you mean api?',
      file: 'k8s/api.yaml',
      line: 19,
      column: 12,
    },
  ],
  summary:
    'Build 1 of 3 images because app/main.py changed; load it to 3 nodes; create 1 and change 2 of 14 objects.',
  inventoryLost: false,
  nothingToDo: false,
  runnable: true,
};

export const settledPlan: Plan = {
  ...plan,
  fingerprint: 'settled',
  images: plan.images.map(one => ({ ...one, action: 'none' as const, reason: null })),
  loads: plan.loads.map(one => ({ ...one, action: 'none' as const })),
  objects: plan.objects.map(one => ({ ...one, action: 'none' as const, reason: 'Equal' })),
  prune: [],
  warnings: [],
  summary: 'Nothing to do.',
  nothingToDo: true,
};

export const guardedPlan: Plan = {
  ...plan,
  cluster: { ...plan.cluster, name: 'acme-staging', context: 'acme-staging' },
};

export const blockedPlan: Plan = {
  ...plan,
  runnable: false,
  prune: [],
  warnings: [],
  problems: [
    {
      code: 'unknown-image',
      severity: 'error',
      message: 'No image of this project is called "apy".',
      hint: 'Did you mean "api"?',
      file: 'k8s/api.yaml',
      line: 21,
      column: 18,
    },
    {
      code: 'pull-policy',
      severity: 'error',
      message: 'imagePullPolicy: Always would pull worker from a registry that does not have it.',
      hint: 'Take the line out, or write IfNotPresent.',
      file: 'k8s/worker.yaml',
      line: 18,
      column: 11,
    },
  ],
};

const done = (
  jobId: string,
  seconds: number,
  summary: string,
  durations: DeployResult['durations'],
  change: Partial<DeployResult> = {},
): PastDeploy => ({
  jobId,
  startedAt: ago(seconds),
  running: false,
  result: {
    state: 'deployed',
    summary,
    durations,
    durationMs: Object.values(durations).reduce((sum, ms) => sum + ms, 0),
    failedStep: null,
    error: null,
    ...change,
  },
});

export const history: readonly PastDeploy[] = [
  done('job-2', 900, 'Built api app/routes/cart.py, changed 1 object', {
    scan: 100,
    build: 14_000,
    load: 200,
    diff: 300,
    apply: 400,
    rollout: 2900,
  }),
  done('job-3', 1900, 'Nothing to build, changed ConfigMap api-config', {
    scan: 100,
    diff: 300,
    apply: 400,
    rollout: 1100,
  }),
  done('job-4', 9400, 'Built worker requirements.txt, changed 2 objects', {
    scan: 100,
    build: 25_100,
    load: 900,
    diff: 300,
    apply: 400,
    rollout: 4600,
  }),
  done(
    'job-5',
    9700,
    'Build of worker, step 4: no matching distribution for celry==5.4.0',
    { scan: 100, build: 6100 },
    { state: 'failed', failedStep: 'build' },
  ),
  done('job-6', 11_000, 'Nothing had changed', { scan: 400, diff: 300 }, { state: 'unchanged' }),
  done('job-7', 72_000, 'Built api and web, changed 3 objects', {
    scan: 100,
    build: 34_000,
    load: 2000,
    diff: 300,
    apply: 500,
    rollout: 5100,
  }),
  done('job-8', 73_000, 'During Build, nothing applied', { scan: 100, build: 3000 }, { state: 'cancelled' }),
  done('job-9', 74_000, 'Created cluster dev, built 3 images, created 13 objects', {
    scan: 100,
    cluster: 61_000,
    build: 52_000,
    load: 6000,
    diff: 400,
    apply: 700,
    rollout: 8000,
  }),
];

export const runningJob: Job = {
  id: 'job-1',
  kind: 'deploy',
  title: 'Deploy shop',
  project: 'p-1',
  state: 'running',
  startedAt: ago(3.5),
  finishedAt: null,
  progress: 0.31,
  status: 'Building api 4/9',
  error: null,
};

export const finishedJobs: readonly Job[] = [
  {
    ...runningJob,
    id: 'job-2',
    state: 'succeeded',
    startedAt: ago(900),
    finishedAt: ago(882),
    progress: 1,
    status: 'Built api, changed 1 object',
  },
  {
    ...runningJob,
    id: 'job-5',
    state: 'failed',
    startedAt: ago(9700),
    finishedAt: ago(9694),
    progress: null,
    status: 'Build of worker failed',
    error: { code: 'build-failed', message: 'RUN pip install failed', hint: null, details: {} },
  },
  {
    ...runningJob,
    id: 'job-11',
    kind: 'cluster-create',
    title: 'Create cluster dev',
    state: 'succeeded',
    startedAt: ago(74_200),
    finishedAt: ago(74_100),
    progress: 1,
    status: 'Ready',
  },
  {
    ...runningJob,
    id: 'job-12',
    kind: 'fix',
    title: 'Raise the limit of file watches',
    project: null,
    state: 'cancelled',
    startedAt: ago(80_000),
    finishedAt: ago(79_999),
    progress: null,
    status: '',
  },
];

const steps: readonly (readonly [string, string])[] = [
  ['s0', '[internal] load build definition from Dockerfile'],
  ['s1', '[deps 1/4] FROM docker.io/library/python:3.13-slim'],
  ['s2', '[deps 2/4] WORKDIR /srv'],
  ['s3', '[deps 3/4] COPY . .'],
  ['s4', '[deps 4/4] RUN pip install --no-compile --prefix=/deps -r requirements.txt'],
  ['s5', '[stage-1 2/6] WORKDIR /srv'],
  ['s6', '[stage-1 3/6] RUN apt-get update && apt-get install -y --no-install-recommends libmariadb3'],
  ['s7', '[stage-1 4/6] COPY --from=deps /deps /usr/local'],
  ['s8', '[stage-1 5/6] COPY app/ app/'],
];
const pip = [
  'Collecting fastapi==0.121.2 (from -r requirements.txt (line 1))',
  'Collecting sqlalchemy==2.0.44 (from -r requirements.txt (line 2))',
  'Collecting mariadb==1.1.14 (from -r requirements.txt (line 3))',
  "  Installing build dependencies: finished with status 'done'",
  '  \u001b[32mBuilding wheel\u001b[0m for mariadb (pyproject.toml): started',
  '  Building wheel for mariadb (pyproject.toml): still running...',
];

function numbered(
  events: readonly { readonly at: number; readonly event: DeployEvent }[],
  start: number,
): JobEvent[] {
  return events.map(({ at, event }, index) => ({
    seq: index + 1,
    at: new Date(start + at).toISOString(),
    event,
  }));
}
type Told = { at: number; event: DeployEvent };
const step = (
  at: number,
  name: Extract<DeployEvent, { type: 'step' }>['step'],
  state: 'running' | 'done' | 'failed' | 'skipped',
  message: string,
): Told => ({
  at,
  event: { type: 'step', step: name, state, message, at: '' },
});

function buildOfApi(start: number, from: number, failing: boolean): Told[] {
  const built: Told[] = [
    {
      at: from,
      event: {
        type: 'build-started',
        image: failing ? 'worker' : 'api',
        reference: failing ? 'worker:77aa10c' : 'api:b3c3fbc',
        reason: plan.images[0]?.reason ?? null,
        at: '',
      },
    },
  ];
  const name = failing ? 'worker' : 'api';
  const iso = (at: number) => new Date(start + at).toISOString();
  steps.forEach(([id, title], index) => {
    const cached = [1, 2, 5, 6].includes(index);
    const isPip = id === 's4';
    const begun = index <= 6;
    built.push({
      at: from + 100 + index * 10,
      event: {
        type: 'build',
        image: name,
        event: {
          type: 'step',
          step: {
            id,
            name: title,
            state: isPip ? 'running' : cached ? 'cached' : begun ? 'done' : 'waiting',
            inputs: [],
            startedAt: begun ? iso(from + 100) : null,
            finishedAt: begun && !isPip ? iso(from + (cached ? 101 : 200)) : null,
            error: null,
          },
        },
      },
    });
  });
  const output = failing
    ? [
        'Collecting redis==6.4.0',
        'WARNING: Retrying after 404: /simple/celry/',
        'ERROR: Could not find a version that satisfies the requirement celry==5.4.0 (from versions: none)',
        'ERROR: No matching distribution found for celry==5.4.0',
      ]
    : pip;
  output.forEach((text, index) => {
    built.push({
      at: from + 410 + index * 420,
      event: {
        type: 'build',
        image: name,
        event: { type: 'output', step: 's4', stream: 'stdout', text: `${text}\n` },
      },
    });
  });
  return built;
}

const scanned: readonly Told[] = [
  step(0, 'scan', 'running', ''),
  step(100, 'scan', 'done', '3 images, 14 objects'),
  { at: 100, event: { type: 'plan', plan } },
];

/** A deploy in the middle of its build. */
export const runningEvents: readonly JobEvent[] = numbered(
  [...scanned, step(110, 'build', 'running', 'Building api'), ...buildOfApi(now - 3500, 120, false)],
  now - 3500,
);

/** A deploy in the middle of its rollout. */
export const rolloutEvents: readonly JobEvent[] = numbered(
  [
    ...scanned,
    step(110, 'build', 'done', 'Built api'),
    {
      at: 120,
      event: { type: 'build-started', image: 'api', reference: 'api:b3c3fbc', reason: null, at: '' },
    },
    {
      at: 130,
      event: {
        type: 'build-finished',
        image: 'api',
        state: 'done',
        id: 'sha256:1',
        durationMs: 1400,
        error: null,
        at: '',
      },
    },
    ...nodes.map((node): Told => ({
      at: 140,
      event: { type: 'load', image: 'api', node, sentBytes: 1_000_000, totalBytes: 1_000_000, state: 'done' },
    })),
    step(150, 'load', 'done', 'api is on 3 nodes'),
    step(160, 'diff', 'done', ''),
    step(170, 'apply', 'done', ''),
    {
      at: 175,
      event: { type: 'object', object: { ref: api, result: 'changed', message: 'image', conflicts: [] } },
    },
    step(180, 'rollout', 'running', ''),
    {
      at: 190,
      event: {
        type: 'rollout',
        status: { ref: api, state: 'waiting', message: '2 of 3 ready', ready: 2, desired: 3, problems: [] },
      },
    },
  ],
  now - 3500,
);

export const failedResult: DeployResult = {
  state: 'failed',
  summary: 'Build of worker failed at step 4',
  durationMs: 6200,
  durations: { scan: 100, build: 6100 },
  failedStep: 'build',
  error: {
    code: 'build-failed',
    message: 'worker/Dockerfile line 5: RUN pip install --no-cache-dir -r requirements.txt failed',
    hint: 'Read the output: the package index has no such package. Correct requirements.txt, then retry.',
    details: {
      file: 'worker/Dockerfile',
      line: 5,
      exitCode: 1,
      command: ['/bin/sh', '-c', 'pip install --no-cache-dir -r requirements.txt'],
      output: [
        '#9 [4/7] RUN pip install --no-cache-dir -r requirements.txt',
        'Collecting redis==6.4.0 (from -r requirements.txt (line 1))',
        '  Downloading redis-6.4.0-py3-none-any.whl (279 kB)',
        'Collecting sqlalchemy==2.0.44 (from -r requirements.txt (line 2))',
        'WARNING: Retrying (Retry(total=4)) after 404: /simple/celry/',
        'WARNING: Retrying (Retry(total=3)) after 404: /simple/celry/',
        'ERROR: Could not find a version that satisfies the requirement celry==5.4.0 (from versions: none)',
        'ERROR: No matching distribution found for celry==5.4.0',
        '[notice] A new release of pip is available: 25.2 -> 25.3',
        'process "/bin/sh -c pip install --no-cache-dir -r requirements.txt" did not complete: exit code: 1',
      ],
    },
  },
};

export const failedEvents: readonly JobEvent[] = numbered(
  [
    ...scanned,
    step(110, 'build', 'running', 'Building worker'),
    {
      at: 115,
      event: { type: 'build-started', image: 'api', reference: 'api:5e20c7d', reason: null, at: '' },
    },
    {
      at: 116,
      event: {
        type: 'build-finished',
        image: 'api',
        state: 'done',
        id: 'sha256:1',
        durationMs: 1400,
        error: null,
        at: '',
      },
    },
    ...buildOfApi(now - 60_000, 120, true),
    {
      at: 6100,
      event: {
        type: 'build-finished',
        image: 'worker',
        state: 'failed',
        id: null,
        durationMs: 4900,
        error: 'exit code: 1',
        at: '',
      },
    },
    step(6200, 'build', 'failed', 'worker failed at step 4'),
    { at: 6200, event: { type: 'result', result: failedResult } },
  ],
  now - 60_000,
);
export const failedHistory: readonly PastDeploy[] = [
  { jobId: 'job-1', startedAt: ago(60), running: false, result: failedResult },
  ...history,
];

const base: ImageState = {
  name: 'api',
  dockerfile: 'api/Dockerfile',
  context: 'api',
  tag: 'b3c3fbc',
  reference: 'api:b3c3fbc',
  hash: 'b3c3fbc5112be0739fde46ce34e06a1f',
  digest: '3f0c6a2e1d5b4987a6c5d4e3f2019876543210fedcba98765432100123456789',
  algorithm: 'md5',
  copies: [
    {
      source: 'app',
      target: '/srv/app',
      kind: 'directory',
      instruction: 'COPY',
      line: 10,
      chown: null,
      chmod: null,
    },
    {
      source: 'alembic',
      target: '/srv/alembic',
      kind: 'directory',
      instruction: 'COPY',
      line: 11,
      chown: null,
      chmod: null,
    },
  ],
  dependsOn: [{ image: 'base', written: 'ptah://base', via: 'FROM', line: 1, column: 6 }],
  args: { MODE: 'dev' },
  target: null,
  network: null,
  needs: [],
  problems: [],
  state: 'stale',
  reason: {
    code: 'files-changed',
    message: '3 files changed: app/main.py, app/routes/cart.py and 1 more',
    files: ['app/main.py', 'app/routes/cart.py', 'requirements.txt'],
    fileCount: 3,
  },
  built: { id: 'sha256:0123456789abcdef', size: 212_000_000, createdAt: ago(900) },
  previousReference: 'api:9f04d1e',
  nodes: nodes.map(node => ({ node, loaded: false })),
  lastBuild: { jobId: 'job-1', durationMs: 14_000, at: ago(900), state: 'done' },
};
const current = (name: string, tag: string, size: number, ms: number): ImageState => ({
  ...base,
  name,
  dockerfile: `${name}/Dockerfile`,
  context: name,
  tag,
  reference: `${name}:${tag}`,
  state: 'current',
  reason: null,
  built: { id: `sha256:${tag}`, size, createdAt: ago(9400) },
  previousReference: null,
  dependsOn: [],
  args: {},
  nodes: nodes.map(node => ({ node, loaded: true })),
  lastBuild: { jobId: 'job-4', durationMs: ms, at: ago(9400), state: 'done' },
});
export const images: MethodOutput<'images.list'> = {
  images: [
    base,
    current('worker', '41c7e02', 198_000_000, 25_100),
    current('web', '8aa91f3', 48_000_000, 9600),
  ],
  problems: [],
};

const liveText = `apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: api
    ptah-desktop/project: shop
  name: api
  namespace: shop
spec:
  replicas: 2
  selector:
    matchLabels:
      app: api
  strategy:
    type: RollingUpdate
  template:
    metadata:
      labels:
        app: api
    spec:
      containers:
        - name: api
          image: api:9f04d1e
          ports:
            - containerPort: 8000
          env:
            - name: DATABASE_HOST
              value: mariadb
          resources:
            limits:
              memory: 256Mi
            requests:
              cpu: 50m
          readinessProbe:
            httpGet:
              path: /healthz
              port: 8000
      terminationGracePeriodSeconds: 30
`;
const appliedText = liveText
  .replace('replicas: 2', 'replicas: 3')
  .replace('api:9f04d1e', 'api:b3c3fbc')
  .replace(
    '              value: mariadb\n',
    '              value: mariadb\n            - name: ORDER_TIMEOUT\n              value: "30"\n',
  )
  .replace('256Mi', '384Mi');
const rewrittenText = appliedText
  .replace('    ptah-desktop/project: shop\n', '')
  .replace('  strategy:\n    type: RollingUpdate\n', '');

export const diffOf = (of: ObjectRef): ObjectDiff => {
  if (of.kind === 'Deployment' && of.name === 'api') {
    return {
      ref: of,
      file: 'k8s/api.yaml',
      line: 14,
      source: rewrittenText.replace('api:b3c3fbc', 'ptah://api'),
      rewritten: rewrittenText,
      live: liveText,
      applied: appliedText,
      rewrites: [{ name: 'api', reference: 'api:b3c3fbc' }],
      conflicts: [{ manager: 'kubectl-client-side-apply', field: '.spec.replicas' }],
      problem: null,
    };
  }
  const text = `apiVersion: ${of.apiVersion}\nkind: ${of.kind}\nmetadata:\n  name: ${of.name}\n  namespace: ${of.namespace ?? ''}\n`;
  return {
    ref: of,
    file:
      plan.objects.find(one => one.ref.name === of.name && one.ref.kind === of.kind)?.file ?? 'k8s/api.yaml',
    line: 1,
    source: text,
    rewritten: text,
    live: of.kind === 'PodDisruptionBudget' ? null : text,
    applied: of.kind === 'ConfigMap' && of.name === 'api-config' ? `${text}data:\n  MODE: "dev"\n` : text,
    rewrites: [],
    conflicts: [],
    problem: null,
  };
};

const container = (name: string, imageName: string, change: Partial<ContainerView> = {}): ContainerView => ({
  name,
  init: false,
  image: imageName,
  old: false,
  ours: true,
  state: 'running',
  status: 'Running',
  ready: true,
  restarts: 0,
  startedAt: ago(48),
  containerId: 'containerd://0123456789abcdef0123',
  ...change,
});
const pod = (
  name: string,
  seconds: number,
  containers: readonly ContainerView[],
  change: Partial<PodView> = {},
): PodView => ({
  namespace: 'shop',
  name,
  node: 'dev-worker',
  state: 'running',
  status: 'Ready',
  createdAt: ago(seconds),
  restarts: containers.reduce((sum, one) => sum + one.restarts, 0),
  containers,
  ...change,
});
const workload = (
  of: ObjectRef,
  seconds: number,
  status: string,
  pods: readonly PodView[],
  change: Partial<WorkloadView> = {},
): WorkloadView => ({
  ref: of,
  state: 'running',
  status,
  ready: pods.length,
  desired: pods.length,
  pods,
  createdAt: ago(seconds),
  ...change,
});

export const snapshot: WorkloadsSnapshot = {
  at: ago(0),
  connected: true,
  disconnectedReason: null,
  workloads: [
    workload(
      api,
      11_000,
      'Rolling out 2/3',
      [
        pod('api-7c9f6d5b8-2xk4q', 48, [container('api', 'api:b3c3fbc')]),
        pod('api-7c9f6d5b8-m8vtz', 31, [container('api', 'api:b3c3fbc')]),
        pod(
          'api-7c9f6d5b8-q5zjw',
          6,
          [container('api', 'api:b3c3fbc', { state: 'starting', status: 'Not ready yet', ready: false })],
          { state: 'starting', status: 'Starting' },
        ),
        pod(
          'api-5d8b9c7f4-hw2lp',
          900,
          [container('api', 'api:9f04d1e', { old: true, state: 'ending', status: 'Ending' })],
          { state: 'ending', status: 'Ending' },
        ),
      ],
      { state: 'starting', ready: 2, desired: 3 },
    ),
    workload(ref('Deployment', 'worker', 'apps/v1'), 7600, 'Ready 1/1', [
      pod('worker-6b7d8f9c5-tz9kd', 7600, [
        container('worker', 'worker:41c7e02', { restarts: 3 }),
        container('metrics', 'statsd-exporter:0.28', { ours: false }),
      ]),
    ]),
    workload(ref('Deployment', 'web', 'apps/v1'), 72_000, 'Ready 2/2', [
      pod('web-6f5d7c8b9-d7xrw', 72_000, [container('web', 'web:8aa91f3')]),
      pod('web-6f5d7c8b9-k2m9s', 72_000, [container('web', 'web:8aa91f3')]),
    ]),
    workload(
      ref('Job', 'migrate', 'batch/v1'),
      40,
      'Failed',
      [
        pod(
          'migrate-x8k2p',
          40,
          [
            container('migrate', 'api:b3c3fbc', {
              state: 'failed',
              status: 'Exited with 1',
              ready: false,
              restarts: 2,
            }),
          ],
          {
            state: 'failed',
            status: 'CrashLoopBackOff',
          },
        ),
      ],
      { state: 'failed', ready: 0, desired: 1 },
    ),
    workload(ref('StatefulSet', 'mariadb', 'apps/v1'), 72_000, 'Ready 1/1', [
      pod('mariadb-0', 72_000, [container('mariadb', 'mariadb:11.4', { ours: false })]),
    ]),
  ],
  services: [
    { ref: ref('Service', 'api'), type: 'ClusterIP', ports: [{ name: 'http', port: 8000, protocol: 'TCP' }] },
    {
      ref: ref('Service', 'web'),
      type: 'ClusterIP',
      ports: [
        { name: null, port: 80, protocol: 'TCP' },
        { name: 'metrics', port: 9113, protocol: 'TCP' },
      ],
    },
    {
      ref: ref('Service', 'mariadb'),
      type: 'ClusterIP',
      ports: [{ name: null, port: 3306, protocol: 'TCP' }],
    },
  ],
};

export const cluster: MethodOutput<'cluster.get'> = {
  cluster: plan.cluster,
  state: 'ready',
  message: 'Answers on 127.0.0.1:41893',
  server: 'https://127.0.0.1:41893',
  version: 'v1.34.0',
  createJob: 'job-11',
  nodes: nodes.map((name, index) => ({
    name,
    role: index === 0 ? 'control-plane' : 'worker',
    running: true,
    image: 'kindest/node:v1.34.0',
    kubernetesVersion: 'v1.34.0',
    images: [
      {
        reference: 'docker.io/library/api:9f04d1e',
        id: 'sha256:aa11bb22cc33dd44',
        digest: null,
        size: 212_000_000,
        ours: true,
      },
      {
        reference: 'docker.io/library/worker:41c7e02',
        id: 'sha256:41c7e02000000000',
        digest: null,
        size: 198_000_000,
        ours: true,
      },
      {
        reference: 'docker.io/library/web:8aa91f3',
        id: 'sha256:8aa91f3000000000',
        digest: null,
        size: 48_000_000,
        ours: true,
      },
      {
        reference: 'docker.io/library/mariadb:11.4',
        id: 'sha256:1100400000000000',
        digest: null,
        size: 107_000_000,
        ours: false,
      },
      {
        reference: 'registry.k8s.io/pause:3.10',
        id: 'sha256:9999999999999999',
        digest: null,
        size: 320_000,
        ours: false,
      },
    ],
  })),
};
export const noCluster: MethodOutput<'cluster.get'> = {
  ...cluster,
  state: 'missing',
  message: 'No Kind cluster dev',
  server: null,
  version: null,
  nodes: [],
  createJob: null,
  cluster: {
    ...plan.cluster,
    exists: false,
    action: 'create',
    nodes: [],
    nodeImage: { reference: 'kindest/node:v1.34.0', from: 'local' },
    reason: 'No Kind cluster is called dev',
  },
};

const check = (
  id: string,
  category: CheckResult['category'],
  title: string,
  state: CheckResult['state'],
  summary: string,
  change: Partial<CheckResult> = {},
): CheckResult => ({
  id,
  category,
  title,
  state,
  summary,
  hint: null,
  fixes: [],
  evidence: null,
  durationMs: 12,
  ...change,
});
export const checks: readonly CheckResult[] = [
  check('docker', 'containers', 'Docker reachable', 'ok', '28.3.2 on /var/run/docker.sock, 4 ms'),
  check('buildkit', 'containers', 'BuildKit', 'ok', '0.23, with a session'),
  check('disk', 'containers', 'Disk space', 'warning', '6.2 GB left of 120 GB on /var/lib/docker', {
    hint: 'Builds of this project took 9 GB in the last week.',
  }),
  check('kind', 'cluster', 'kind', 'ok', '0.30.0, /usr/local/bin/kind'),
  check('node-image', 'cluster', 'Node image', 'ok', 'kindest/node:v1.34.0 on this machine'),
  check('helm', 'tools', 'helm', 'ok', '3.19.0, /usr/local/bin/helm'),
  check(
    'helmfile',
    'tools',
    'helmfile',
    'failed',
    'Not on the PATH. ledger has a helmfile.yaml; shop is not affected.',
    {
      hint: 'helmfile syncs the charts that helmfile.yaml names, before the manifests are applied.',
      fixes: [
        {
          id: 'install',
          title: 'Install helmfile',
          commands: ['go install github.com/helmfile/helmfile@v1.1.9'],
          automatic: true,
        },
        {
          id: 'manual',
          title: 'Install it by hand',
          commands: ['sudo apt-get install helmfile'],
          automatic: false,
        },
      ],
      evidence: { command: ['helmfile', 'version'], exitCode: 127, output: ['helmfile: command not found'] },
    },
  ),
  check('watches', 'machine', 'File watches', 'warning', 'Limit 8,192; open projects need 11,730.', {
    fixes: [
      {
        id: 'raise',
        title: 'Raise to 524,288',
        commands: ['sudo sysctl fs.inotify.max_user_watches=524288'],
        automatic: true,
      },
    ],
  }),
  check('cgroup', 'machine', 'cgroup v2', 'ok', 'all controllers that Kind needs are on'),
  check('wsl', 'machine', 'WSL', 'not-needed', 'Not on Windows'),
];

export const proposal: ProjectProposal = {
  root: '/home/me/code/fastapi-k8s',
  configText:
    'kind:\n  name: fastapi-k8s\ndockerfiles: (?P<name>fastapi-k8s)?Dockerfile\nmanifests: ^(?!helmfile|kind).*\\.ya?ml$\nbuild_output: .build\n',
  edits: [
    {
      file: 'k8s.yaml',
      line: 17,
      before: '          image: fastapi-k8s:latest',
      after: '          image: ptah://fastapi-k8s',
      reason: 'fastapi-k8s:latest has imagePullPolicy: Never, so it is the image that this folder builds',
    },
    {
      file: 'k8s.yaml',
      line: 18,
      before: '          imagePullPolicy: Never',
      after: '          imagePullPolicy: IfNotPresent',
      reason: 'The image is loaded into the nodes under its own tag',
    },
  ],
  reasons: ['The Dockerfile in the root is the image fastapi-k8s', 'k8s.yaml has a Deployment and a Service'],
  problems: [],
};

export const listing = (path: string): FolderListing => ({
  path,
  parent: path === '/' ? null : path.replace(/\/[^/]*$/, '') || '/',
  folders: ['blog', 'docs-site', 'fastapi-k8s', 'notes', 'shop'].map(name => ({
    name,
    path: `${path === '/' ? '' : path}/${name}`,
    isProject: ['blog', 'shop'].includes(name),
    hasDockerfile: name === 'fastapi-k8s',
  })),
  places: [
    { name: 'Home', path: '/home/me' },
    { name: 'code', path: '/home/me/code' },
    { name: 'Examples', path: '/opt/ptah/examples' },
  ],
});
