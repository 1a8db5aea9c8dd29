import { join, resolve } from 'node:path';
import type { Cluster } from '../cluster/index.ts';
import { compareListings, listContext, loadListing } from '../content/index.ts';
import type { Docker, DockerImage, DockerInfo } from '../docker/index.ts';
import { isAbort, toPtahError, type Problem } from '../errors/index.ts';
import {
  checkFrontend,
  describeImages,
  labels,
  listBuilt,
  settleReferences,
  type BuiltImage,
  type ImageDescription,
} from '../images/index.ts';
import {
  otherFolder,
  planHelmfile,
  planObjects,
  readManifests,
  type ManifestSet,
  type ObjectsPlan,
} from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import type { NodeImage } from '../targets/index.ts';
import { readBuildRecords, type BuildRecord } from './build-records.ts';
import type { DeployDeps } from './deps.ts';
import { gatherCluster, type GatheredCluster } from './gather-cluster.ts';
import { helmfileDigest, syncedHelmfileDigest } from './helmfile-state.ts';
import { holderOf, leaseProblem } from './lease.ts';
import { dockerfileInContext } from './plan-images.ts';
import { isUnsettled } from './settled.ts';
import type { LastBuild, World, WorldHelmfile } from './world.ts';

/** The world, and the connections that were opened to read it. */
export interface Gathered {
  readonly world: World;
  readonly docker: Docker | null;
  readonly api: Cluster | null;
}

/** Reads the folder, Docker, the nodes and the cluster: everything that a plan depends on. Changes nothing. */
export async function gatherWorld(
  project: Project,
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<Gathered> {
  const readAt = new Date().toISOString();
  // names are seldom taken: the manifests are read with the plain ones while Docker and the nodes are asked
  const [folder, engine] = await Promise.all([
    readFolder(project, deps, signal),
    gatherEngine(project, deps, signal),
  ]);
  const settled = settleReferences(folder.images, heldImages(engine));
  const isAsRead = settled.every((image, at) => image.reference === folder.images[at]?.reference);
  const manifests = isAsRead ? folder.manifests : await readManifests(project, settled, { signal });
  const images = withFrontendProblems(settled, engine.info);
  const { api } = engine.cluster;
  const [objects, helmfile, lastBuilds, lease] = await Promise.all([
    gatherObjects(project, manifests, engine, project.helmfile !== null, signal),
    gatherHelmfile(project, engine.cluster.api, deps, signal),
    gatherLastBuilds(project, images, engine.built, deps, signal),
    api ? leaseProblem(api, project, holderOf(deps.home), signal) : null,
  ]);
  const world: World = {
    readAt,
    docker: { state: engine.docker ? 'ready' : 'unreachable', version: engine.info?.version ?? null },
    images,
    built: engine.built,
    lastBuilds,
    cluster: engine.cluster.cluster,
    manifests,
    objects: objects.plan,
    unsettled: (objects.plan?.objects ?? []).flatMap(({ planned, live }) =>
      live && planned.action === 'none' && isUnsettled(live) ? [planned.ref] : [],
    ),
    helmfile,
    problems: [
      ...engine.problems,
      ...engine.cluster.problems,
      ...objects.problems,
      ...(lease ? [lease] : []),
    ],
  };
  return { world, docker: engine.docker, api };
}

async function readFolder(project: Project, deps: DeployDeps, signal: AbortSignal) {
  const images = await describeImages(project, { index: deps.index, signal });
  return { images, manifests: await readManifests(project, images, { signal }) };
}

interface Engine {
  readonly docker: Docker | null;
  readonly info: DockerInfo | null;
  readonly all: readonly DockerImage[];
  readonly built: readonly BuiltImage[];
  readonly cluster: GatheredCluster;
  readonly problems: readonly Problem[];
}

async function gatherEngine(project: Project, deps: DeployDeps, signal: AbortSignal): Promise<Engine> {
  try {
    const docker = deps.docker();
    const [info, all, built, cluster] = await Promise.all([
      docker.info(signal),
      docker.listImages({}, signal),
      listBuilt(docker, project.name, signal),
      gatherCluster(project, docker, deps, signal),
    ]);
    return { docker, info, all, built, cluster: withKnownDigests(cluster, all), problems: [] };
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    const { code, message, hint } = toPtahError(error, 'docker-unreachable');
    return {
      docker: null,
      info: null,
      all: [],
      built: [],
      problems: [
        {
          code,
          severity: 'error',
          message,
          hint: hint ?? 'Start Docker: Setup does it, or `ptah setup --fix`.',
        },
      ],
      cluster: {
        api: null,
        problems: [],
        cluster: {
          name: project.clusterName,
          context: `kind-${project.clusterName}`,
          state: 'unknown',
          message: 'Docker does not answer, so the cluster cannot be looked at',
          nodes: [],
          nodeImage: null,
          configChanged: false,
          kindFound: (await deps.tools.find('kind')) !== null,
        },
      },
    };
  }
}

/**
 * An image that others brought to a node (`kind load`) carries no note of ours there. Where Docker has the very same image, its
 * label tells the content: else it would be loaded once more, under another name.
 */
function withKnownDigests(gathered: GatheredCluster, all: readonly DockerImage[]): GatheredCluster {
  const digests = new Map(all.map(({ id, labels: own }) => [id, own[labels.digest] ?? null]));
  const known = (image: NodeImage): NodeImage => {
    const digest = (image.ids ?? []).map(id => digests.get(id)).find(Boolean);
    return image.digest === null && digest ? { ...image, digest } : image;
  };
  const nodes = gathered.cluster.nodes.map(node => ({ ...node, images: node.images?.map(known) ?? null }));
  return { ...gathered, cluster: { ...gathered.cluster, nodes } };
}

/** Every name that is taken, and by which content: of Docker's images and of the nodes'. */
function heldImages({
  all,
  cluster,
}: Engine): readonly { readonly reference: string; readonly digest: string | null }[] {
  const inDocker = all.flatMap(image =>
    image.tags.map(reference => ({ reference, digest: image.labels[labels.digest] ?? null })),
  );
  const onNodes = cluster.cluster.nodes.flatMap(({ images }) =>
    (images ?? []).map(({ reference, digest }) => ({
      reference: reference.replace(/^docker\.io\/(library\/)?/, ''),
      digest,
    })),
  );
  return [...inDocker, ...onNodes];
}

function withFrontendProblems(
  images: readonly ImageDescription[],
  info: DockerInfo | null,
): readonly ImageDescription[] {
  if (!info) return images;
  return images.map(image => ({
    ...image,
    problems: [...image.problems, ...checkFrontend(info, image.needs, image.dockerfile)],
  }));
}

async function gatherObjects(
  project: Project,
  manifests: ManifestSet,
  engine: Engine,
  helmfileFirst: boolean,
  signal: AbortSignal,
): Promise<{ readonly plan: ObjectsPlan | null; readonly problems: readonly Problem[] }> {
  const { api, cluster } = engine.cluster;
  if (!api && cluster.state !== 'missing') return { plan: null, problems: [] };
  try {
    const plan = await planObjects(
      {
        objects: manifests.objects,
        cluster: api,
        namespace: project.config.namespace,
        projectName: project.name,
        folder: project.root,
        helmfileFirst,
      },
      signal,
    );
    return { plan, problems: sameNameProblems(project, plan) };
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    const { code, message, hint } = toPtahError(error);
    return { plan: null, problems: [{ code, severity: 'error', message, ...(hint && { hint }) }] };
  }
}

async function gatherHelmfile(
  project: Project,
  api: Cluster | null,
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<WorldHelmfile | null> {
  const planned = await planHelmfile(deps.tools, project.helmfile);
  if (!planned || project.helmfile === null) return null;
  const [digest, syncedDigest] = await Promise.all([
    helmfileDigest(project, signal),
    api ? syncedHelmfileDigest(api, project, signal) : null,
  ]);
  return { planned, digest, syncedDigest };
}

async function gatherLastBuilds(
  project: Project,
  images: readonly ImageDescription[],
  built: readonly BuiltImage[],
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, LastBuild>> {
  const stale = images.filter(
    image => !built.some(({ reference, digest }) => reference === image.reference && digest === image.digest),
  );
  if (stale.length === 0) return new Map();
  const records = await readBuildRecords(deps.home, project.name);
  const digests = new Map(images.map(({ name, digest }) => [name, digest]));
  const entries = await Promise.all(
    stale.map(async (image): Promise<readonly [string, LastBuild][]> => {
      const record = records[image.name];
      const before = record ?? newestBuilt(image, built);
      if (!before) return [];
      const changes = await changesSince(project, image, before.digest, deps, signal);
      return [
        [
          image.name,
          {
            ...compare(image, record ?? null, digests),
            digest: before.digest,
            reference: before.reference,
            changes,
          },
        ],
      ];
    }),
  );
  return new Map(entries.flat());
}

function compare(image: ImageDescription, record: BuildRecord | null, digests: ReadonlyMap<string, string>) {
  if (!record) return { settingsChanged: false, dockerfileMoved: false, changedBases: [] };
  const settings = ({ args, target, network }: Pick<BuildRecord, 'args' | 'target' | 'network'>) =>
    JSON.stringify([Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1)), target, network]);
  return {
    settingsChanged: settings(record) !== settings(image),
    dockerfileMoved: record.dockerfile !== image.dockerfile,
    changedBases: Object.entries(record.bases).flatMap(([name, digest]) =>
      digests.get(name) === digest ? [] : [name],
    ),
  };
}

/** The newest image of that name in Docker, where no record of ours tells which was the last. */
function newestBuilt(image: ImageDescription, built: readonly BuiltImage[]) {
  const [newest] = built
    .filter(({ reference }) => reference.startsWith(`${image.name}:`))
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  return newest?.digest ? { digest: newest.digest, reference: newest.reference } : null;
}

async function changesSince(
  project: Project,
  image: ImageDescription,
  digest: string,
  deps: DeployDeps,
  signal: AbortSignal,
): Promise<LastBuild['changes']> {
  const before = await loadListing(deps.home, digest, project.name);
  if (!before) return null;
  try {
    const now = await listContext({ ...contextOf(project, image), index: deps.index, signal });
    return compareListings(before, now);
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    return null;
  }
}

/** The build context of an image, and what of it never goes to a build (design: `build_output` and `.ptah`). */
export function contextOf(project: Project, image: Pick<ImageDescription, 'context' | 'dockerfile'>) {
  return {
    root: join(project.root, image.context),
    dockerfile: dockerfileInContext(image),
    exclude: [resolve(project.root, project.config.buildOutput), join(project.root, '.ptah')],
  };
}

/** Identity is the name (design, section 9): what another folder of that name deployed counts as this project's. */
function sameNameProblems(project: Project, { inventory, prune }: ObjectsPlan): Problem[] {
  const folder = otherFolder(inventory.origin, project.root);
  if (folder === null) return [];
  const offered = prune.length === 0 ? '' : ' What only the other one names is offered for removal here.';
  return [
    {
      code: 'deployed-from-another-folder',
      severity: 'warning',
      message: `A project named \`${project.name}\` was last deployed to this cluster from \`${folder}\`.${offered}`,
      hint: 'If that is another project, give one of the two a `name` of its own in ptah.yml: their objects are told apart by it.',
    },
  ];
}
