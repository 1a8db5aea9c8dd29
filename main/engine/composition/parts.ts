import type { Activity } from '../activity/index.ts';
import { connectCluster, type Cluster, type PinnedContext } from '../cluster/index.ts';
import { createContentIndex } from '../content/index.ts';
import type { DeployDeps, DeployEvent } from '../deploy/index.ts';
import { connectDocker, type Docker } from '../docker/index.ts';
import type { EngineEvents } from '../engine-types.ts';
import type { Home } from '../home/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Tools } from '../tools/index.ts';

/** What all parts of one engine share. */
export interface Parts extends DeployDeps {
  readonly activity: Activity<DeployEvent>;
  readonly connect: (pinned: PinnedContext) => Cluster;
  /** The folder of example projects, null where there is none. */
  readonly examples: string | null;
  emit<Name extends keyof EngineEvents>(name: Name, payload: EngineEvents[Name]): void;
  /** Whether anybody listens. */
  listens(name: keyof EngineEvents): boolean;
  /** Aborted when the engine closes. */
  readonly closing: AbortSignal;
  /** Work that outlives its job for a moment: closing waits for it. */
  leave(work: Promise<unknown>): void;
}

interface PartsOptions {
  readonly examples: string | null;
  readonly env: NodeJS.ProcessEnv;
  readonly home: Home;
  readonly tools: Tools;
  readonly activity: Activity<DeployEvent>;
  readonly settings: () => Promise<Settings>;
  readonly dockerHost: () => string | null;
  readonly emit: Parts['emit'];
  readonly listens: Parts['listens'];
  readonly closing: AbortSignal;
  readonly leave: Parts['leave'];
}

/** Connections are kept for as long as what they lead to is the same. */
export function createParts({ dockerHost, ...given }: PartsOptions): Parts {
  let docker: { readonly host: string | null; readonly connection: Docker } | null = null;
  const clusters = new Map<string, Cluster>();
  return {
    ...given,
    index: createContentIndex(),
    docker() {
      const host = dockerHost();
      if (docker?.host !== host || docker === null)
        docker = { host, connection: connectDocker({ env: given.env, host }) };
      return docker.connection;
    },
    connect(pinned) {
      const key = JSON.stringify([pinned.context, pinned.server, pinned.source]);
      const known = clusters.get(key);
      if (known) return known;
      const cluster = connectCluster(pinned, { env: given.env, tools: given.tools });
      clusters.set(key, cluster);
      return cluster;
    },
  };
}
