export interface RunPort {
  readonly container: number;
  readonly protocol: 'tcp' | 'udp';
  /** Port of this machine. */
  readonly host: number;
}

/** What running an image would be, before anything is done: what its configuration says, and ports that are free here. */
export interface RunPlan {
  readonly image: string;
  readonly reference: string;
  readonly ports: readonly (RunPort & {
    /** Why it is not the container's own; null where it is. */
    readonly note: string | null;
  })[];
  /** As the image sets it. */
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly workdir: string;
  readonly user: string;
  /** Paths that the image declares as volumes: without a mount they are anonymous, and go with the container. */
  readonly volumes: readonly string[];
}

export interface RunMount {
  /** Absolute, of this machine. */
  readonly source: string;
  /** Absolute, in the container. */
  readonly target: string;
  readonly readOnly: boolean;
}

export interface RunRequest {
  readonly project: string;
  readonly image: string;
  readonly reference: string;
  readonly ports: readonly RunPort[];
  /** Beside what the image sets, or in its place. */
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly mounts: readonly RunMount[];
  /** Null: as the image says. */
  readonly command: readonly string[] | null;
  /** Null: Docker's own. */
  readonly network?: string | null;
}

/** A container that somebody started by hand. */
export interface RunView {
  /** The container's ID. */
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly reference: string;
  /** `ended`: the container is gone, its log is still here. */
  readonly state: 'running' | 'ended';
  /** ISO 8601. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly exitCode: number | null;
  readonly ports: readonly (RunPort & {
    /** For a browser; null where it is no TCP. */
    readonly url: string | null;
  })[];
}

export type RunLogItem =
  /** What comes next is not connected to what was read: output was dropped in between. */
  | { readonly type: 'reset' }
  | {
      readonly type: 'output';
      readonly seq: number;
      /** Milliseconds since 1970. */
      readonly at: number;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
    }
  | { readonly type: 'ended'; readonly exitCode: number | null };
