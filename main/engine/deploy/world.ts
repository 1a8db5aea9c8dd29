import type { ContextChanges } from '../content/index.ts';
import type { NodeImageDecision } from '../cluster/index.ts';
import type { Problem } from '../errors/index.ts';
import type { BuiltImage, ImageDescription } from '../images/index.ts';
import type { ManifestSet, ObjectRef, ObjectsPlan } from '../manifests/index.ts';
import type { PlannedHelmfile } from './types.ts';
import type { NodeImage } from '../targets/index.ts';

/** Everything a plan depends on besides the project itself: as it was just read, nothing remembered. */
export interface World {
  /** ISO 8601. */
  readonly readAt: string;
  readonly docker: WorldDocker;
  /** The project's images with their references settled. */
  readonly images: readonly ImageDescription[];
  /** Images of this project that Docker holds. */
  readonly built: readonly BuiltImage[];
  /** What is known of the last build of an image, by name. Gives reasons, never decisions. */
  readonly lastBuilds: ReadonlyMap<string, LastBuild>;
  readonly cluster: WorldCluster;
  readonly manifests: ManifestSet;
  /** Null where the manifests could not be compared with the cluster; then `problems` says why. */
  readonly objects: ObjectsPlan | null;
  /** Workloads of the manifests that are in the cluster but have not settled. */
  readonly unsettled: readonly ObjectRef[];
  readonly helmfile: WorldHelmfile | null;
  /** What reading the world ran into. */
  readonly problems: readonly Problem[];
}

export interface WorldDocker {
  readonly state: 'ready' | 'unreachable';
  readonly version: string | null;
}

/** How the folder differs from what the image was last built from. */
export interface LastBuild {
  readonly digest: string;
  readonly reference: string;
  /** Null where no list of files was kept. */
  readonly changes: ContextChanges | null;
  /** Build arguments, target stage or network are other ones. */
  readonly settingsChanged: boolean;
  /** Another file than before is the Dockerfile. */
  readonly dockerfileMoved: boolean;
  /** Project images below it whose digest is another one. */
  readonly changedBases: readonly string[];
}

export interface WorldCluster {
  readonly name: string;
  readonly context: string;
  /** `unknown`: Docker could not be asked. */
  readonly state: 'ready' | 'not-answering' | 'stopped' | 'missing' | 'unknown';
  readonly message: string;
  /** The nodes that there are, or that creating it would give. */
  readonly nodes: readonly WorldNode[];
  readonly nodeImage: NodeImageDecision | null;
  readonly configChanged: boolean;
  /** Whether the program that makes clusters was found. */
  readonly kindFound: boolean;
}

export interface WorldNode {
  readonly name: string;
  /** Those of the project's names. Null where the node can't be asked, or is not there yet. */
  readonly images: readonly NodeImage[] | null;
}

export interface WorldHelmfile {
  /** Whether it can be synced at all. */
  readonly planned: PlannedHelmfile;
  /** Changes with anything that a sync reads from the project's folder. */
  readonly digest: string;
  /** What the cluster was last synced with, and still holds; null when never or when a release is gone. */
  readonly syncedDigest: string | null;
}
