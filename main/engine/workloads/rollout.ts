import type { Cluster, ListQuery } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';
import { watchBoard } from './board.ts';
import type { Board } from './board.ts';
import type { Finding } from './container-findings.ts';
import { eventText, eventTime, eventsOf } from './events.ts';
import { findProblems } from './findings.ts';
import { asEvent, asPod, asWorkload } from './kube-types.ts';
import type { KubeEvent, Workload } from './kube-types.ts';
import { currentPods, newestReplicaSet } from './owned-pods.ts';
import { isStable } from './stability.ts';
import { podView } from './pod-view.ts';
import type { AwaitRolloutOptions, RolloutProblem, RolloutStatus } from './types.ts';
import { workloadStatus } from './workload-status.ts';
import type { WorkloadStatus } from './workload-status.ts';

const AWAITED = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'Pod']);
const LOG_LINES = 20;
/** A Job goes on trying for minutes; after this many pods that failed there is enough to report. */
const FAILED_JOB_PODS = 3;

interface Judgement {
  readonly ref: ObjectRef;
  readonly status: WorkloadStatus;
  /** Its containers have stayed up for a moment: one that crashes at once is "ready" until it has crashed. */
  readonly stable: boolean;
  readonly findings: readonly Finding[];
  readonly events: readonly KubeEvent[];
}

/**
 * Waits until every workload has settled: by watches, at most `timeoutMs` (five minutes unless said otherwise), and
 * less where it cannot get better. A workload that fails says which container, why, and what to try.
 */
export async function awaitRollout(
  cluster: Cluster,
  refs: readonly ObjectRef[],
  options: AwaitRolloutOptions = {},
): Promise<readonly RolloutStatus[]> {
  const awaited = refs.filter(({ kind }) => AWAITED.has(kind));
  if (awaited.length === 0) return [];
  const timeoutMs = options.timeoutMs ?? 300_000;
  const ended = new AbortController();
  const signal =
    options.signal === undefined ? ended.signal : AbortSignal.any([options.signal, ended.signal]);
  const board = watchBoard(cluster, queriesOf(awaited), signal);
  const deadline = Date.now() + timeoutMs;
  const since = new Map<string, number>();
  const settled = new Map<string, RolloutStatus>();
  const told = new Map<string, string>();
  const tell = (status: RolloutStatus): void => {
    const text = JSON.stringify([
      status.state,
      status.message,
      status.ready,
      status.desired,
      status.problems.map(({ code, pod, container }) => [code, pod, container]),
    ]);
    if (told.get(keyOf(status.ref)) === text) return;
    told.set(keyOf(status.ref), text);
    options.onStatus?.(status);
  };
  try {
    while (settled.size < awaited.length) {
      await board.changed(1_000);
      options.signal?.throwIfAborted();
      const late = Date.now() >= deadline;
      if (!board.complete && !late) continue;
      const open = awaited.filter(ref => !settled.has(keyOf(ref)));
      const judgements = open.map(ref => judge(ref, board));
      remember(judgements, since);
      const lasting = new Map(
        judgements.map(judgement => [
          judgement,
          judgement.findings.filter(finding => isLasting(finding, judgement.ref, since)),
        ]),
      );
      const onTheWay =
        judgements.filter(
          ({ status, findings }) =>
            !status.settled && !status.gaveUp && !findings.some(({ mayDepend }) => mayDepend),
        ).length > 0;
      for (const judgement of judgements) {
        const { ref, status } = judgement;
        const decisive = (lasting.get(judgement) ?? []).filter(({ mayDepend }) => !mayDepend || !onTheWay);
        if (status.settled && (judgement.stable || late))
          settled.set(keyOf(ref), toStatus(judgement, 'ready', status.message, []));
        else if (decisive.length > 0 || status.gaveUp || late) {
          const findings = decisive.length > 0 ? decisive : judgement.findings;
          settled.set(
            keyOf(ref),
            await failed(cluster, judgement, findings, { late, timeoutMs, board }, options.signal),
          );
        } else {
          const message =
            judgement.findings[0] === undefined
              ? status.message
              : `${status.message}: ${judgement.findings[0].message}`;
          tell(
            toStatus(
              judgement,
              'waiting',
              board.disconnected === null ? message : `no connection to the cluster: ${board.disconnected}`,
              [],
            ),
          );
        }
        const done = settled.get(keyOf(ref));
        if (done !== undefined) tell(done);
      }
    }
  } finally {
    ended.abort();
  }
  return awaited.map(ref => settled.get(keyOf(ref))).filter(status => status !== undefined);
}

function judge(ref: ObjectRef, board: Board): Judgement {
  const object = board
    .of(ref.kind)
    .find(({ metadata }) => metadata.name === ref.name && (metadata.namespace ?? null) === ref.namespace);
  if (object === undefined) return missing(ref, board);
  const workload = asWorkload(object);
  const here = (items: readonly KubernetesObject[]): KubernetesObject[] =>
    items.filter(({ metadata }) => metadata.namespace === object.metadata.namespace);
  const replicaSets = here(board.of('ReplicaSet')).map(asWorkload);
  const pods = currentPods(workload, here(board.of('Pod')).map(asPod), replicaSets);
  const events = here(board.of('Event')).map(asEvent);
  const status = ref.kind === 'Pod' ? podStatus(object) : withPatience(workload, workloadStatus(workload));
  const uids = [
    workload.metadata.uid,
    newestReplicaSet(workload, replicaSets)?.metadata.uid,
    ...pods.map(({ metadata }) => metadata.uid),
  ];
  const related = [...new Set(uids)]
    .flatMap(uid => eventsOf(events, uid))
    .sort((a, b) => eventTime(a) - eventTime(b));
  const stable = isStable(workload, pods, Date.now());
  const findings = status.settled ? [] : findProblems(workload, pods, events);
  return { ref, status, stable, findings, events: related };
}

function missing(ref: ObjectRef, board: Board): Judgement {
  const finding: Finding = {
    code: 'other',
    pod: null,
    container: null,
    message: `${ref.kind} ${ref.name} is not in the cluster.`,
    hint: 'It may have been deleted in the meantime: deploy again.',
    graceMs: 10_000,
    mayDepend: false,
    log: null,
  };
  const status = { settled: false, gaveUp: false, message: 'not there', ready: 0, desired: 0 };
  return { ref, status, stable: true, findings: board.complete ? [finding] : [], events: [] };
}

function podStatus(object: KubernetesObject): WorkloadStatus {
  const view = podView(asPod(object));
  const settled = view.state === 'running' || view.state === 'completed';
  const gaveUp = asPod(object).status?.phase === 'Failed';
  return { settled, gaveUp, message: view.status, ready: settled ? 1 : 0, desired: 1 };
}

function withPatience(workload: Workload, status: WorkloadStatus): WorkloadStatus {
  const failures = workload.kind === 'Job' ? (workload.status?.failed ?? 0) : 0;
  if (status.settled || failures < FAILED_JOB_PODS) return status;
  return { ...status, gaveUp: true, message: `${failures} of its pods have failed` };
}

async function failed(
  cluster: Cluster,
  judgement: Judgement,
  findings: readonly Finding[],
  limit: { readonly late: boolean; readonly timeoutMs: number; readonly board: Board },
  signal?: AbortSignal,
): Promise<RolloutStatus> {
  const { ref, status, events } = judgement;
  const texts = events
    .filter(({ type }) => type !== 'Normal')
    .map(eventText)
    .slice(-10);
  const problems = await Promise.all(
    firstOfEachKind(findings).map(finding => toProblem(cluster, ref, finding, texts, signal)),
  );
  if (problems.length === 0) {
    const why =
      limit.board.disconnected === null
        ? status.message
        : `no connection to the cluster: ${limit.board.disconnected}`;
    problems.push({
      ref,
      pod: null,
      container: null,
      code: limit.late ? 'deadline' : 'other',
      message: limit.late ? `Not settled within ${Math.round(limit.timeoutMs / 1000)} s: ${why}` : why,
      hint: 'It may still settle: its pods and events in Workloads say how far it is.',
      log: [],
      events: texts,
    });
  }
  const first = problems[0];
  return toStatus(judgement, 'failed', first === undefined ? status.message : first.message, problems);
}

async function toProblem(
  cluster: Cluster,
  ref: ObjectRef,
  finding: Finding,
  events: readonly string[],
  signal?: AbortSignal,
): Promise<RolloutProblem> {
  const { code, pod, container, message, hint } = finding;
  const log =
    finding.log === null || pod === null || container === null
      ? []
      : await lastLines(
          cluster,
          { namespace: ref.namespace ?? 'default', name: pod, container },
          finding.log,
          signal,
        );
  return { ref, pod, container, code, message, hint, log, events };
}

/** A container that crashes says why in the log of its *previous* run; the current one is often still empty. */
async function lastLines(
  cluster: Cluster,
  pod: { namespace: string; name: string; container: string },
  from: 'previous' | 'current',
  signal?: AbortSignal,
): Promise<string[]> {
  const order = from === 'previous' ? [true, false] : [false, true];
  for (const previous of order) {
    try {
      const text = await cluster.log(pod, { previous, tailLines: LOG_LINES, ...(signal && { signal }) });
      const lines = text.split('\n').filter(line => line !== '');
      if (lines.length > 0) return lines;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PtahError)) throw error;
    }
  }
  return [];
}

/** Ten replicas that fail alike are one problem. */
function firstOfEachKind(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ code, container }) => {
    const key = `${code} ${container ?? ''}`;
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

function remember(judgements: readonly Judgement[], since: Map<string, number>): void {
  const present = new Set(
    judgements.flatMap(({ ref, findings }) => findings.map(finding => findingKey(ref, finding))),
  );
  for (const key of since.keys()) if (!present.has(key)) since.delete(key);
  for (const key of present) if (!since.has(key)) since.set(key, Date.now());
}

function isLasting(finding: Finding, ref: ObjectRef, since: ReadonlyMap<string, number>): boolean {
  return Date.now() - (since.get(findingKey(ref, finding)) ?? Date.now()) >= finding.graceMs;
}

function findingKey(ref: ObjectRef, { code, container }: Finding): string {
  return `${keyOf(ref)} ${code} ${container ?? ''}`;
}

function toStatus(
  { ref, status }: Judgement,
  state: RolloutStatus['state'],
  message: string,
  problems: readonly RolloutProblem[],
): RolloutStatus {
  return { ref, state, message, ready: status.ready, desired: status.desired, problems };
}

function queriesOf(refs: readonly ObjectRef[]): ListQuery[] {
  const queries = new Map<string, ListQuery>();
  const add = (apiVersion: string, kind: string, namespace: string | null): void => {
    queries.set(`${kind} ${namespace}`, { apiVersion, kind, namespace });
  };
  for (const { apiVersion, kind, namespace } of refs) {
    add(apiVersion, kind, namespace);
    add('v1', 'Pod', namespace);
    add('v1', 'Event', namespace);
    if (kind === 'Deployment') add('apps/v1', 'ReplicaSet', namespace);
  }
  return [...queries.values()];
}

function keyOf({ kind, namespace, name }: ObjectRef): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}
