import type { KubernetesObject } from '../manifests/index.ts';
import { asPod, asService, asWorkload, declaredPorts, matchesSelector } from './kube-shapes.ts';
import type { LabelSelector, Pod } from './kube-shapes.ts';
import type { ForwardTarget } from './types.ts';

/** Where the next connection goes. */
export interface Aim {
  readonly pod: string;
  readonly port: number;
  /** Another one where the containers of the pod started anew: what listened may not listen any more. */
  readonly key: string;
}

export type Resolved =
  | { readonly aim: Aim }
  /** `wait`: time can bring what is missing. Otherwise the target itself has to change. */
  | { readonly aim: null; readonly wait: boolean; readonly message: string };

/** The ready pod that a target means now, and the port in it. `object` is the target itself as the API has it, null where it is gone. */
export function resolveTarget(
  target: ForwardTarget,
  port: number | string,
  object: KubernetesObject | null,
  pods: readonly KubernetesObject[],
  /** The pod that served until now goes on doing so while it is ready. */
  serving: string | null = null,
): Resolved {
  if (object === null) return wait(`${nameOf(target)} is not there.`);
  if (target.kind === 'Pod') return resolvePod(target, port, asPod(object));
  const all = pods.map(asPod);
  if (target.kind === 'Service') {
    const { selector, ports = [] } = asService(object).spec ?? {};
    if (!selector || Object.keys(selector).length === 0)
      return never(`${nameOf(target)} selects no pods: its endpoints are made by someone else.`);
    const declared = ports.find(each => each.port === port || each.name === port);
    if (!declared) return never(`${nameOf(target)} has no port ${port}.`);
    return pick(target, declared.targetPort ?? declared.port, { matchLabels: selector }, all, serving);
  }
  const { selector } = asWorkload(object).spec ?? {};
  if (!selector) return never(`${nameOf(target)} selects no pods.`);
  return pick(target, port, selector, all, serving);
}

function resolvePod(target: ForwardTarget, port: number | string, pod: Pod): Resolved {
  if (pod.metadata.deletionTimestamp !== undefined) return wait(`${nameOf(target)} is ending.`);
  // asked for by its name, it may be looked at before it is ready
  if (pod.status?.phase !== 'Running') return wait(`${nameOf(target)} is ${phaseOf(pod)}.`);
  return aimAt(target, pod, port);
}

function pick(
  target: ForwardTarget,
  port: number | string,
  selector: LabelSelector,
  pods: readonly Pod[],
  serving: string | null,
): Resolved {
  const own = pods.filter(
    ({ metadata, status }) =>
      matchesSelector(metadata.labels, selector) &&
      status?.phase !== 'Succeeded' &&
      status?.phase !== 'Failed',
  );
  const ready = own.filter(isReady).toSorted(newestFirst);
  const chosen = ready.find(({ metadata }) => metadata.name === serving) ?? ready[0];
  if (chosen) return aimAt(target, chosen, port);
  const [coming] = own.toSorted(newestFirst);
  return coming
    ? wait(`No pod of ${nameOf(target)} is ready: ${coming.metadata.name} is ${phaseOf(coming)}.`)
    : wait(`${nameOf(target)} has no pod.`);
}

function aimAt(target: ForwardTarget, pod: Pod, port: number | string): Resolved {
  const number =
    typeof port === 'number' ? port : declaredPorts(pod.spec).find(({ name }) => name === port)?.port;
  if (number === undefined)
    return never(`No container of pod ${pod.metadata.name} (${nameOf(target)}) names a port ${port}.`);
  const restarts = (pod.status?.containerStatuses ?? []).map(({ restartCount }) => restartCount ?? 0);
  return {
    aim: {
      pod: pod.metadata.name,
      port: number,
      key: JSON.stringify([pod.metadata.uid, pod.metadata.name, number, restarts]),
    },
  };
}

const isReady = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false);

function newestFirst(a: Pod, b: Pod): number {
  const [x, y] = [a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? ''];
  if (x !== y) return x < y ? 1 : -1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}

function phaseOf({ metadata, status }: Pod): string {
  if (metadata.deletionTimestamp !== undefined) return 'ending';
  const waiting = status?.containerStatuses?.map(({ state }) => state?.waiting?.reason).find(Boolean);
  if (waiting !== undefined) return `waiting (${waiting})`;
  return status?.phase === 'Running' ? 'not ready yet' : (status?.phase ?? 'unknown').toLowerCase();
}

/** `service/api`, with the namespace where it is not `default`. */
export function nameOf({ kind, namespace, name }: ForwardTarget): string {
  return `${kind.toLowerCase()}/${name}${namespace === 'default' ? '' : ` in ${namespace}`}`;
}

const wait = (message: string): Resolved => ({ aim: null, wait: true, message });
const never = (message: string): Resolved => ({ aim: null, wait: false, message });
