import type { Docker } from '../docker/index.ts';
import { labels } from './labels.ts';
import type { BuiltImage } from './types.ts';

/** The images of a project that Docker holds, one per tag. What is built is asked of Docker, never of a file of ours. */
export async function listBuilt(
  docker: Docker,
  project: string,
  signal?: AbortSignal,
): Promise<readonly BuiltImage[]> {
  const images = await docker.listImages({ labels: [`${labels.project}=${project}`] }, signal);
  return images.flatMap(image =>
    image.tags.map(reference => ({
      id: image.id,
      reference,
      project: image.labels[labels.project] ?? null,
      digest: image.labels[labels.digest] ?? null,
      size: image.size,
      createdAt: image.createdAt,
    })),
  );
}
