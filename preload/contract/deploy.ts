import { z } from 'zod';
import { list, request, text, time } from './define.ts';
import { problem, storedError } from './errors.ts';
import { buildEvent, imageReason } from './images.ts';

export const objectRef = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  namespace: z.string().nullable(),
  name: z.string(),
});
export type ObjectRef = z.infer<typeof objectRef>;

export const plannedImage = z.object({
  name: z.string(),
  reference: z.string(),
  tag: z.string(),
  digest: z.string(),
  action: z.enum(['none', 'build']),
  reason: imageReason.nullable(),
  waitsFor: list(z.string()),
});
export const plannedLoad = z.object({
  image: z.string(),
  reference: z.string(),
  node: z.string(),
  action: z.enum(['none', 'load']),
  reason: z.string(),
  bytes: z.number().nullable(),
});
export const plannedObject = z.object({
  ref: objectRef,
  file: z.string(),
  line: z.number(),
  wave: z.enum(['crds', 'namespaces', 'configuration', 'workloads']),
  action: z.enum(['create', 'change', 'replace', 'ask', 'none', 'blocked']),
  reason: z.string(),
  problem: problem.nullable(),
});
export const plannedPrune = z.object({ ref: objectRef, reason: z.string(), keptUnlessAsked: z.boolean() });
export const plannedCluster = z.object({
  name: z.string(),
  context: z.string(),
  exists: z.boolean(),
  action: z.enum(['none', 'create']),
  nodes: list(z.string()),
  nodeImage: z
    .object({ reference: z.string(), from: z.enum(['kind-config', 'setting', 'kind-default', 'local']) })
    .nullable(),
  configChanged: z.boolean(),
  reason: z.string(),
});

export const plan = z.object({
  project: z.object({ name: z.string(), root: z.string(), namespace: z.string() }),
  createdAt: time,
  fingerprint: z.string(),
  cluster: plannedCluster,
  helmfile: z
    .object({ file: z.string(), action: z.enum(['sync', 'none', 'blocked']), problem: problem.nullable() })
    .nullable(),
  images: list(plannedImage),
  loads: list(plannedLoad),
  objects: list(plannedObject),
  prune: list(plannedPrune),
  skipped: list(z.object({ file: z.string(), line: z.number(), reason: z.string() })),
  problems: list(problem),
  warnings: list(problem),
  summary: z.string(),
  inventoryLost: z.boolean(),
  nothingToDo: z.boolean(),
  runnable: z.boolean(),
});
export type Plan = z.infer<typeof plan>;

export const stepName = z.enum([
  'scan',
  'cluster',
  'build',
  'helmfile',
  'load',
  'diff',
  'apply',
  'rollout',
  'prune',
]);
export type StepName = z.infer<typeof stepName>;

export const rolloutProblem = z.object({
  ref: objectRef,
  pod: z.string().nullable(),
  container: z.string().nullable(),
  code: z.enum([
    'image-pull',
    'crash-loop',
    'exited',
    'out-of-memory',
    'probe',
    'scheduling',
    'quota',
    'config-missing',
    'forbidden',
    'volume',
    'init-failed',
    'deadline',
    'other',
  ]),
  message: z.string(),
  hint: z.string(),
  log: list(z.string()),
  events: list(z.string()),
});
export const rolloutStatus = z.object({
  ref: objectRef,
  state: z.enum(['waiting', 'ready', 'failed']),
  message: z.string(),
  ready: z.number(),
  desired: z.number(),
  problems: list(rolloutProblem),
});
export type RolloutStatus = z.infer<typeof rolloutStatus>;

export const fieldConflict = z.object({ manager: z.string(), field: z.string() });
export const objectResult = z.object({
  ref: objectRef,
  result: z.enum(['created', 'changed', 'replaced', 'unchanged', 'failed', 'skipped', 'pruned']),
  message: z.string(),
  conflicts: list(fieldConflict),
});
export type ObjectResult = z.infer<typeof objectResult>;

export const deployResult = z.object({
  state: z.enum(['deployed', 'unchanged', 'failed', 'cancelled']),
  summary: z.string(),
  durationMs: z.number(),
  durations: z.partialRecord(stepName, z.number()),
  failedStep: stepName.nullable(),
  error: storedError.nullable(),
});
export type DeployResult = z.infer<typeof deployResult>;

/** How it went with one thing of a project that is removed. */
export const removedItem = z.object({
  id: z.string(),
  group: z.string(),
  title: z.string(),
  where: z.string().nullable(),
  outcome: z.enum(['removed', 'gone', 'failed']),
  message: z.string(),
});
export type RemovedItem = z.infer<typeof removedItem>;

/** `--events` prints these, a line each. */
export const deployEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('plan'), plan }),
  z.object({
    type: z.literal('step'),
    step: stepName,
    state: z.enum(['running', 'done', 'failed', 'skipped', 'cancelled']),
    message: z.string(),
    at: time,
  }),
  z.object({
    type: z.literal('build-started'),
    image: z.string(),
    reference: z.string(),
    reason: imageReason.nullable(),
    at: time,
  }),
  z.object({ type: z.literal('build'), image: z.string(), event: buildEvent }),
  z.object({
    type: z.literal('build-finished'),
    image: z.string(),
    state: z.enum(['done', 'failed', 'cancelled']),
    id: z.string().nullable(),
    durationMs: z.number(),
    error: z.string().nullable(),
    at: time,
  }),
  z.object({
    type: z.literal('load'),
    image: z.string(),
    node: z.string(),
    sentBytes: z.number(),
    totalBytes: z.number(),
    state: z.enum(['running', 'done', 'failed']),
  }),
  z.object({ type: z.literal('object'), object: objectResult }),
  z.object({ type: z.literal('rollout'), status: rolloutStatus }),
  z.object({ type: z.literal('removed'), item: removedItem }),
  z.object({ type: z.literal('log'), step: stepName, text: z.string() }),
  z.object({ type: z.literal('result'), result: deployResult }),
]);
export type DeployEvent = z.infer<typeof deployEvent>;

/** What the user agreed to beyond the plan's own steps. */
export const deployConsent = z.strictObject({
  /** Objects to prune, by reference, out of `plan.prune`. */
  prune: list(objectRef, 1000),
  /** Objects marked `ask` that may be deleted and made again. */
  replace: list(objectRef, 1000),
  /** Fields held by other managers are taken over. */
  force: z.boolean(),
  /** Delete and make the cluster anew because its configuration changed. */
  recreateCluster: z.boolean(),
});
export type DeployConsent = z.infer<typeof deployConsent>;

export const objectDiff = z.object({
  ref: objectRef,
  file: z.string(),
  line: z.number(),
  source: z.string(),
  rewritten: z.string(),
  live: z.string().nullable(),
  applied: z.string().nullable(),
  rewrites: list(z.object({ name: z.string(), reference: z.string() })),
  conflicts: list(fieldConflict),
  problem: problem.nullable(),
});
export type ObjectDiff = z.infer<typeof objectDiff>;

export const pastDeploy = z.object({
  jobId: z.string(),
  startedAt: time,
  result: deployResult.nullable(),
  running: z.boolean(),
});
export type PastDeploy = z.infer<typeof pastDeploy>;

const deployment: ObjectRef = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'default',
  name: 'api',
};
export const samplePlan: Plan = {
  project: { name: 'shop', root: '/home/me/code/shop', namespace: 'default' },
  createdAt: '2026-01-02T03:04:05.000Z',
  fingerprint: '5d41402abc4b2a76',
  cluster: {
    name: 'dev',
    context: 'kind-dev',
    exists: true,
    action: 'none',
    nodes: ['dev-control-plane'],
    nodeImage: null,
    configChanged: false,
    reason: 'The cluster answers',
  },
  helmfile: null,
  images: [
    {
      name: 'api',
      reference: 'api:b3c3fbc',
      tag: 'b3c3fbc',
      digest: '3f0c6a2e',
      action: 'build',
      reason: {
        code: 'files-changed',
        message: '1 file changed: app/main.py',
        files: ['app/main.py'],
        fileCount: 1,
      },
      waitsFor: [],
    },
  ],
  loads: [
    {
      image: 'api',
      reference: 'api:b3c3fbc',
      node: 'dev-control-plane',
      action: 'load',
      reason: 'The node does not have it',
      bytes: null,
    },
  ],
  objects: [
    {
      ref: deployment,
      file: 'k8s/api.yaml',
      line: 1,
      wave: 'workloads',
      action: 'change',
      reason: 'image changes',
      problem: null,
    },
  ],
  prune: [
    {
      ref: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'old' },
      reason: 'No manifest names it any more',
      keptUnlessAsked: false,
    },
  ],
  skipped: [{ file: 'kind.yaml', line: 1, reason: 'kind.x-k8s.io is a configuration of Kind' }],
  problems: [],
  warnings: [],
  summary: 'Build 1 of 1 images because app/main.py changed; load it to 1 node; change 1 of 1 objects.',
  inventoryLost: false,
  nothingToDo: false,
  runnable: true,
};
const result: DeployResult = {
  state: 'failed',
  summary: 'Build of api, step 4: exit code 1',
  durationMs: 6200,
  durations: { scan: 100, build: 6000 },
  failedStep: 'build',
  error: {
    code: 'build-failed',
    message: 'RUN pip install failed',
    hint: 'See line 4 of api/Dockerfile',
    details: { line: 4, output: ['No matching distribution found'] },
  },
};
const project = z.strictObject({ projectId: text });

export const requests = {
  /** Computed afresh: reads the folder, Docker, the nodes and the cluster. */
  'deploy.plan': request(project, plan, { in: { projectId: 'p-1' }, out: samplePlan }),
  /** Starts a job of kind `deploy`; its events are `deployEvent`s. A plan whose fingerprint is no longer true is refused with `plan-stale`. */
  'deploy.start': request(
    z.strictObject({ projectId: text, fingerprint: text.nullable(), consent: deployConsent.optional() }),
    z.object({ jobId: z.string() }),
    {
      in: {
        projectId: 'p-1',
        fingerprint: '5d41402abc4b2a76',
        consent: { prune: [], replace: [], force: false, recreateCluster: false },
      },
      out: { jobId: 'job-5' },
    },
  ),
  'deploy.history': request(project, list(pastDeploy), {
    in: { projectId: 'p-1' },
    out: [{ jobId: 'job-5', startedAt: '2026-01-02T03:04:05.000Z', result, running: false }],
  }),
  /** Three texts for one object; the object is one of the plan's. */
  'changes.object': request(z.strictObject({ projectId: text, ref: objectRef }), objectDiff, {
    in: { projectId: 'p-1', ref: deployment },
    out: {
      ref: deployment,
      file: 'k8s/api.yaml',
      line: 1,
      source: 'image: ptah://api\n',
      rewritten: 'image: api:b3c3fbc\n',
      live: 'image: api:9f04d1e\n',
      applied: 'image: api:b3c3fbc\n',
      rewrites: [{ name: 'api', reference: 'api:b3c3fbc' }],
      conflicts: [{ manager: 'kubectl-client-side-apply', field: '.spec.replicas' }],
      problem: null,
    },
  }),
};

export const sampleDeployEvents: DeployEvent[] = [
  { type: 'plan', plan: samplePlan },
  { type: 'step', step: 'build', state: 'running', message: 'Building api', at: '2026-01-02T03:04:05.000Z' },
  {
    type: 'build-started',
    image: 'api',
    reference: 'api:b3c3fbc',
    reason: null,
    at: '2026-01-02T03:04:05.000Z',
  },
  {
    type: 'build',
    image: 'api',
    event: { type: 'output', step: 'sha256:1', stream: 'stdout', text: 'Collecting fastapi\n' },
  },
  {
    type: 'build-finished',
    image: 'api',
    state: 'done',
    id: 'sha256:2',
    durationMs: 1400,
    error: null,
    at: '2026-01-02T03:04:06.000Z',
  },
  { type: 'load', image: 'api', node: 'dev-control-plane', sentBytes: 1, totalBytes: 2, state: 'running' },
  { type: 'object', object: { ref: deployment, result: 'changed', message: 'image', conflicts: [] } },
  {
    type: 'rollout',
    status: {
      ref: deployment,
      state: 'waiting',
      message: '0 of 1 ready',
      ready: 0,
      desired: 1,
      problems: [],
    },
  },
  {
    type: 'removed',
    item: {
      id: 'docker:api:b3c3fbc',
      group: 'images',
      title: 'Image api:b3c3fbc',
      where: 'Docker',
      outcome: 'removed',
      message: '',
    },
  },
  { type: 'log', step: 'helmfile', text: 'Building dependency' },
  { type: 'result', result },
];
