import type { Cluster } from '../../cluster/index.ts';
import { PtahError } from '../../errors/index.ts';
import type { ObjectRef } from '../../manifests/index.ts';
import { at, text } from './json.ts';

/** What `kubectl rollout restart` writes too, so that either tool sees the other's restart. */
const RESTARTED = 'kubectl.kubernetes.io/restartedAt';

/** What an action did, in one sentence. */
export interface ActionResult {
  readonly message: string;
}

/** Renews all pods in the workload's own way of rolling: its template gets the time as annotation. */
export async function restartWorkload(
  cluster: Cluster,
  ref: ObjectRef,
  now = new Date(),
): Promise<ActionResult> {
  if (!['Deployment', 'StatefulSet', 'DaemonSet'].includes(ref.kind))
    throw new PtahError('not-supported', `${ref.kind} ${ref.name} has no rolling restart.`, {
      hint: 'Deployments, StatefulSets and DaemonSets have. Delete a pod to have it made anew.',
    });
  const live = await existing(cluster, ref);
  if (at(live, 'spec', 'paused') === true)
    throw new PtahError('paused', `Deployment ${ref.name} is paused: nothing would restart.`, {
      hint: 'Take spec.paused out in its YAML, then restart.',
    });
  await cluster.patch(ref, {
    spec: { template: { metadata: { annotations: { [RESTARTED]: now.toISOString() } } } },
  });
  return {
    message:
      text(at(live, 'spec', 'updateStrategy', 'type')) === 'OnDelete'
        ? `${ref.kind} ${ref.name} renews a pod only when it is deleted: delete its pods now.`
        : `${ref.kind} ${ref.name} restarts, pod by pod.`,
  };
}

export async function scaleWorkload(
  cluster: Cluster,
  ref: ObjectRef,
  replicas: number,
): Promise<ActionResult> {
  if (!['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'].includes(ref.kind))
    throw new PtahError('not-supported', `${ref.kind} ${ref.name} has no number of replicas.`);
  await cluster.patch(ref, { spec: { replicas } }, { subresource: 'scale' });
  return { message: `${ref.kind} ${ref.name} is asked for ${replicas} ${replicas === 1 ? 'pod' : 'pods'}.` };
}

/** Deletes exactly the pod that was looked at: one of the same name made since is left alone. */
export async function deletePod(cluster: Cluster, ref: ObjectRef, uid: string): Promise<ActionResult> {
  if (ref.kind !== 'Pod')
    throw new PtahError('not-supported', `Only pods are deleted here, not ${ref.kind} ${ref.name}.`);
  const live = await existing(cluster, ref);
  if (live.metadata.uid !== uid)
    throw new PtahError('conflict', `Pod ${ref.name} is another one by now; it was not deleted.`, {
      hint: 'Look at the new pod, then decide again.',
    });
  await cluster.remove(ref, { uid });
  return {
    message:
      live.metadata.ownerReferences === undefined
        ? `Pod ${ref.name} ends. Nothing makes it anew.`
        : `Pod ${ref.name} ends; its owner makes another.`,
  };
}

async function existing(cluster: Cluster, ref: ObjectRef) {
  const live = await cluster.get(ref);
  if (live === null) throw new PtahError('not-found', `${ref.kind} ${ref.name} is gone.`);
  return live;
}
