import { pause } from '../../cluster/index.ts';
import type { Cluster, ListQuery } from '../../cluster/index.ts';
import type { KubernetesObject, ObjectRef } from '../../manifests/index.ts';
import { watchBoard } from '../board.ts';
import type { Board } from '../board.ts';
import { asEvent } from '../kube-types.ts';
import { eventViews } from './event-view.ts';
import { at, entries, items, record, text } from './json.ts';
import { objectDetail } from './object-detail.ts';
import type { Inspection } from './types.ts';

const INTERVAL_MS = 150;
const IDLE_MS = 30_000;
/** What controllers make for an object, which is where most events are told. */
const MADE: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  Deployment: [
    ['apps/v1', 'ReplicaSet'],
    ['v1', 'Pod'],
  ],
  StatefulSet: [['v1', 'Pod']],
  DaemonSet: [['v1', 'Pod']],
  ReplicaSet: [['v1', 'Pod']],
  Job: [['v1', 'Pod']],
  CronJob: [
    ['batch/v1', 'Job'],
    ['v1', 'Pod'],
  ],
};

/** One object in full and the events about it and what it made, again at every change, until the signal ends. */
export async function* inspectObject(
  cluster: Cluster,
  ref: ObjectRef,
  signal: AbortSignal,
): AsyncGenerator<Inspection> {
  const ended = new AbortController();
  const { apiVersion, kind, namespace, name } = ref;
  const made = MADE[kind] ?? [];
  const board = watchBoard(
    cluster,
    [
      { apiVersion, kind, namespace, fieldSelector: `metadata.name=${name}` },
      {
        apiVersion: 'v1',
        kind: 'Event',
        // Events of what has no namespace are told in this one.
        namespace: namespace ?? 'default',
        ...(made.length === 0 && {
          fieldSelector: `involvedObject.name=${name},involvedObject.kind=${kind}`,
        }),
      },
    ],
    AbortSignal.any([signal, ended.signal]),
    { denials: true },
  );
  // A pod that is gone was still made by it: its last events are what one looks for.
  const uids = new Set<string>();
  let last = '';
  try {
    while (!signal.aborted) {
      await board.changed(IDLE_MS);
      if (signal.aborted) return;
      const object = board.of(kind).find(one => one.metadata.name === name) ?? null;
      if (object !== null) {
        uids.add(text(object.metadata.uid));
        board.add(queriesOf(object, made));
        remember(board, made, uids);
      }
      if (!board.complete && board.disconnected === null) continue;
      const inspection = {
        connected: board.disconnected === null,
        disconnectedReason: board.disconnected,
        detail: object === null ? null : objectDetail(object),
        events: eventViews(board.of('Event').map(asEvent), uids).slice(0, 200),
        denied: board.denied,
      };
      const said = JSON.stringify(inspection);
      if (said !== last) yield { at: new Date().toISOString(), ...inspection };
      last = said;
      await pause(INTERVAL_MS, signal);
    }
  } finally {
    ended.abort();
  }
}

/** A workload's own selector narrows what has to be read; a CronJob's Jobs have none. */
function queriesOf(object: KubernetesObject, made: readonly (readonly [string, string])[]): ListQuery[] {
  const labels = entries(at(object, 'spec', 'selector', 'matchLabels')).map(
    ([key, value]) => `${key}=${text(value)}`,
  );
  return made.map(([apiVersion, kind]) => ({
    apiVersion,
    kind,
    namespace: object.metadata.namespace ?? null,
    ...(labels.length > 0 && { labelSelector: labels.join(',') }),
  }));
}

function remember(board: Board, made: readonly (readonly [string, string])[], uids: Set<string>): void {
  for (const [, kind] of made)
    for (const { metadata } of board.of(kind)) {
      const owners = items(metadata.ownerReferences).map(owner => text(record(owner).uid));
      if (owners.some(uid => uids.has(uid))) uids.add(text(metadata.uid));
    }
}
