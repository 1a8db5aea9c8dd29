import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { deleteKindCluster, type Cluster } from '../cluster/index.ts';
import { forgetHelmfileSync, forgetLease, holderOf, holdLease, syncedReleases } from '../deploy/index.ts';
import type { Docker } from '../docker/index.ts';
import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import { PROJECT_LABEL, projectLabel, prune, refKey, refText, writeBuildOutput } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import { forgetNodeImages, kindTarget } from '../targets/index.ts';
import type { ObjectToRemove, RemovalEffects } from './effects.ts';
import { gatherRemoval, type RemovalDeps } from './gather.ts';
import { imageUsersOf } from './gather-node-images.ts';

/** A pod may take half a minute to end, and a claim waits for it. */
const goneLimitMs = 90_000;

/** The effects on the real world, by the connections that looking at it opened. */
export function removalEffects(project: Project, deps: RemovalDeps): RemovalEffects {
  let api: Cluster | null = null;
  let docker: Docker | null = null;
  const cluster = () => api ?? missing('The cluster does not answer.');
  const engine = () => docker ?? missing('Docker does not answer.');
  const holder = holderOf(deps.home);

  return {
    async gather(signal) {
      const gathered = await gatherRemoval(project, deps, signal);
      ({ api, docker } = gathered);
      return gathered.world;
    },
    hold: signal => holdLease(cluster(), project, holder, signal),
    stopLive: id => deps.live.stop(id),
    async removeObjects(inventory, objects, onOutcome, signal) {
      const namespace = project.config.namespace ?? 'default';
      const request = { projectName: project.name, namespace, inventory };
      const byKey = new Map(objects.map(object => [refKey(object.ref), object]));
      const waiting: { object: ObjectToRemove; gone: Promise<void> }[] = [];
      const limit = pLimit(10);
      const accepted = (object: ObjectToRemove) => {
        const gone = limit(async () => {
          const failure = await whyStillThere(cluster(), object, signal);
          onOutcome(object, { failure, gone: false });
        });
        // awaited below, together
        gone.catch(() => {});
        waiting.push({ object, gone });
      };
      const members = new Set(inventory.members.map(({ ref }) => refKey(ref)));
      const refs = objects.map(({ ref }) => ref);
      await prune(
        cluster(),
        {
          ...request,
          refs: refs.filter(ref => members.has(refKey(ref))),
          // what is asked apart was agreed to by its group
          ticked: refs,
          onResult({ ref, result, message }) {
            const object = byKey.get(refKey(ref));
            if (!object) return;
            if (result === 'pruned' && message === 'deleted') accepted(object);
            else
              onOutcome(object, { failure: result === 'pruned' ? null : message, gone: result === 'pruned' });
          },
        },
        signal,
      );
      // claims of StatefulSets are in no inventory; they go after the sets that use them
      for (const object of objects.filter(({ ref }) => !members.has(refKey(ref)))) {
        const failure = await removeOne(cluster(), object, signal);
        if (failure === null) accepted(object);
        else onOutcome(object, failure);
      }
      await Promise.all(waiting.map(({ gone }) => gone));
      // once more, now that they are gone: the inventory lists only what is left, and goes where nothing is
      await prune(cluster(), { ...request, refs: [] }, signal).catch((error: unknown) => {
        if (signal.aborted && isAbort(error)) throw error;
      });
    },
    async keepClaims(claims, signal) {
      for (const { apiVersion, kind, namespace, name } of claims) {
        const labels = { [PROJECT_LABEL]: projectLabel(project.name) };
        const metadata = { name, ...(namespace !== null && { namespace }), labels };
        await cluster().apply({ apiVersion, kind, metadata }, { signal });
      }
    },
    imageUsers: signal => imageUsersOf(cluster(), { parents: [], members: [] }, signal, { ending: true }),
    async forgetNodeImages(name, references, signal) {
      const nodes = await kindTarget(engine(), project.clusterName).nodes();
      const node = nodes.find(node => node.name === name);
      return node ? forgetNodeImages(node, references, signal) : missing(`There is no node ${name}.`);
    },
    removeImage: name => engine().removeImage(name),
    removeOutput: async () => void (await writeBuildOutput(project, [])),
    deleteCluster: (onLine, signal) =>
      deleteKindCluster(deps.tools, project.clusterName, { env: deps.env, onLine, signal }),
    async forgetNotes(signal) {
      await forgetLease(cluster(), project, holder, signal);
      if ((await syncedReleases(cluster(), project, signal)).length === 0)
        await forgetHelmfileSync(cluster(), project, signal);
    },
  };
}

function missing(message: string): never {
  throw new PtahError('not-reachable', message);
}

async function removeOne(cluster: Cluster, { ref, uid }: ObjectToRemove, signal: AbortSignal) {
  try {
    await cluster.remove(ref, { propagation: 'Background', uid, signal });
    return null;
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    const { code, message } = toPtahError(error);
    return code === 'not-found' ? { failure: null, gone: true } : { failure: message, gone: false };
  }
}

async function whyStillThere(
  cluster: Cluster,
  { ref, uid }: ObjectToRemove,
  signal: AbortSignal,
): Promise<string | null> {
  const deadline = Date.now() + goneLimitMs;
  for (;;) {
    try {
      const live = await cluster.get(ref, signal);
      if (live === null || live.metadata.uid !== uid) return null;
      if (Date.now() > deadline) {
        const finalizers = (live.metadata.finalizers ?? []) as readonly string[];
        return finalizers.length > 0
          ? `${refText(ref)} is being deleted, but waits for ${finalizers.join(', ')}`
          : `${refText(ref)} is still being deleted`;
      }
    } catch (error) {
      if (signal.aborted && isAbort(error)) throw error;
      const { code, message } = toPtahError(error);
      // its kind went with its definition
      if (code === 'unknown-kind' || code === 'not-found') return null;
      if (Date.now() > deadline) return message;
    }
    await sleep(250, undefined, { signal });
  }
}
