import type { Cluster, PinnedContext } from '../cluster/index.ts';
import type { ContentIndex } from '../content/index.ts';
import type { Docker } from '../docker/index.ts';
import type { Home } from '../home/index.ts';
import type { Settings } from '../settings/index.ts';
import type { Tools } from '../tools/index.ts';

/** What a deploy reaches the world by. */
export interface DeployDeps {
  readonly env: NodeJS.ProcessEnv;
  readonly home: Home;
  readonly tools: Tools;
  /** Throws where not even the endpoint can be decided. */
  readonly docker: () => Docker;
  readonly settings: () => Promise<Settings>;
  /** Shared between plans, so that a second look at the same files is cheap. */
  readonly index: ContentIndex;
  /** Keeps connections between plans; absent: one for each. */
  readonly connect?: (pinned: PinnedContext) => Cluster;
}
