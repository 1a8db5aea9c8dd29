import type { Cluster, PodContainer } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import { PROJECT_LABEL, projectLabel } from '../manifests/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';

/** As charts and hand-written manifests name it. */
const labelNames = ['app', 'app.kubernetes.io/name'];
const workloadKinds = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['v1', 'Pod'],
] as const;
const defaultContainer = 'kubectl.kubernetes.io/default-container';

export interface AppQuery {
  /** A label's value, or the name of a pod. */
  readonly app: string;
  /** Null: the project's own, then others that hold objects of it. */
  readonly namespace: string | null;
  readonly project: { readonly name: string; readonly namespace: string };
  /** Null: the one that the pod calls its default, else the first. */
  readonly container: string | null;
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly containers: readonly { readonly name: string }[] };
  readonly status?: { readonly phase?: string };
}

/**
 * The pod that `ptah ssh APP` means: one that runs before one that does not, the newest of them. Unless a
 * namespace is given, never one of a namespace that holds nothing of the project: others call theirs `api`, too.
 */
export async function findApp(
  cluster: Cluster,
  query: AppQuery,
  signal?: AbortSignal,
): Promise<PodContainer> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace: query.namespace }, signal);
  const pods = items.map(podOf).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const meant = pods.filter(
    ({ metadata }) =>
      metadata.name === query.app || labelNames.some(name => metadata.labels?.[name] === query.app),
  );
  const ours = query.namespace === null ? await inNamespacesOf(cluster, query.project, meant, signal) : meant;
  const found = ours.toSorted((a, b) => Number(runs(b)) - Number(runs(a)) || newest(a, b))[0];
  if (found === undefined) throw meant.length > 0 ? elsewhere(query, meant) : unknown(query, pods);
  return {
    namespace: found.metadata.namespace,
    name: found.metadata.name,
    container: containerOf(found, query.container),
  };
}

const podOf = (object: KubernetesObject): Pod => object as unknown as Pod;

async function inNamespacesOf(
  cluster: Cluster,
  project: AppQuery['project'],
  pods: readonly Pod[],
  signal?: AbortSignal,
): Promise<readonly Pod[]> {
  const own = pods.filter(({ metadata }) => metadata.namespace === project.namespace);
  if (own.length > 0 || pods.length === 0) return own;
  const labelSelector = `${PROJECT_LABEL}=${projectLabel(project.name)}`;
  const lists = await Promise.all(
    workloadKinds.map(([apiVersion, kind]) => cluster.list({ apiVersion, kind, labelSelector }, signal)),
  );
  const held = new Set(lists.flatMap(({ items }) => items.map(({ metadata }) => metadata.namespace)));
  return pods.filter(({ metadata }) => held.has(metadata.namespace));
}

const runs = ({ status }: Pod): boolean => status?.phase === 'Running';

const newest = (a: Pod, b: Pod): number =>
  (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '');

function containerOf({ metadata, spec }: Pod, asked: string | null): string {
  const names = spec.containers.map(({ name }) => name);
  if (asked !== null && !names.includes(asked))
    throw new PtahError('not-found', `Pod ${metadata.name} has no container ${asked}.`, {
      hint: `It has ${names.join(', ')}.`,
    });
  return asked ?? metadata.annotations?.[defaultContainer] ?? names[0] ?? '';
}

function elsewhere({ app, project }: AppQuery, pods: readonly Pod[]): PtahError {
  const namespaces = [...new Set(pods.map(({ metadata }) => metadata.namespace))].toSorted();
  return new PtahError('not-found', `No pod of ${project.name} is labelled app=${app} or named ${app}.`, {
    hint: `There is one in ${namespaces.join(', ')}, which holds nothing of this project: ptah ssh ${app} -n ${namespaces[0]}`,
  });
}

function unknown({ app, namespace }: AppQuery, pods: readonly Pod[]): PtahError {
  const known = [
    ...new Set(
      pods
        .filter(({ metadata }) => metadata.namespace !== 'kube-system')
        .flatMap(({ metadata }) => labelNames.flatMap(name => metadata.labels?.[name] ?? [])),
    ),
  ].toSorted();
  return new PtahError(
    'not-found',
    `No pod is labelled app=${app} or named ${app}${namespace === null ? '' : ` in namespace ${namespace}`}.`,
    { hint: known.length === 0 ? 'Nothing is deployed: ptah deploy' : `There are: ${known.join(', ')}.` },
  );
}
