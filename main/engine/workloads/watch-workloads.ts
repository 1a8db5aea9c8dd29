import { pause } from '../cluster/index.ts';
import type { Cluster, ListQuery } from '../cluster/index.ts';
import { PROJECT_LABEL, projectLabel, type KubernetesObject } from '../manifests/index.ts';
import { watchBoard } from './board.ts';
import { createSnapshots } from './snapshot.ts';
import { isSameSnapshot } from './share-snapshot.ts';
import type { WorkloadsQuery, WorkloadsSnapshot } from './types.ts';

/** At most ten snapshots a second, however much happens. */
const INTERVAL_MS = 100;
/** A quiet cluster still tells that the connection lives. */
const IDLE_MS = 30_000;

const LABELLED: readonly (readonly [string, string])[] = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'CronJob'],
  ['v1', 'Service'],
];
// Made by controllers: they carry no label of the project and are found by their owners.
const UNLABELLED: readonly (readonly [string, string])[] = [
  ['apps/v1', 'ReplicaSet'],
  ['batch/v1', 'Job'],
  ['v1', 'Pod'],
];

/** The project's workloads as they are, again at every change, until the signal ends. */
export async function* watchWorkloads(
  cluster: Cluster,
  query: WorkloadsQuery,
  signal: AbortSignal,
): AsyncGenerator<WorkloadsSnapshot> {
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  const board = watchBoard(cluster, queriesOf(query), both, {
    denials: true,
    fallback: query.namespaces === null ? (query.fallback ?? []) : [],
    keep: withoutManagers,
  });
  const snapshotOf = createSnapshots(query);
  let last: WorkloadsSnapshot | null = null;
  try {
    while (!signal.aborted) {
      await board.changed(IDLE_MS);
      if (signal.aborted) return;
      // The first picture is whole: half of it would show pods that belong to nobody.
      if (!board.complete && board.disconnected === null) continue;
      const snapshot = snapshotOf(board, new Date().toISOString());
      if (last === null || !isSameSnapshot(last, snapshot)) yield snapshot;
      last = snapshot;
      await pause(INTERVAL_MS, signal);
    }
  } finally {
    ended.abort();
  }
}

/** Who manages which field is half of what a pod weighs, and nothing here asks. */
function withoutManagers(object: KubernetesObject): KubernetesObject {
  const { managedFields: _, ...metadata } = object.metadata as typeof object.metadata & {
    readonly managedFields?: unknown;
  };
  return { ...object, metadata };
}

function queriesOf(query: WorkloadsQuery): ListQuery[] {
  const namespaces = query.namespaces === null ? [null] : [...new Set(query.namespaces)];
  const labelSelector = `${PROJECT_LABEL}=${projectLabel(query.projectName)}`;
  return namespaces.flatMap(namespace => [
    ...LABELLED.map(([apiVersion, kind]): ListQuery => ({
      apiVersion,
      kind,
      namespace,
      ...(!query.unlabelled && { labelSelector }),
    })),
    ...UNLABELLED.map(([apiVersion, kind]): ListQuery => ({ apiVersion, kind, namespace })),
  ]);
}
