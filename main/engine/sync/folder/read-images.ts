import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inheritedFrom, parseDockerfile } from '../../dockerfile/index.ts';
import type { DockerfileModel, Inherited } from '../../dockerfile/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { ImageSettings, Project } from '../../project/index.ts';

/** One image of the project as its Dockerfile describes it, without its context. */
export interface ImageSource {
  readonly name: string;
  /** Absolute. */
  readonly context: string;
  /** Relative to the context. */
  readonly dockerfile: string;
  /** Relative to the project. */
  readonly dockerfilePath: string;
  /** Null where it can't be read, and then `problems` says why. */
  readonly text: string | null;
  /** SHA-256 of the text. */
  readonly textHash: string;
  readonly settings: ImageSettings;
  readonly bases: ReadonlyMap<string, Inherited>;
  /** Absolute paths that go to no build. */
  readonly exclude: readonly string[];
  readonly problems: readonly Problem[];
}

const DEFAULTS: ImageSettings = { args: {}, target: null, network: null };

/** How long an empty file is taken for one that is just being written. */
export const HALF_WRITTEN_MILLISECONDS = 30;

/** Reads the Dockerfiles of a project. */
export async function readImages(project: Project, signal: AbortSignal): Promise<readonly ImageSource[]> {
  const exclude = [resolve(project.root, project.config.buildOutput), join(project.root, '.ptah')];
  const read = await Promise.all(
    project.dockerfiles.map(async match => {
      const settings = Object.hasOwn(project.config.images, match.name)
        ? (project.config.images[match.name] ?? DEFAULTS)
        : DEFAULTS;
      const { text, problem } = await readText(join(project.root, match.dockerfile), signal);
      const model = text === null ? null : parseDockerfile(text, settings);
      return { match, settings, text, problem, model };
    }),
  );
  const byName = new Map(read.map(each => [each.match.name, each]));
  const known = new Map<string, Inherited | null>();
  const from = (name: string): Inherited | null => {
    const before = known.get(name);
    if (before !== undefined) return before;
    known.set(name, null);
    const image = byName.get(name);
    if (image?.model == null || image.text === null) return null;
    const made = inheritedFrom(image.text, { ...image.settings, bases: basesOf(image.model) });
    known.set(name, made);
    return made;
  };
  const basesOf = (model: DockerfileModel): ReadonlyMap<string, Inherited> =>
    new Map(
      model.dependencies.flatMap(({ image, via }) => {
        const inherited = via === 'FROM' ? from(image) : null;
        return inherited === null ? [] : [[image, inherited] as const];
      }),
    );
  return read.map(({ match, settings, text, problem, model }) => ({
    name: match.name,
    context: join(project.root, match.context),
    dockerfile: basename(match.dockerfile),
    dockerfilePath: match.dockerfile,
    text: model === null || model.stages.length === 0 ? null : text,
    textHash: dockerfileHash(text ?? ''),
    settings,
    bases: model === null ? new Map<string, Inherited>() : basesOf(model),
    exclude,
    problems: [
      ...(problem === null ? [] : [{ ...problem, file: match.dockerfile }]),
      ...(model?.stages.length === 0
        ? [
            {
              code: 'no-stage',
              severity: 'error' as const,
              message: 'The Dockerfile has no FROM: what was known of its COPY instructions is kept.',
              file: match.dockerfile,
            },
          ]
        : []),
    ],
  }));
}

/** How the text of a Dockerfile is told from another. */
export function dockerfileHash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function readText(
  path: string,
  signal: AbortSignal,
): Promise<{ readonly text: string | null; readonly problem: Problem | null }> {
  try {
    // Editors truncate before they write.
    if ((await stat(path)).size === 0) await setTimeout(HALF_WRITTEN_MILLISECONDS, undefined, { signal });
    const bytes = await readFile(path);
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), problem: null };
  } catch (error) {
    signal.throwIfAborted();
    const message = error instanceof TypeError ? 'it is not UTF-8' : (error as Error).message;
    return {
      text: null,
      problem: {
        code: 'unreadable',
        severity: 'error',
        message: `The Dockerfile can't be read: ${message}.`,
      },
    };
  }
}
