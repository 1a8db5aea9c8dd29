import { setTimeout as sleep } from 'node:timers/promises';
import { pinKindContext, type Cluster } from '../cluster/index.ts';
import type { Engine } from '../engine-types.ts';
import { toPtahError } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import {
  deletePod,
  editObject,
  inspectObject,
  readObject,
  restartWorkload,
  scaleWorkload,
  watchObjects,
} from '../workloads/index.ts';
import type { Parts } from './parts.ts';

/** How often a cluster that is not there is looked for again. */
const retryMs = 2_000;

/** The project's objects: looked at for as long as somebody does, and changed by hand. */
export function createLiveObjects(
  parts: Parts,
  read: (projectId: string) => Promise<Project>,
): Engine['objects'] {
  const connect = async (
    projectId: string,
    signal: AbortSignal = parts.closing,
  ): Promise<{ readonly project: Project; readonly cluster: Cluster }> => {
    const project = await read(projectId);
    const { env, tools } = parts;
    const pinned = await pinKindContext(project.clusterName, { env, docker: parts.docker(), tools, signal });
    return { project, cluster: parts.connect(pinned) };
  };

  /** Follows `open` until the signal ends; a cluster that is not there is looked for again, and told of once. */
  async function* follow<T>(
    projectId: string,
    given: AbortSignal,
    open: (
      to: { readonly project: Project; readonly cluster: Cluster },
      signal: AbortSignal,
    ) => AsyncIterable<T>,
    lost: (reason: string) => T,
  ): AsyncGenerator<T> {
    const signal = AbortSignal.any([given, parts.closing]);
    let told = '';
    while (!signal.aborted) {
      try {
        yield* open(await connect(projectId, signal), signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = toPtahError(error).message;
        if (reason !== told) yield lost(reason);
        told = reason;
      }
      await sleep(retryMs, undefined, { signal }).catch(() => {});
    }
  }
  const lost = (disconnectedReason: string) => ({
    at: new Date().toISOString(),
    connected: false,
    disconnectedReason,
    denied: [],
  });

  return {
    restart: async ({ projectId, ref }) => restartWorkload((await connect(projectId)).cluster, ref),
    scale: async ({ projectId, ref, replicas }) =>
      scaleWorkload((await connect(projectId)).cluster, ref, replicas),
    deletePod: async ({ projectId, ref, uid }) => deletePod((await connect(projectId)).cluster, ref, uid),
    read: async ({ projectId, ref, reveal }, signal) =>
      readObject((await connect(projectId, signal)).cluster, ref, reveal, signal),
    edit: async ({ projectId, ...request }, signal) =>
      editObject((await connect(projectId, signal)).cluster, request, signal),
    watch: ({ projectId, namespaces }, given) =>
      follow(
        projectId,
        given,
        ({ project, cluster }, signal) =>
          watchObjects(
            cluster,
            {
              projectName: project.name,
              namespaces: namespaces ?? null,
              fallback: [project.config.namespace ?? 'default'],
            },
            signal,
          ),
        reason => ({ ...lost(reason), objects: [] }),
      ),
    inspect: ({ projectId, ref }, given) =>
      follow(
        projectId,
        given,
        ({ cluster }, signal) => inspectObject(cluster, ref, signal),
        reason => ({ ...lost(reason), detail: null, events: [] }),
      ),
  };
}
