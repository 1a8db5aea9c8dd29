import { joinApiVersion, pause } from '../../cluster/index.ts';
import type { Cluster, ListQuery } from '../../cluster/index.ts';
import { isClaimOf, PROJECT_LABEL, projectLabel } from '../../manifests/index.ts';
import type { KubernetesObject } from '../../manifests/index.ts';
import { watchBoard } from '../board.ts';
import type { Board } from '../board.ts';
import { objectRow } from './object-row.ts';
import type { ObjectRow, ObjectsSnapshot } from './types.ts';

const INTERVAL_MS = 200;
const IDLE_MS = 30_000;
/** How often the API's resources are asked again for a kind that they do not know yet. */
const UNKNOWN_MS = 10_000;
/** The ApplySet parent's list of kinds (KEP-3659). */
const GROUP_KINDS = 'applyset.kubernetes.io/contains-group-kinds';
/** Listed as workloads. */
const WORKLOADS = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'Pod']);
const PARENT: readonly [string, string] = ['v1', 'ConfigMap'];
const STATEFUL_SET = 'StatefulSet';
const CLAIM = 'PersistentVolumeClaim';

export interface ObjectsQuery {
  readonly projectName: string;
  /** Null for all. */
  readonly namespaces: readonly string[] | null;
  readonly fallback: readonly string[];
}

/**
 * Everything of the project that is no workload. Which kinds that are, the project's inventories say; a kind that turns up
 * there later is watched from then on.
 */
export async function* watchObjects(
  cluster: Cluster,
  query: ObjectsQuery,
  signal: AbortSignal,
): AsyncGenerator<ObjectsSnapshot> {
  const ended = new AbortController();
  const board = watchBoard(
    cluster,
    queriesOf(query, [{ apiVersion: PARENT[0], kind: PARENT[1], namespaced: true }]),
    AbortSignal.any([signal, ended.signal]),
    { denials: true, fallback: query.namespaces === null ? query.fallback : [], keep: withoutValues },
  );
  const kinds = new Set<string>(['ConfigMap']);
  const label = projectLabel(query.projectName);
  const isOfProject = ({ metadata }: KubernetesObject): boolean => metadata.labels?.[PROJECT_LABEL] === label;
  let last = '';
  let askedAt = 0;
  try {
    while (!signal.aborted) {
      await board.changed(IDLE_MS);
      if (signal.aborted) return;
      askedAt = await addKinds(cluster, board, query, kinds, askedAt);
      if (!board.complete && board.disconnected === null) continue;
      const snapshot = takeSnapshot(board, kinds, isOfProject);
      const text = JSON.stringify(snapshot);
      if (text !== last) yield { at: new Date().toISOString(), ...snapshot };
      last = text;
      await pause(INTERVAL_MS, signal);
    }
  } finally {
    ended.abort();
  }
}

function takeSnapshot(
  board: Board,
  kinds: ReadonlySet<string>,
  isOfProject: (object: KubernetesObject) => boolean,
): Omit<ObjectsSnapshot, 'at'> {
  const rows = new Map<string, ObjectRow>();
  const put = (object: KubernetesObject): void => {
    const row = objectRow(object);
    rows.set(row.uid, row);
  };
  for (const kind of kinds)
    for (const object of board.of(kind))
      if (object.metadata.ownerReferences === undefined && isOfProject(object)) put(object);
  const sets = board.of(STATEFUL_SET);
  for (const claim of board.of(CLAIM)) if (sets.some(set => isClaimOf(set, claim))) put(claim);
  return {
    connected: board.disconnected === null,
    disconnectedReason: board.disconnected,
    objects: [...rows.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
    denied: board.denied,
  };
}

/** Watches the kinds that an inventory names. Gives the time at which the API was last asked for its resources. */
async function addKinds(
  cluster: Cluster,
  board: Board,
  query: ObjectsQuery,
  kinds: Set<string>,
  askedAt: number,
): Promise<number> {
  const named = board
    .of('ConfigMap')
    .flatMap(({ metadata }) => metadata.annotations?.[GROUP_KINDS]?.split(',') ?? []);
  const wanted = new Set(named.filter(name => name !== '' && !WORKLOADS.has(name.split('.', 1)[0] ?? '')));
  if (named.includes(`${STATEFUL_SET}.apps`)) board.add(claimQueries(query));
  let resources = await cluster.resources().catch(() => []);
  let asked = askedAt;
  const isUnknown = (name: string): boolean =>
    !resources.some(({ kind, group }) => nameOf(kind, group) === name);
  if ([...wanted].some(isUnknown) && Date.now() - askedAt > UNKNOWN_MS) {
    cluster.refreshResources();
    resources = await cluster.resources().catch(() => []);
    asked = Date.now();
  }
  for (const name of wanted) {
    const found = resources.find(
      ({ kind, group, verbs }) => nameOf(kind, group) === name && verbs.includes('watch'),
    );
    if (found === undefined) continue;
    kinds.add(found.kind);
    const { kind, namespaced } = found;
    board.add(queriesOf(query, [{ apiVersion: joinApiVersion(found), kind, namespaced }]));
  }
  return asked;
}

function queriesOf(
  { projectName, namespaces }: ObjectsQuery,
  kinds: readonly {
    readonly apiVersion: string;
    readonly kind: string;
    readonly namespaced: boolean;
  }[],
): ListQuery[] {
  const labelSelector = `${PROJECT_LABEL}=${projectLabel(projectName)}`;
  return kinds.flatMap(({ apiVersion, kind, namespaced }) =>
    (namespaced && namespaces !== null ? [...new Set(namespaces)] : [null]).map(namespace => ({
      apiVersion,
      kind,
      namespace,
      labelSelector,
    })),
  );
}

/** What tells which claims were made for the project's StatefulSets: such a claim does not carry the project's label. */
function claimQueries(query: ObjectsQuery): readonly ListQuery[] {
  const claims = queriesOf(query, [{ apiVersion: 'v1', kind: CLAIM, namespaced: true }]);
  return [
    ...queriesOf(query, [{ apiVersion: 'apps/v1', kind: STATEFUL_SET, namespaced: true }]),
    ...claims.map(({ apiVersion, kind, namespace }) => ({ apiVersion, kind, namespace })),
  ];
}

/** Only the names of what a ConfigMap or Secret holds are shown: neither their values nor a megabyte of them is kept. */
function withoutValues(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata;
  const names = (value: unknown): Record<string, string> =>
    Object.fromEntries(Object.keys((value as object | undefined) ?? {}).map(key => [key, '']));
  return {
    ...object,
    metadata,
    ...(object.data !== undefined && object.data !== null && { data: names(object.data) }),
    ...(object.binaryData !== undefined &&
      object.binaryData !== null && { binaryData: names(object.binaryData) }),
  };
}

const nameOf = (kind: string, group: string): string => (group === '' ? kind : `${kind}.${group}`);

const keyOf = ({ ref, uid }: ObjectRow): string =>
  `${ref.kind}/${ref.namespace ?? ''}/${ref.name}/${ref.apiVersion}/${uid}`;
