import type { DockerContainer, DockerImage } from '../docker/index.ts';
import { labels } from '../images/index.ts';
import type { Project } from '../project/index.ts';
import { repositoryOf } from '../targets/index.ts';
import type { PlanPart } from './plan.ts';
import { shortList } from './plan-objects.ts';
import type { RemovalItem, RemovalKeep } from './types.ts';
import type { LabelledImage, RemovalWorld } from './world.ts';

/**
 * Images with the project's label, under the names that we give. Labels are inherited: an image that someone built on one of
 * ours carries them too, and so does a name that someone gave it. Neither is the project's.
 */
export function planImages(project: Project, { docker, dockerMessage, inside }: RemovalWorld): PlanPart {
  const keeps: RemovalKeep[] = [];
  const images = (docker?.images ?? []).flatMap(image =>
    image.labels[labels.project] === project.name ? inDocker(image, docker?.containers ?? [], keeps) : [],
  );
  const nodeImages = (inside?.nodeImages ?? []).flatMap(image =>
    image.labels[labels.project] === project.name
      ? onNode(image, inside?.imageUsers.get(image.reference) ?? [], keeps)
      : [],
  );
  for (const { node, reason } of inside?.unreadNodes ?? [])
    keeps.push({ title: `Images on ${node}`, reason: `they could not be read: ${reason}` });
  return {
    items: { images, 'node-images': nodeImages },
    unavailable: docker ? {} : { images: dockerMessage },
    keeps,
  };
}

function inDocker(
  image: DockerImage,
  containers: readonly DockerContainer[],
  keeps: RemovalKeep[],
): readonly RemovalItem[] {
  const own = image.tags.filter(tag => isOwnName(tag, image.labels));
  const others = image.tags.filter(tag => !own.includes(tag));
  for (const tag of others)
    keeps.push({ title: `${tag} in Docker`, reason: 'someone else gave it this name or built it' });
  // without any name it is what an earlier build left behind
  const names = image.tags.length === 0 ? [image.id] : own;
  return names.map((name, at) => ({
    id: `docker:${name}@${image.id}`,
    kind: 'Image',
    name: name.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*$/, '$1'),
    where: 'Docker',
    // the content goes with its last name
    bytes: at === 0 && others.length === 0 ? image.size : null,
    note: noteOf(image, name, containers),
    ref: null,
  }));
}

function noteOf(image: DockerImage, name: string, containers: readonly DockerContainer[]): string | null {
  const users = containers.filter(
    ({ image: of }) => of === name || of === image.id || image.id.startsWith(`sha256:${of}`),
  );
  if (users.length > 0)
    return `used by the container ${shortList(users.map(({ name }) => name))}: Docker keeps it until that is gone`;
  return image.tags.length === 0 ? 'without a name, of an earlier build' : null;
}

function onNode(
  { node, reference, size, labels: carried }: LabelledImage,
  users: readonly string[],
  keeps: RemovalKeep[],
): readonly RemovalItem[] {
  const short = reference.replace(/^docker\.io\/(library\/)?/, '');
  if (!isOwnName(reference, carried)) {
    keeps.push({ title: `${short} on ${node}`, reason: 'someone else gave it this name or built it' });
    return [];
  }
  if (users.length > 0) {
    keeps.push({ title: `${short} on ${node}`, reason: `it is used by ${shortList(users)}` });
    return [];
  }
  return [
    {
      id: `node:${node}:${reference}`,
      kind: 'Image',
      name: short,
      where: node,
      bytes: size,
      note: null,
      ref: null,
    },
  ];
}

/** Whether a name is one that we give to an image with these labels. */
export function isOwnName(reference: string, carried: Readonly<Record<string, string>>): boolean {
  const name = carried[labels.image];
  return name !== undefined && repositoryOf(reference) === repositoryOf(name);
}
