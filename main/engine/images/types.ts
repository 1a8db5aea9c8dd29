import type { Problem } from '../errors/index.ts';
import type { CopyRule, ImageDependency } from '../dockerfile/index.ts';

/** An image of the project as the folder describes it now. No Docker needed. */
export interface ImageDescription {
  readonly name: string;
  /** Relative to the root. */
  readonly dockerfile: string;
  readonly context: string;
  /** First 7 characters of `hash`; empty when hashing failed (see `problems`). */
  readonly tag: string;
  /** `name:tag`, or `name:tag-` + 7 characters of `digest` where that name is taken by other content (design §4). */
  readonly reference: string;
  /** The original's hash, full. */
  readonly hash: string;
  /** The strict digest, hex SHA-256. */
  readonly digest: string;
  readonly algorithm: string;
  readonly copies: readonly CopyRule[];
  readonly dependsOn: readonly ImageDependency[];
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
  readonly network: string | null;
  /** What the engine's frontend must understand; see `DockerfileModel.needs`. */
  readonly needs: readonly { readonly feature: string; readonly line: number }[];
  readonly problems: readonly Problem[];
}

/** An image of ours that Docker holds, by its labels. */
export interface BuiltImage {
  /** Docker's image ID (config digest on the classic store, manifest digest on the containerd store). */
  readonly id: string;
  readonly reference: string;
  readonly project: string | null;
  /** Label `ptah-desktop/digest`; null when the image carries none. */
  readonly digest: string | null;
  readonly size: number;
  /** ISO 8601. */
  readonly createdAt: string;
}

export type StepState = 'waiting' | 'running' | 'done' | 'cached' | 'failed' | 'cancelled';

/** One vertex of the build. `id` is BuildKit's vertex digest, or `step-N` of the classic builder. */
export interface BuildStep {
  readonly id: string;
  readonly name: string;
  readonly state: StepState;
  readonly inputs: readonly string[];
  /** ISO 8601. */
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
}

export type BuildMethod = 'buildkit-session' | 'buildkit' | 'classic';

/** What a build tells while it runs; replaying the events gives the same view again. */
export type BuildEvent =
  | { readonly type: 'method'; readonly method: BuildMethod; readonly reason: string }
  | { readonly type: 'step'; readonly step: BuildStep }
  /** `text` may hold several lines and ANSI colours; multi-byte characters are never cut. */
  | {
      readonly type: 'output';
      readonly step: string | null;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | {
      readonly type: 'progress';
      readonly step: string;
      readonly name: string;
      readonly current: number;
      readonly total: number;
    }
  | { readonly type: 'warning'; readonly message: string; readonly line: number | null };

/** What to build: everything resolved, so that building needs no project. */
export interface BuildRequest {
  readonly name: string;
  readonly reference: string;
  readonly project: string;
  readonly digest: string;
  /** Absolute. */
  readonly contextDir: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  /** As people know it: relative to the project. Else it is told by its absolute path. */
  readonly dockerfilePath?: string;
  /** Text of the Dockerfile with `ptah://…` replaced by references. */
  readonly dockerfileText: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
  readonly network: string | null;
  /** Digest of the listing that `digest` was made of; when the context is another by now the build fails with `context-changed`. */
  readonly contextDigest?: string;
  /** Absolute paths inside the context that never go to a build: `build_output`, `.ptah` (design §4). */
  readonly exclude: readonly string[];
}

export interface BuildResult {
  readonly id: string;
  readonly method: BuildMethod;
  readonly durationMs: number;
}
