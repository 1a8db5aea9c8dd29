import { PtahError } from '../errors/index.ts';
import type { BuiltImage, ImageDescription } from '../images/index.ts';
import type { KubernetesObject, ObjectsPlan, PreparedObject } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import type { NodeImage } from '../targets/index.ts';
import type { DeployEffects } from './effects.ts';
import type { PlannedObject } from './types.ts';
import type { World, WorldNode } from './world.ts';

/** A project with no files behind it. */
export function someProject(over: Partial<Project> = {}): Project {
  return {
    root: '/projects/shop',
    name: 'shop',
    configFile: '/projects/shop/ptah.yml',
    config: {
      name: null,
      namespace: null,
      kind: { name: 'dev', config: null },
      apiServer: { port: 8001 },
      ui: { service: 'kubernetes-dashboard', user: 'dashboard-admin' },
      dockerfiles: '(?i)(?P<name>\\w+)[/\\\\][\\w\\.]*Dockerfile',
      manifests: '^(?!helmfile).*\\.yaml',
      buildOutput: '.build',
      tagAlgorithm: 'md5',
      images: {},
    },
    clusterName: 'dev',
    kindConfigFile: null,
    helmfile: null,
    dockerfiles: [],
    manifests: ['k8s/api.yaml'],
    problems: [],
    ...over,
  };
}

export function someImage(name: string, over: Partial<ImageDescription> = {}): ImageDescription {
  const digest = over.digest ?? `digest-of-${name}`;
  const tag = over.tag ?? 'b3c3fbc';
  return {
    name,
    dockerfile: `${name}/Dockerfile`,
    context: name,
    tag,
    reference: `${name}:${tag}`,
    hash: tag.padEnd(32, '0'),
    digest,
    algorithm: 'md5',
    copies: [],
    dependsOn: [],
    args: {},
    target: null,
    network: null,
    needs: [],
    problems: [],
    ...over,
  };
}

export function builtFrom(image: ImageDescription, over: Partial<BuiltImage> = {}): BuiltImage {
  return {
    id: `sha256:${image.name}`,
    reference: image.reference,
    project: 'shop',
    digest: image.digest,
    size: 1_000,
    createdAt: '2026-01-02T03:04:05.000Z',
    ...over,
  };
}

export function heldOn(node: string, images: readonly ImageDescription[]): WorldNode {
  return {
    name: node,
    images: images.map((image): NodeImage => ({
      reference: `docker.io/library/${image.reference}`,
      id: `sha256:${image.name}`,
      digest: image.digest,
      dockerId: `sha256:${image.name}`,
      target: `sha256:${image.name}`,
      size: 1_000,
    })),
  };
}

/** An object of the plan; `kind/name` decides its wave. */
export function someObject(
  kind: string,
  name: string,
  action: PlannedObject['action'] = 'none',
  over: Partial<PreparedObject> = {},
): PreparedObject {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'v1';
  const object: KubernetesObject = { apiVersion, kind, metadata: { name, namespace: 'default' } };
  return {
    planned: {
      ref: { apiVersion, kind, namespace: 'default', name },
      file: 'k8s/api.yaml',
      line: 1,
      wave: kind === 'Deployment' ? 'workloads' : 'configuration',
      action,
      reason: action,
      problem:
        action === 'blocked'
          ? { code: 'unknown-kind', severity: 'error', message: `The cluster does not know ${kind}.` }
          : null,
    },
    object,
    document: { object, file: 'k8s/api.yaml', line: 1, source: '', rewritten: '' },
    live: null,
    applied: null,
    conflicts: [],
    consentMeans: action === 'ask' ? 'force' : null,
    ...over,
  };
}

export function objectsPlan(
  objects: readonly PreparedObject[],
  over: Partial<ObjectsPlan> = {},
): ObjectsPlan {
  return {
    projectName: 'shop',
    namespace: 'default',
    objects,
    prune: [],
    inventory: { parents: [], members: [] },
    inventoryLost: false,
    origin: null,
    ...over,
  };
}

/** A world in which everything is as the folder says; `over` changes it. */
export function someWorld(images: readonly ImageDescription[], over: Partial<World> = {}): World {
  return {
    readAt: '2026-01-02T03:04:05.000Z',
    docker: { state: 'ready', version: '28.0.0' },
    images,
    built: images.map(image => builtFrom(image)),
    lastBuilds: new Map(),
    cluster: {
      name: 'dev',
      context: 'kind-dev',
      state: 'ready',
      message: 'The cluster answers',
      nodes: [heldOn('dev-control-plane', images)],
      nodeImage: null,
      configChanged: false,
      kindFound: true,
    },
    manifests: { manifests: [], objects: [], skipped: [], problems: [] },
    objects: objectsPlan([]),
    unsettled: [],
    helmfile: null,
    problems: [],
    ...over,
  };
}

export interface FakeEffects extends DeployEffects {
  /** Everything that was done, in order: `build api`, `load api:b3c3fbc → dev-control-plane`, … */
  readonly log: string[];
}

export interface FakeEffectsOptions {
  /** What an effect does instead of succeeding, by the start of its line in `log`. */
  readonly faults?: Readonly<Record<string, (signal: AbortSignal) => Promise<void>>>;
  /** Milliseconds that every effect takes. */
  readonly takesMs?: number;
}

/** Effects on a world of the test's own. */
export function fakeEffects(world: World, options: FakeEffectsOptions = {}): FakeEffects {
  const log: string[] = [];
  const act = async (line: string, signal: AbortSignal) => {
    if (signal.aborted) throw new PtahError('cancelled', 'Cancelled.');
    log.push(line);
    await pause(options.takesMs ?? 0, signal);
    const fault = Object.entries(options.faults ?? {}).find(([start]) => line.startsWith(start));
    await fault?.[1](signal);
  };
  const never = new AbortController().signal;
  return {
    log,
    async gather(signal) {
      await act('gather', signal);
      return world;
    },
    async hold(signal) {
      await act('hold', signal);
      return async () => void log.push('let go');
    },
    createCluster: (_world, { signal }) => act('create cluster', signal),
    deleteCluster: (_world, { signal }) => act('delete cluster', signal),
    async build(_world, image, { signal, onEvent }) {
      onEvent({ type: 'method', method: 'buildkit', reason: 'fake' });
      await act(`build ${image.name}`, signal);
      log.push(`built ${image.name}`);
      return { id: `sha256:${image.name}`, method: 'buildkit', durationMs: 1 };
    },
    writeBuildOutput: () => act('write build output', never),
    syncHelmfile: (_world, { signal }) => act('sync helmfile', signal),
    load: (reference, nodes, { signal }) => act(`load ${reference} → ${nodes.join(' ')}`, signal),
    async planObjects(world, signal) {
      await act('compare', signal);
      return world.objects ?? objectsPlan([]);
    },
    async apply(plan, { signal, consent, beforeWorkloads, onResult }) {
      await act('apply', signal);
      for (const { planned } of plan.objects) {
        if (planned.action === 'none') continue;
        if (planned.action === 'ask' && !consent.some(({ name }) => name === planned.ref.name)) continue;
        if (planned.wave === 'workloads') await beforeWorkloads();
        log.push(`apply ${planned.ref.kind} ${planned.ref.name}`);
        onResult({
          ref: planned.ref,
          result: planned.action === 'create' ? 'created' : 'changed',
          message: '',
          conflicts: [],
        });
      }
    },
    async awaitRollout(refs, { signal }) {
      await act(`await ${refs.map(({ name }) => name).join(' ')}`, signal);
      return refs.map(ref => ({ ref, state: 'ready', message: 'ready', ready: 1, desired: 1, problems: [] }));
    },
    async prune(_plan, refs, { signal, onResult }) {
      await act(`prune ${refs.map(({ name }) => name).join(' ')}`, signal);
      for (const ref of refs) onResult({ ref, result: 'pruned', message: '', conflicts: [] });
    },
  };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (milliseconds === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new PtahError('cancelled', 'Cancelled.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
