import type { Cluster } from '../cluster/index.ts';
import type { ContentIndex } from '../content/index.ts';
import type { Docker } from '../docker/index.ts';
import type { Home } from '../home/index.ts';
import type { Project } from '../project/index.ts';
import { join } from 'node:path';
import { createOpenChannel } from './channels/index.ts';
import { baselineOf, builtOf, createFolderWatch } from './folder/index.ts';
import { createSyncOf } from './session/create-sync.ts';
import type { BuiltContext } from './folder/index.ts';
import type { Sync } from './session/door.ts';
import type { OpenChannel } from './types.ts';

export type { Sync } from './session/door.ts';
export type * from './types.ts';

interface ImageIdentity {
  /** The strict digest of what it was built from; null where it is none of ours. */
  readonly digest: string | null;
  readonly project: string | null;
}

export interface SyncDeps {
  readonly home: Home;
  readonly index: ContentIndex;
  readonly docker: () => Docker;
  readonly read: (projectId: string) => Promise<Project>;
  readonly cluster: (project: Project, signal: AbortSignal) => Promise<Cluster>;
  /** The references that the folder gives now. */
  readonly references: (project: Project) => Promise<ReadonlyMap<string, string>>;
  /** What the image of this reference says of itself; null where Docker has no such image. */
  readonly image: (reference: string) => Promise<ImageIdentity | null>;
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
  /** A text that is another one whenever what a deploy reads besides the images was changed. */
  readonly projectFiles: (project: Project) => Promise<string>;
  /** Calls back when a file of a project may be another; gives what ends that. */
  readonly onFiles: (projectId: string, hint: () => void) => () => void;
  /** Whether switches are remembered: a terminal holds its own for as long as it runs. */
  readonly remember: boolean;
  readonly closing: AbortSignal;
}

/** What images were built from is kept for so many of them. */
const mostContexts = 20;

/** Live sync: the containers of a project's images kept equal to the folder. Nothing runs before it is asked for. */
export function createSync(deps: SyncDeps): Sync {
  const channels = new WeakMap<Cluster, OpenChannel>();
  /** The same object for the same digest: whoever compares with it sees at once that nothing is new. */
  const contexts = new Map<string, BuiltContext>();

  /** What runs was built from this: the newest pod counts; where nothing runs, the newest image. */
  async function builtContext(
    project: Project,
    image: string,
    running: readonly string[],
  ): Promise<BuiltContext | null> {
    for (const reference of running) {
      const { digest = null } = (await deps.image(reference)) ?? {};
      const found = digest === null ? null : await contextOf(project, image, digest);
      if (found) return found;
    }
    const digest = await deps.builtDigest(project, image);
    return digest === null ? null : contextOf(project, image, digest);
  }

  async function contextOf(project: Project, image: string, digest: string): Promise<BuiltContext | null> {
    const key = JSON.stringify([project.name, image, digest]);
    const found = contexts.get(key) ?? (await builtOf(deps.home, project.name, image, digest));
    if (!found) return null;
    contexts.delete(key);
    contexts.set(key, found);
    const [oldest] = contexts.keys();
    if (contexts.size > mostContexts && oldest !== undefined) contexts.delete(oldest);
    return found;
  }

  return createSyncOf({
    closing: deps.closing,
    session: projectId => ({
      read: () => deps.read(projectId),
      openFolder: (read, running, signal) =>
        createFolderWatch({
          read,
          index: deps.index,
          references: async () => deps.references(await read()),
          async built(image) {
            const project = await read();
            return builtContext(project, image, running(image));
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
        const { digest = null } = (await deps.image(reference)) ?? {};
        return digest === null ? null : baselineOf(deps.home, project.name, image, digest);
      },
      async isForeign(project, reference) {
        const owner = (await deps.image(reference))?.project ?? null;
        return owner !== null && owner !== project.name;
      },
      projectFiles: deps.projectFiles,
      onFiles: hint => deps.onFiles(projectId, hint),
      hold: deps.hold,
      heldBy: deps.heldBy,
      deploy: signal => deps.deploy(projectId, signal),
      remember: deps.remember,
      folder: join(deps.home.config, 'sync'),
    }),
  });
}
