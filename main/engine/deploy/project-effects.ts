import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  connectCluster,
  createKindCluster,
  deleteKindCluster,
  pinKindContext,
  type Cluster,
  type PinnedContext,
} from '../cluster/index.ts';
import { listContext, saveListing } from '../content/index.ts';
import type { Docker } from '../docker/index.ts';
import { prepareDockerfile } from '../dockerfile/index.ts';
import { PtahError } from '../errors/index.ts';
import { buildImage, describeImages, saveCopies, type ImageDescription } from '../images/index.ts';
import { applyObjects, planObjects, prune, syncHelmfile, writeBuildOutput } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import { kindTarget } from '../targets/index.ts';
import { awaitRollout } from '../workloads/index.ts';
import { writeBuildRecord } from './build-records.ts';
import type { DeployDeps } from './deps.ts';
import type { DeployEffects } from './effects.ts';
import { contextOf, gatherWorld } from './gather-world.ts';
import { helmRevisions, recordHelmfileSync } from './helmfile-state.ts';
import { holdLease, holderOf } from './lease.ts';

/** The effects of deploying one project on the real world. Keeps its connections for the one deploy that it serves. */
export function projectEffects(project: Project, deps: DeployDeps): DeployEffects {
  let api: Cluster | null = null;
  const docker = (): Docker => deps.docker();
  const connect = (pinned: PinnedContext): Cluster =>
    deps.connect?.(pinned) ?? connectCluster(pinned, { env: deps.env, tools: deps.tools });
  const pin = (signal: AbortSignal) =>
    pinKindContext(project.clusterName, { env: deps.env, docker: docker(), tools: deps.tools, signal });
  const cluster = async (signal: AbortSignal): Promise<Cluster> => (api ??= connect(await pin(signal)));

  return {
    async gather(signal) {
      const gathered = await gatherWorld(project, deps, signal);
      api = gathered.api;
      return gathered.world;
    },
    hold: async signal => holdLease(await cluster(signal), project, holderOf(deps.home), signal),
    async createCluster({ cluster: { name, nodeImage } }, options) {
      const { pinned } = await createKindCluster(
        deps.tools,
        {
          name,
          configFile: project.kindConfigFile,
          nodeImage: nodeImage && nodeImage.from !== 'kind-config' ? nodeImage.reference : null,
          projectRoot: project.root,
          project: project.name,
        },
        { env: deps.env, ...options },
      );
      api = connect(pinned);
      api.refreshResources();
    },
    async deleteCluster({ cluster: { name } }, options) {
      await deleteKindCluster(deps.tools, name, { env: deps.env, ...options });
      api = null;
    },
    async build(world, planned, { signal, onEvent }) {
      const image = world.images.find(({ name }) => name === planned.name);
      if (!image) throw new PtahError('unknown-image', `The project has no image ${planned.name}.`);
      const context = contextOf(project, image);
      const text = await readFile(join(project.root, image.dockerfile), 'utf8');
      const references = new Map(world.images.map(({ name, reference }) => [name, reference]));
      const { args, target, network, name, reference, digest } = image;
      const listing = await listContext({ ...context, index: deps.index, signal });
      await assertUnchanged(project, image, deps, signal);
      const result = await buildImage(
        docker(),
        {
          name,
          reference,
          digest,
          project: project.name,
          contextDir: context.root,
          dockerfile: context.dockerfile,
          dockerfilePath: image.dockerfile,
          dockerfileText: prepareDockerfile(text, references, { args, target }),
          args,
          target,
          network,
          exclude: context.exclude,
          contextDigest: listing.digest,
        },
        { signal, onEvent },
      );
      await saveListing(deps.home, digest, listing, project.name);
      await saveCopies(deps.home, project.name, name, digest, { rules: image.copies, dockerfile: text });
      await writeBuildRecord(deps.home, project.name, image, world.images);
      return result;
    },
    writeBuildOutput: async world => void (await writeBuildOutput(project, world.manifests.manifests)),
    async syncHelmfile(world, { signal, onLine }) {
      if (project.helmfile === null || !world.helmfile) return;
      const api = await cluster(signal);
      const before = await helmRevisions(api, signal);
      await syncHelmfile(
        deps.tools,
        { file: project.helmfile, pinned: await pin(signal) },
        { env: deps.env, signal, onLine },
      );
      api.refreshResources();
      await recordHelmfileSync(api, project, world.helmfile.digest, before, signal);
    },
    async load(reference, names, options) {
      const target = kindTarget(docker(), project.clusterName);
      const nodes = (await target.nodes()).filter(({ name }) => names.includes(name));
      await target.load([reference], nodes, options);
    },
    async planObjects({ manifests }, signal) {
      const connected = await cluster(signal);
      connected.refreshResources();
      const { namespace } = project.config;
      return planObjects(
        { objects: manifests.objects, cluster: connected, namespace, projectName: project.name },
        signal,
      );
    },
    async apply(plan, { signal, consent, beforeWorkloads, onResult, onWarning }) {
      await applyObjects(
        await cluster(signal),
        {
          plan,
          consent,
          onResult,
          beforeWave: wave => (wave === 'workloads' ? beforeWorkloads() : Promise.resolve()),
          onWarning: (ref, text) => onWarning(`${ref.kind} ${ref.name}: ${text}`),
        },
        signal,
      );
    },
    async awaitRollout(refs, options) {
      const { rolloutTimeoutSeconds } = await deps.settings();
      return awaitRollout(await cluster(options.signal), refs, {
        ...options,
        timeoutMs: rolloutTimeoutSeconds * 1_000,
      });
    },
    async prune({ projectName, namespace, inventory }, refs, { signal, onResult }) {
      await prune(
        await cluster(signal),
        // what was agreed to was ticked by name: also what is never pruned unasked
        { projectName, namespace, inventory, refs, ticked: refs, onResult },
        signal,
      );
    },
  };
}

/** The label says what was planned: files that changed since the plan must not be built under it. */
async function assertUnchanged(
  project: Project,
  image: ImageDescription,
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<void> {
  const now = await describeImages(project, { index: deps.index, signal });
  if (now.find(({ name }) => name === image.name)?.digest === image.digest) return;
  throw new PtahError('context-changed', `The files of ${image.name} changed since the deploy began.`, {
    hint: 'Deploy again.',
  });
}
