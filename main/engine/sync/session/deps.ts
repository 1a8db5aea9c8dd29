import type { Cluster } from '../../cluster/index.ts';
import type { Project } from '../../project/index.ts';
import type { FolderWatch } from '../folder/types.ts';
import type { OpenChannel, Tree } from '../types.ts';

/** What one project's session reaches the world by. */
export interface SessionDeps {
  readonly read: () => Promise<Project>;
  /** `read` notes what it read for the session, too. */
  readonly openFolder: (
    read: () => Promise<Project>,
    /** References of the image's containers, the newest first. */
    running: (image: string) => readonly string[],
    signal: AbortSignal,
  ) => FolderWatch;
  readonly cluster: (project: Project, signal: AbortSignal) => Promise<Cluster>;
  readonly openChannel: (cluster: Cluster) => OpenChannel;
  /** What the image of this reference had at build time below its copy rules; null when that is not known. */
  readonly baseline: (project: Project, image: string, reference: string) => Promise<Tree | null>;
  /** Whether an image is known to be another project's that has one of the same name. */
  readonly isForeign: (project: Project, reference: string) => Promise<boolean>;
  /** A text that is another one whenever what a deploy reads besides the images was changed. */
  readonly projectFiles: (project: Project) => Promise<string>;
  /** Calls back when a file of the project may be another; gives what ends that. */
  readonly onFiles: (hint: () => void) => () => void;
  /** Holds the project in the cluster; throws `lease-held` while another machine has it. */
  readonly hold: (cluster: Cluster, project: Project, signal: AbortSignal) => Promise<() => Promise<void>>;
  /** Who has the project but us, in a sentence; null when nobody does. */
  readonly heldBy: (cluster: Cluster, project: Project, signal: AbortSignal) => Promise<string | null>;
  /** Builds, loads and applies; settles with how it ended. */
  readonly deploy: (signal: AbortSignal) => Promise<{ readonly state: string; readonly message: string }>;
  /** Whether switches are remembered: a terminal holds its own for as long as it runs. */
  readonly remember: boolean;
  /** A folder of ours below `PTAH_HOME`. */
  readonly folder: string;
  readonly clock?: SessionClock;
}

/** Waiting, so that tests need not. */
export interface SessionClock {
  /** Milliseconds of a retry after so many failures. */
  readonly backoff: (failures: number) => number;
  /** How long nothing may change before *Keep up to date* deploys. */
  readonly quietMs: number;
  readonly leaseMs: number;
  readonly reconnectMs: number;
  /** How long a session that nobody needs any more stays: a view that is opened anew finds it. */
  readonly lingerMs: number;
  /** How long to wait before a container is read again to see what was changed inside; `tookMs` is what that took last. */
  readonly patrolMs: (tookMs: number) => number;
}

export const realClock: SessionClock = {
  backoff: failures => Math.min(30_000, 250 * 2 ** Math.min(failures, 7)),
  quietMs: 1_500,
  leaseMs: 10_000,
  reconnectMs: 2_000,
  lingerMs: 3_000,
  // ten containers of 50,000 files may take no more than a thousandth of a core
  patrolMs: tookMs => Math.min(3_600_000, Math.max(30_000, tookMs * 10_000)),
};
