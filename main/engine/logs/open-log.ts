import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';

export interface ContainerPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** The raw log with a time at each line. Null when the container has none yet. */
export async function openLog(
  cluster: Pick<Cluster, 'fetch'>,
  { namespace, pod, container }: ContainerPlace,
  search: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | null> {
  const query = new URLSearchParams({ container, timestamps: 'true', ...search });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query.toString()}`;
  const response = await cluster.fetch(path, { signal });
  if (response.status === 200) return response.body;
  const said = (await response.text()).slice(0, 4_096);
  const message = messageOf(said);
  const code =
    response.status === 404
      ? 'not-found'
      : response.status === 403
        ? 'forbidden'
        : response.status === 400
          ? 'not-ready'
          : 'unreachable';
  throw new PtahError(code, `The log of ${pod}/${container} can't be read: ${message}`, {
    details: { status: response.status },
  });
}

/** The API takes whole seconds. */
export const sinceTimeOf = (since: number | null): Readonly<Record<string, string>> =>
  since === null ? {} : { sinceTime: `${new Date(since * 1000).toISOString().slice(0, 19)}Z` };

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // plain text
  }
  return body.trim() || 'no reason given';
}
