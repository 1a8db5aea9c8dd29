import { json } from 'node:stream/consumers';
import type { Docker } from '../../docker/index.ts';
import { isAbort, toPtahError } from '../../errors/index.ts';
import { labels } from '../labels.ts';
import type { HeldTag, RemovedTags } from './types.ts';

export interface TagQuery {
  readonly project: string;
  /** References that the folder gives now. */
  readonly current: ReadonlySet<string>;
  /** Pods by the reference that they run. */
  readonly pods: ReadonlyMap<string, readonly string[]>;
  /** Nodes by the reference that they hold. */
  readonly nodes: ReadonlyMap<string, readonly string[]>;
}

/** Every tag of a project in Docker, the current ones first, then the newest; found by our label alone, never by a name. */
export async function heldTags(
  docker: Docker,
  { project, current, pods, nodes }: TagQuery,
  signal?: AbortSignal,
): Promise<readonly HeldTag[]> {
  const [images, containers] = await Promise.all([
    docker.listImages({ labels: [`${labels.project}=${project}`] }, signal),
    containersByImage(docker, signal),
  ]);
  return images
    .flatMap(image =>
      (image.tags.length > 0 ? image.tags : [image.id]).map((reference): HeldTag => ({
        reference,
        id: image.id,
        image: image.labels[labels.image] ?? nameOf(reference),
        digest: image.labels[labels.digest] ?? null,
        size: image.size,
        createdAt: image.createdAt,
        current: current.has(reference),
        containers: containers.get(image.id) ?? [],
        pods: pods.get(reference) ?? [],
        nodes: nodes.get(reference) ?? [],
      })),
    )
    .toSorted(
      (a, b) =>
        a.image.localeCompare(b.image) ||
        Number(b.current) - Number(a.current) ||
        b.createdAt.localeCompare(a.createdAt) ||
        a.reference.localeCompare(b.reference),
    );
}

/** Why a tag is not to be removed; null where nothing speaks against it. */
export function whyKept({ current, containers, pods }: HeldTag): string | null {
  if (current) return 'It is what the folder runs now.';
  if (pods.length > 0)
    return `${pods.length === 1 ? 'Pod' : 'Pods'} ${pods.join(', ')} ${pods.length === 1 ? 'runs' : 'run'} it.`;
  if (containers.length > 0)
    return `${containers.length === 1 ? 'Container' : 'Containers'} ${containers.join(', ')} ${containers.length === 1 ? 'is' : 'are'} made from it.`;
  return null;
}

/** Removes tags that are old. Looks anew first: what is no longer the project's, or is needed by now, stays. */
export async function removeTags(
  docker: Docker,
  query: TagQuery,
  references: readonly string[],
  signal?: AbortSignal,
): Promise<RemovedTags> {
  const held = await heldTags(docker, query, signal);
  const removed: string[] = [];
  const kept: { reference: string; reason: string }[] = [];
  for (const reference of new Set(references)) {
    if (signal?.aborted) break;
    const tag = held.find(one => one.reference === reference);
    const reason = tag === undefined ? 'Docker has no such image of this project.' : whyKept(tag);
    if (reason !== null) {
      kept.push({ reference, reason });
      continue;
    }
    try {
      // never by force: what another image or a container is made of stays, and Docker says so
      // oxlint-disable-next-line no-await-in-loop -- Docker removes one after the other anyway
      await docker.removeImage(reference);
      removed.push(reference);
    } catch (error) {
      if (isAbort(error)) throw error;
      kept.push({ reference, reason: toPtahError(error).message });
    }
  }
  return { removed, kept };
}

/** Containers in whatever state, by the ID of their image. */
async function containersByImage(
  docker: Docker,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { body } = await docker.stream({ method: 'GET', path: '/containers/json?all=1', signal });
  const containers = (await json(body)) as readonly {
    readonly ImageID: string;
    readonly Names: readonly string[];
  }[];
  const found = new Map<string, string[]>();
  for (const { ImageID, Names } of containers) {
    const names = found.get(ImageID) ?? [];
    names.push((Names[0] ?? '').replace(/^\//, ''));
    found.set(ImageID, names);
  }
  return found;
}

const nameOf = (reference: string): string => reference.replace(/:[^/:]*$/, '');
