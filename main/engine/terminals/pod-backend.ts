import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/index.ts';
import { PtahError, toPtahError } from '../errors/index.ts';
import {
  endWords,
  mustRun,
  podFacts,
  runningPod,
  workloadOf,
  type Owner,
  type PodFacts,
} from './pod-facts.ts';
import { openShell, podHost } from './shell.ts';
import type { TerminalBackend, TerminalExit, TerminalLoss } from './types.ts';

/** How long a pod that went is waited for; a rollout of an image that has to be loaded takes its time. */
const replacementMs = 120_000;
const pollMs = 500;
/** How long the API lags behind a container that ended. */
const judgeMs = 6_000;
/** What a shell says that did not end by itself: it was killed, hung up, or nobody knows. */
const killed: ReadonlySet<number | null> = new Set([null, 129, 137, 143]);

export interface PodPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** A shell in a container of a pod; when the pod is replaced, in its successor of the same workload. */
export function podBackend(
  connect: (signal: AbortSignal) => Promise<Cluster>,
  place: PodPlace,
): TerminalBackend {
  const { namespace, container } = place;
  let pod = place.pod;
  let uid: string | null = null;
  let containerId: string | undefined;
  let workload: Owner | null = null;
  let known = false;

  async function locate(
    cluster: Cluster,
    signal: AbortSignal,
    onWait: (what: string) => void,
  ): Promise<PodFacts> {
    const found = await podFacts(cluster, namespace, pod, signal);
    if (found !== null && !found.deleting && (uid === null || found.uid === uid)) return found;
    if (found !== null && uid === null && workload === null)
      workload = await workloadOf(cluster, namespace, found.owner, signal);
    if (workload === null) throw gone(namespace, pod);
    const words = `${workload.kind} ${workload.name}`;
    onWait(`Pod ${pod} is gone. Waiting for the next pod of ${words}.`);
    const deadline = Date.now() + replacementMs;
    for (;;) {
      const next = await runningPod(cluster, namespace, workload, container, signal);
      if (next !== null) return next;
      if (Date.now() > deadline) throw gone(namespace, pod, words);
      await sleep(pollMs, undefined, { signal });
    }
  }

  return {
    async open(size, signal, onWait = () => undefined) {
      const cluster = await connect(signal);
      const found = await locate(cluster, signal, onWait);
      const status = mustRun(found, container);
      pod = found.name;
      uid = found.uid;
      containerId = status.containerID;
      workload = (await workloadOf(cluster, namespace, found.owner, signal)) ?? workload;
      const connection = await openShell(podHost(cluster, { namespace, name: pod, container }), size, signal);
      known = true;
      return connection;
    },
    async judge(exit, signal) {
      if (!known || !killed.has(exit.exitCode)) return { kind: 'ended', reason: exit.reason };
      try {
        return await whyLost(await connect(signal), exit, signal);
      } catch (error) {
        return { kind: 'lost', reason: exit.reason ?? toPtahError(error).message };
      }
    },
  };

  async function whyLost(cluster: Cluster, exit: TerminalExit, signal: AbortSignal): Promise<TerminalLoss> {
    const deadline = Date.now() + judgeMs;
    for (;;) {
      const found = await podFacts(cluster, namespace, pod, signal);
      if (found === null || found.deleting || found.uid !== uid)
        return workload === null
          ? { kind: 'lost', reason: `Pod ${pod} was deleted.` }
          : { kind: 'replaced', reason: `Pod ${pod} was deleted.` };
      const status = found.status(container);
      const ended =
        status?.state?.terminated ??
        (status?.containerID === containerId ? undefined : (status?.lastState?.terminated ?? {}));
      if (ended) return { kind: 'lost', reason: `Container ${container} ended${endWords(ended)}.` };
      // the container runs on: the shell alone was killed, or the way to it broke
      if (Date.now() > deadline)
        return exit.exitCode === null
          ? { kind: 'lost', reason: exit.reason ?? 'The connection broke.' }
          : { kind: 'ended', reason: exit.reason };
      await sleep(pollMs, undefined, { signal });
    }
  }
}

const gone = (namespace: string, pod: string, workload?: string): PtahError =>
  new PtahError(
    'not-found',
    workload === undefined
      ? `There is no pod ${pod} in namespace ${namespace}.`
      : `Pod ${pod} is gone, and ${workload} has started no other with this container.`,
    { hint: 'Open a terminal from a pod that runs.' },
  );
