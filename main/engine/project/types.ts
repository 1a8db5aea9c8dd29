import type { Problem } from '../errors/index.ts';

/** Per-image settings of `ptah.yml` (`images: {NAME: {args, target, network}}`, design §9). */
export interface ImageSettings {
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
  readonly network: string | null;
  /** What happens in a container after live sync brought it files below `target`. Takes no part in the image's digest. */
  readonly sync?: readonly SyncSettings[];
}

export type SyncSettings =
  | { readonly target: string; readonly signal: string }
  | { readonly target: string; readonly command: readonly string[] }
  | { readonly target: string; readonly restart: true };

/** `ptah.yml` with every default filled in. Field names are ours; `toPtahYaml` gives the file's own keys. */
export interface ProjectConfig {
  readonly name: string | null;
  readonly namespace: string | null;
  readonly kind: { readonly name: string | null; readonly config: string | null };
  readonly apiServer: { readonly port: number };
  readonly ui: { readonly service: string; readonly user: string };
  /** Python regular expressions, as written. */
  readonly dockerfiles: string;
  readonly manifests: string;
  readonly buildOutput: string;
  readonly tagAlgorithm: string;
  readonly images: Readonly<Record<string, ImageSettings>>;
}

/** A Dockerfile that `dockerfiles` matched. Paths are relative to the root, `/` separators. */
export interface DockerfileMatch {
  readonly name: string;
  readonly dockerfile: string;
  /** The directory of the Dockerfile; `.` for the root. */
  readonly context: string;
}

/** What a folder is, read from disk alone: needs neither Docker nor a cluster. */
export interface Project {
  /** Absolute, symlinks resolved. */
  readonly root: string;
  /** `name` of `ptah.yml`, else the root folder's name. Never a path (design §9, identity). */
  readonly name: string;
  /** Absolute path of `ptah.yml`. */
  readonly configFile: string;
  readonly config: ProjectConfig;
  /** Kind cluster: `kind.name`, else `name` in the Kind configuration, else the project's name made a valid cluster name. */
  readonly clusterName: string;
  /** Absolute path of the project's Kind configuration, null when it has none. */
  readonly kindConfigFile: string | null;
  /** Absolute path of `helmfile.yaml` in the root, null when it has none. */
  readonly helmfile: string | null;
  readonly dockerfiles: readonly DockerfileMatch[];
  /** Relative paths of the manifest files, sorted. */
  readonly manifests: readonly string[];
  readonly problems: readonly Problem[];
}

/** What we would write for a folder that has no `ptah.yml` (issue: "the app proposes"). */
export interface ProjectProposal {
  readonly root: string;
  /** Text of the proposed `ptah.yml`. */
  readonly configText: string;
  /** Text changes to manifests, by relative path: `image: fastapi-k8s:latest` → `image: ptah://fastapi-k8s`. */
  readonly edits: readonly ProposedEdit[];
  /** One sentence per decision: which image a manifest means and why. */
  readonly reasons: readonly string[];
  readonly problems: readonly Problem[];
}

export interface ProposedEdit {
  readonly file: string;
  readonly line: number;
  /** From 1, in code points: where `before` starts. */
  readonly column?: number;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}
