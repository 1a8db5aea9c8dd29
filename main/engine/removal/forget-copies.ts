import type { Cluster } from '../cluster/index.ts';
import type { Docker } from '../docker/index.ts';
import { isAbort, toPtahError } from '../errors/index.ts';
import { labels } from '../images/index.ts';
import type { Project } from '../project/index.ts';
import { forgetNodeImages, kindTarget, normaliseReference } from '../targets/index.ts';
import { gatherNodeImages, imageUsersOf, templateUsersOf } from './gather-node-images.ts';
import { isOwnName } from './plan-images.ts';
import { shortList } from './plan-objects.ts';

export interface ForgottenCopies {
  readonly removed: readonly { readonly reference: string; readonly node: string }[];
  readonly kept: readonly { readonly reference: string; readonly reason: string }[];
}

/**
 * Takes copies of images off the nodes of a project's cluster. Looks by itself: only what carries the project's label under a
 * name that we give, and that no pod runs and no workload names, whoever's they are.
 */
export async function forgetCopies(
  project: Project,
  { docker, cluster }: { readonly docker: Docker; readonly cluster: Cluster },
  references: readonly string[],
  signal: AbortSignal,
): Promise<ForgottenCopies> {
  const wanted = new Map(references.map(reference => [normaliseReference(reference), reference]));
  const removed: { reference: string; node: string }[] = [];
  const kept: { reference: string; reason: string }[] = [];
  const [held, pods, templates] = await Promise.all([
    gatherNodeImages(docker, project.clusterName, signal),
    imageUsersOf(cluster, { parents: [], members: [] }, signal, { ending: true }),
    templateUsersOf(cluster, signal),
  ]);
  for (const { node, reason } of held.unread) kept.push({ reference: `Copies on ${node}`, reason });
  for (const node of await kindTarget(docker, project.clusterName).nodes()) {
    const free: string[] = [];
    for (const { reference, labels: carried } of held.images.filter(image => image.node === node.name)) {
      const asked = wanted.get(reference);
      if (asked === undefined) continue;
      const users = [...(pods.get(reference) ?? []), ...(templates.get(reference) ?? [])];
      const reason =
        carried[labels.project] !== project.name || !isOwnName(reference, carried)
          ? 'Someone else gave it this name or built it.'
          : users.length > 0
            ? `It is used by ${shortList(users)}.`
            : null;
      if (reason === null) free.push(asked);
      else kept.push({ reference: `${asked} on ${node.name}`, reason });
    }
    if (free.length === 0) continue;
    try {
      // oxlint-disable-next-line no-await-in-loop -- a node that fails is told by itself
      const left = await forgetNodeImages(node, free, signal);
      for (const reference of free) {
        const reason = left.get(reference);
        if (reason === undefined) removed.push({ reference, node: node.name });
        else kept.push({ reference: `${reference} on ${node.name}`, reason });
      }
    } catch (error) {
      if (signal.aborted && isAbort(error)) throw error;
      for (const reference of free)
        kept.push({ reference: `${reference} on ${node.name}`, reason: toPtahError(error).message });
    }
  }
  return { removed, kept };
}
