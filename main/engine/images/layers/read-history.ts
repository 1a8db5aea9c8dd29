import { json } from 'node:stream/consumers';
import type { Docker } from '../../docker/index.ts';
import type { HistoryEntry } from './types.ts';

interface HistoryItem {
  readonly CreatedBy?: string;
  readonly Size?: number;
  readonly Created?: number;
}

/** The history of an image as Docker keeps it, oldest first. Rejects with `not-found` where Docker has no such image. */
export async function readHistory(
  docker: Docker,
  reference: string,
  signal?: AbortSignal,
): Promise<readonly HistoryEntry[]> {
  const path = reference.split('/').map(encodeURIComponent).join('/');
  const { body } = await docker.stream({ method: 'GET', path: `/images/${path}/history`, signal });
  const items = (await json(body)) as readonly HistoryItem[];
  return items
    .map(({ CreatedBy = '', Size = 0, Created = 0 }) => ({
      createdBy: CreatedBy,
      size: Size,
      createdAt: new Date(Created * 1000).toISOString(),
    }))
    .toReversed();
}
