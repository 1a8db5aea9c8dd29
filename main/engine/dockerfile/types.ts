import type { Problem } from '../errors/index.ts';

/** `COPY`/`ADD` from the context, per existing source, in order (design §9 "Copy rules"). */
export interface CopyRule {
  /** Relative to the context, normalised; `.` for all. */
  readonly source: string;
  /** Absolute in the container, normalised; for a file it includes the file's name. */
  readonly target: string;
  readonly kind: 'file' | 'directory';
  readonly instruction: 'COPY' | 'ADD';
  readonly line: number;
  readonly chown: string | null;
  readonly chmod: string | null;
  /** `--exclude` patterns, relative to the source; absent where there are none. */
  readonly exclude?: readonly string[];
}

export interface Stage {
  readonly index: number;
  readonly name: string | null;
  /** The image after ARG expansion, as written otherwise (`ptah://base`, `python:3.13-slim`, a stage's name). */
  readonly base: string;
  readonly line: number;
}

/** An image of the project that this Dockerfile needs first. */
export interface ImageDependency {
  readonly image: string;
  /** Text to replace when building, e.g. `ptah://base`. */
  readonly written: string;
  readonly via: 'FROM' | 'COPY --from' | 'RUN --mount';
  readonly line: number;
  readonly column: number;
}

export interface DockerfileModel {
  readonly stages: readonly Stage[];
  readonly dependencies: readonly ImageDependency[];
  /** External images: bases, `COPY --from`, frontends. */
  readonly external: readonly { readonly reference: string; readonly line: number }[];
  /** What an older frontend lacks: heredocs, `--link`, `# syntax=`, `RUN --mount` … each with its line. */
  readonly needs: readonly {
    readonly feature: 'heredoc' | 'link' | 'syntax' | 'mount' | 'parents' | 'exclude' | 'chmod';
    readonly line: number;
  }[];
  readonly problems: readonly Problem[];
}
