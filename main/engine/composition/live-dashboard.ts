import { join } from 'node:path';
import { pinKindContext, type Cluster } from '../cluster/index.ts';
import {
  exampleDashboard,
  findDashboard,
  proxyPath,
  requestToken,
  schemeOf,
  writeExampleDashboard,
} from '../dashboard/index.ts';
import type { Engine } from '../engine-types.ts';
import { PtahError } from '../errors/index.ts';
import type { LiveForwards } from '../forwards/index.ts';
import type { Project } from '../project/index.ts';
import type { createLiveWorkloads } from './live-workloads.ts';
import type { Parts } from './parts.ts';

interface LiveDashboardOptions {
  readonly read: (projectId: string) => Promise<Project>;
  readonly workloads: Pick<ReturnType<typeof createLiveWorkloads>, 'open'>;
  readonly forwards: Pick<LiveForwards, 'api'>;
}

/** The dashboard of a project: its page by way of the API, and a token that ends by itself. */
export function createLiveDashboard(
  parts: Parts,
  { read, workloads, forwards }: LiveDashboardOptions,
): Engine['dashboard'] {
  const connect = async ({ clusterName }: Project, signal: AbortSignal): Promise<Cluster> =>
    parts.connect(
      await pinKindContext(clusterName, {
        env: parts.env,
        docker: parts.docker(),
        tools: parts.tools,
        signal,
      }),
    );
  return {
    async find({ projectId }, signal = parts.closing) {
      const project = await read(projectId);
      return findDashboard(await connect(project, signal), project.config.ui, signal);
    },
    async open({ projectId, lasting }, signal = parts.closing) {
      const project = await read(projectId);
      const cluster = await connect(project, signal);
      const { service, user, missing } = await findDashboard(cluster, project.config.ui, signal);
      if (service === null || user === null)
        throw new PtahError('no-dashboard', missing ?? 'There is no dashboard.', {
          hint: 'The dashboard of examples/dashboard can be deployed beside the project: Helmfile installs it, with an account to sign in.',
        });
      const url = lasting
        ? await atProxy(projectId, proxyPath(service))
        : (await workloads.open(project, { ...service, scheme: schemeOf(service.port) })).url;
      return { url, ...(await requestToken(cluster, user, signal)) };
    },
    async example({ projectId }) {
      const { clusterName, config } = await read(projectId);
      const root = join(parts.home.config, 'dashboards', clusterName);
      await writeExampleDashboard(root, exampleDashboard({ clusterName, ui: config.ui }));
      return { root };
    },
  };

  async function atProxy(projectId: string, path: string): Promise<string> {
    const api = await forwards.api({ projectId, on: true });
    if (api.state !== 'active')
      throw new PtahError('port-taken', api.message ?? 'The API can’t be forwarded.', {
        hint: 'End that program, or choose another api_server.port in ptah.yml.',
      });
    return `${api.address}${path}`;
  }
}
