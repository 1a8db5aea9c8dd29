import type { Cluster } from '../cluster/index.ts';
import type { ContentIndex } from '../content/index.ts';
import type { Docker } from '../docker/index.ts';
import type { Home } from '../home/index.ts';
import type { Project } from '../project/index.ts';
import { join } from 'node:path';
import { createOpenChannel } from './channels/index.ts';
import { baselineOf, builtOf, createFolderWatch } from './folder/index.ts';
import { createSyncOf } from './session/create-sync.ts';
import type { Sync } from './session/door.ts';
import type { OpenChannel } from './types.ts';

export type { Sync } from './session/door.ts';
export type * from './types.ts';

export interface SyncDeps {
  readonly home: Home;
  readonly index: ContentIndex;
  readonly docker: () => Docker;
  readonly read: (projectId: string) => Promise<Project>;
  readonly cluster: (project: Project, signal: AbortSignal) => Promise<Cluster>;
  /** The references that the folder gives now. */
  readonly references: (project: Project) => Promise<ReadonlyMap<string, string>>;
  /** The strict digest that the image of this reference carries; null where Docker has no such image. */
  readonly digest: (reference: string) => Promise<string | null>;
  /** The strict digest of the newest image of this name that Docker has. */
  readonly builtDigest: (project: Project, image: string) => Promise<string | null>;
  /** Holds the project in the cluster; throws `lease-held` while another machine has it. */
  readonly hold: (cluster: Cluster, project: Project, signal: AbortSignal) => Promise<() => Promise<void>>;
  /** Who has the project but us, in a sentence; null when nobody does. */
  readonly heldBy: (cluster: Cluster, project: Project, signal: AbortSignal) => Promise<string | null>;
  /** Builds, loads and applies; settles with how it ended. */
  readonly deploy: (
    projectId: string,
    signal: AbortSignal,
  ) => Promise<{ readonly state: string; readonly message: string }>;
  /** Whether switches are remembered: a terminal holds its own for as long as it runs. */
  readonly remember: boolean;
  readonly closing: AbortSignal;
}

/** Live sync: the containers of a project's images kept equal to the folder. Nothing runs before it is asked for. */
export function createSync(deps: SyncDeps): Sync {
  const channels = new WeakMap<Cluster, OpenChannel>();
  return createSyncOf({
    closing: deps.closing,
    session: projectId => ({
      read: () => deps.read(projectId),
      openFolder: (read, signal) =>
        createFolderWatch({
          read,
          index: deps.index,
          references: async () => deps.references(await read()),
          async built(image) {
            const project = await read();
            const digest = await deps.builtDigest(project, image);
            return digest === null ? null : builtOf(deps.home, project.name, image, digest);
          },
          signal,
        }),
      cluster: deps.cluster,
      openChannel(cluster) {
        const known = channels.get(cluster) ?? createOpenChannel({ docker: deps.docker(), cluster });
        channels.set(cluster, known);
        return known;
      },
      async baseline(project, image, reference) {
        const digest = await deps.digest(reference);
        return digest === null ? null : baselineOf(deps.home, project.name, image, digest);
      },
      hold: deps.hold,
      heldBy: deps.heldBy,
      deploy: signal => deps.deploy(projectId, signal),
      remember: deps.remember,
      folder: join(deps.home.config, 'sync'),
    }),
  });
}
