import type { Cluster } from '../cluster/index.ts';
import type { Docker } from '../docker/index.ts';
import { isAbort, toPtahError } from '../errors/index.ts';
import { labels } from '../images/index.ts';
import type { Inventory, KubernetesObject } from '../manifests/index.ts';
import { kindTarget, normaliseReference, readImageFacts } from '../targets/index.ts';
import type { InsideCluster, LabelledImage } from './world.ts';

/** What each node brings along; nobody builds a project's image under these. */
const systemImages = /^(registry\.k8s\.io|docker\.io\/kindest)\//;

/** Images on the nodes that carry some project’s label. */
export async function gatherNodeImages(
  docker: Docker,
  clusterName: string,
  signal: AbortSignal,
): Promise<{ readonly images: readonly LabelledImage[]; readonly unread: InsideCluster['unreadNodes'] }> {
  const target = kindTarget(docker, clusterName);
  const images: LabelledImage[] = [];
  const unread: { node: string; reason: string }[] = [];
  await Promise.all(
    (await target.nodes()).map(async node => {
      try {
        const held = (await target.images(node)).filter(({ reference }) => !systemImages.test(reference));
        const carried = await readImageFacts(
          node,
          held.map(image => image.target),
          signal,
        );
        for (const { reference, size, target: of } of held) {
          const own = carried.get(of)?.labels ?? {};
          if (labels.project in own) images.push({ node: node.name, reference, size, labels: own });
        }
      } catch (error) {
        if (signal.aborted && isAbort(error)) throw error;
        unread.push({ node: node.name, reason: toPtahError(error).message });
      }
    }),
  );
  return { images, unread };
}

interface PodFacts {
  readonly spec?: Readonly<
    Record<
      'containers' | 'initContainers' | 'ephemeralContainers',
      readonly { readonly image?: string }[] | undefined
    >
  >;
}

/** Normalised references of a pod’s images. */
function imagesOfPod(pod: KubernetesObject): ReadonlySet<string> {
  const { spec } = pod as PodFacts;
  const all = [spec?.containers, spec?.initContainers, spec?.ephemeralContainers].flatMap(some => some ?? []);
  return new Set(all.flatMap(({ image }) => (image ? [normaliseReference(image)] : [])));
}

/** Which pods of others use which image: pods that come from no object of the inventory. Those that are `ending` count if asked for. */
export async function imageUsersOf(
  cluster: Cluster,
  { members }: Inventory,
  signal: AbortSignal,
  { ending = false }: { readonly ending?: boolean } = {},
): Promise<InsideCluster['imageUsers']> {
  const [pods, sets, jobs] = await Promise.all(
    [
      { apiVersion: 'v1', kind: 'Pod' },
      { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
      { apiVersion: 'batch/v1', kind: 'Job' },
    ].map(async query => (await cluster.list(query, signal)).items),
  );
  const own = new Set(members.map(({ uid }) => uid));
  const between = new Map([...(sets ?? []), ...(jobs ?? [])].map(object => [uidOf(object), object]));
  const isOwn = (object: KubernetesObject): boolean =>
    own.has(uidOf(object)) ||
    ownersOf(object).some(uid => {
      const owner = between.get(uid);
      return own.has(uid) || (owner !== undefined && isOwn(owner));
    });
  const users = new Map<string, string[]>();
  for (const pod of pods ?? []) {
    if (isOwn(pod) || isOver(pod) || (!ending && isEnding(pod))) continue;
    for (const image of imagesOfPod(pod))
      users.set(image, [...(users.get(image) ?? []), `pod ${pod.metadata.namespace}/${pod.metadata.name}`]);
  }
  return users;
}

const templateKinds = [
  ...['Deployment', 'StatefulSet', 'DaemonSet'].map(kind => ({ apiVersion: 'apps/v1', kind })),
  ...['Job', 'CronJob'].map(kind => ({ apiVersion: 'batch/v1', kind })),
];

/** Which workloads would start a pod with which image, also those that have none now: scaled to zero, suspended, between two runs. */
export async function templateUsersOf(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<InsideCluster['imageUsers']> {
  const lists = await Promise.all(
    templateKinds.map(async query => (await cluster.list(query, signal)).items),
  );
  const users = new Map<string, string[]>();
  for (const object of lists.flat()) {
    const { spec } = object as {
      readonly spec?: {
        readonly template?: KubernetesObject;
        readonly jobTemplate?: { readonly spec?: { readonly template?: KubernetesObject } };
      };
    };
    const template = spec?.template ?? spec?.jobTemplate?.spec?.template;
    if (template === undefined || isFinished(object)) continue;
    const { kind, metadata } = object;
    for (const image of imagesOfPod(template))
      users.set(image, [
        ...(users.get(image) ?? []),
        `${kind.toLowerCase()} ${metadata.namespace}/${metadata.name}`,
      ]);
  }
  return users;
}

/** A Job that ran to its end starts no pod any more. */
const isFinished = ({ kind, status }: KubernetesObject): boolean =>
  kind === 'Job' &&
  ((status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []).some(
    ({ type, status: is }) => (type === 'Complete' || type === 'Failed') && is === 'True',
  );

/** It will not need its image again. */
const isOver = (pod: KubernetesObject) =>
  ['Succeeded', 'Failed'].includes((pod.status as { phase?: string } | undefined)?.phase ?? '');
const isEnding = (pod: KubernetesObject) => pod.metadata.deletionTimestamp !== undefined;

const uidOf = ({ metadata }: KubernetesObject) => String(metadata.uid);
const ownersOf = ({ metadata }: KubernetesObject) =>
  ((metadata.ownerReferences ?? []) as readonly { readonly uid: string }[]).map(({ uid }) => uid);
