import type { Cluster, PodContainer } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';

/** As charts and hand-written manifests name it. */
const labelNames = ['app', 'app.kubernetes.io/name'];
const defaultContainer = 'kubectl.kubernetes.io/default-container';

export interface AppQuery {
  /** A label's value, or the name of a pod. */
  readonly app: string;
  /** Null: the project's own first, then all. */
  readonly namespace: string | null;
  readonly preferred: string | null;
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

/** The pod that `ptah ssh APP` means: one that runs before one that does not, the newest of them. */
export async function findApp(
  cluster: Cluster,
  query: AppQuery,
  signal?: AbortSignal,
): Promise<PodContainer> {
  const { items } = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace: query.namespace }, signal);
  const pods = items.map(podOf).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const found = pods
    .filter(
      ({ metadata }) =>
        metadata.name === query.app || labelNames.some(name => metadata.labels?.[name] === query.app),
    )
    .toSorted((a, b) => rank(b, query) - rank(a, query) || newest(a, b))[0];
  if (found === undefined) throw unknown(query, pods);
  return {
    namespace: found.metadata.namespace,
    name: found.metadata.name,
    container: containerOf(found, query.container),
  };
}

const podOf = (object: KubernetesObject): Pod => object as unknown as Pod;

const rank = ({ metadata, status }: Pod, { preferred }: AppQuery): number =>
  (metadata.namespace === preferred ? 2 : 0) + (status?.phase === 'Running' ? 1 : 0);

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
