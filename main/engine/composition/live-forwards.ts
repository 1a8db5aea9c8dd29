import { pinKindContext } from '../cluster/index.ts';
import { syncedReleases } from '../deploy/index.ts';
import { createForwards, type LiveForwards } from '../forwards/index.ts';
import type { Project } from '../project/index.ts';
import type { Parts } from './parts.ts';

/** Forwards into the clusters that this engine's projects are pinned to. */
export function createLiveForwards(
  parts: Parts,
  read: (projectId: string) => Promise<Project>,
): LiveForwards {
  return createForwards({
    folder: parts.home.config,
    closing: parts.closing,
    async read(id) {
      const { name, clusterName, config } = await read(id);
      return { id, name, clusterName, apiPort: config.apiServer.port };
    },
    async releases({ id }, cluster, signal) {
      const project = await read(id);
      return project.helmfile === null ? [] : syncedReleases(cluster, project, signal);
    },
    cluster: async ({ clusterName }, signal) =>
      parts.connect(
        await pinKindContext(clusterName, {
          env: parts.env,
          docker: parts.docker(),
          tools: parts.tools,
          signal,
        }),
      ),
  });
}
