import { setTimeout as sleep } from 'node:timers/promises';
import { pinKindContext, type Cluster } from '../cluster/index.ts';
import { PtahError, toPtahError } from '../errors/index.ts';
import { describeImages, labels as imageLabelNames, settleReferences } from '../images/index.ts';
import type { Project } from '../project/index.ts';
import {
  deltaOf,
  openService,
  watchWorkloads,
  type OpenedService,
  type WorkloadsDelta,
  type WorkloadsSnapshot,
} from '../workloads/index.ts';
import type { Parts } from './parts.ts';

/** How often a cluster that is not there is looked for again. */
const retryMs = 2_000;
/** How often the folder is asked which references are the current ones. */
const referencesMs = 3_000;

/** The Workloads screen: a live picture for as long as somebody looks, and Services opened through the API server. */
export function createLiveWorkloads(parts: Parts) {
  const opened = new Map<string, Promise<OpenedService>>();

  const connect = async (project: Project, signal: AbortSignal): Promise<Cluster> => {
    const docker = parts.docker();
    return parts.connect(
      await pinKindContext(project.clusterName, { env: parts.env, docker, tools: parts.tools, signal }),
    );
  };

  return {
    /** The whole picture first, then what became different. */
    async *watch(
      read: () => Promise<Project>,
      namespaces: readonly string[] | null,
      given: AbortSignal,
    ): AsyncGenerator<WorkloadsSnapshot | WorkloadsDelta> {
      const signal = AbortSignal.any([given, parts.closing]);
      const references = currentReferences(read, parts, signal);
      let told = '';
      while (!signal.aborted) {
        try {
          const project = await read();
          const cluster = await connect(project, signal);
          // before that, every container would look like somebody else's
          await references.ready;
          const query = {
            projectName: project.name,
            namespaces,
            fallback: [project.config.namespace ?? 'default'],
            images: references.now,
          };
          let before: WorkloadsSnapshot | null = null;
          for await (const snapshot of watchWorkloads(cluster, query, signal)) {
            yield before === null ? snapshot : deltaOf(before, snapshot);
            before = snapshot;
          }
          return;
        } catch (error) {
          if (signal.aborted) return;
          const reason = toPtahError(error).message;
          if (reason !== told) yield disconnected(reason);
          told = reason;
        }
        await sleep(retryMs, undefined, { signal }).catch(() => {});
      }
    },

    async open(
      project: Project,
      service: {
        readonly namespace: string;
        readonly name: string;
        readonly port: number;
        readonly scheme?: 'http' | 'https';
      },
    ): Promise<{ readonly url: string }> {
      if (parts.closing.aborted) throw new PtahError('cancelled', 'The engine is closing.');
      const key = JSON.stringify([project.clusterName, service.namespace, service.name, service.port]);
      const opening =
        opened.get(key) ??
        connect(project, parts.closing).then(cluster => openService(cluster, service, parts.closing));
      opened.set(key, opening);
      try {
        return { url: (await opening).url };
      } catch (error) {
        opened.delete(key);
        throw error;
      }
    },

    async close(): Promise<void> {
      const services = await Promise.allSettled(opened.values());
      opened.clear();
      const open = services.flatMap(service => (service.status === 'fulfilled' ? [service.value] : []));
      await Promise.allSettled(open.map(service => service.close()));
    },
  };
}

/** The references that the folder gives now, looked at again in the background for as long as `signal` lets it. */
function currentReferences(
  read: () => Promise<Project>,
  parts: Parts,
  signal: AbortSignal,
): { readonly now: () => ReadonlyMap<string, string>; readonly ready: Promise<void> } {
  let known: ReadonlyMap<string, string> = new Map();
  let readAt = 0;
  let reading = false;
  const refresh = async () => {
    reading = true;
    try {
      const described = await describeImages(await read(), { index: parts.index, signal });
      const held = (await parts.docker().listImages({}, signal)).flatMap(({ tags, labels }) =>
        tags.map(reference => ({ reference, digest: labels[imageLabelNames.digest] ?? null })),
      );
      const images = settleReferences(described, held);
      known = new Map(images.map(({ name, reference }) => [name, reference]));
    } catch {
      // a folder that can't be read for a moment keeps its last references
    } finally {
      readAt = Date.now();
      reading = false;
    }
  };
  return {
    ready: refresh(),
    now() {
      if (!reading && Date.now() - readAt > referencesMs) void refresh();
      return known;
    },
  };
}

const disconnected = (reason: string): WorkloadsSnapshot => ({
  at: new Date().toISOString(),
  connected: false,
  disconnectedReason: reason,
  workloads: [],
  services: [],
});
