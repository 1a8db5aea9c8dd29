import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { compatibleHash, listContext } from '../content/index.ts';
import type { ContentIndex, ContextListing } from '../content/index.ts';
import { parseDockerfile } from '../dockerfile/index.ts';
import type { DockerfileModel } from '../dockerfile/index.ts';
import { isAbort, toPtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';
import type { DockerfileMatch, ImageSettings, Project } from '../project/index.ts';

/** What describing images needs of a project. */
export type DescribedProject = Pick<Project, 'root' | 'dockerfiles'> & {
  readonly config: Pick<Project['config'], 'buildOutput' | 'tagAlgorithm' | 'images'>;
};

const DEFAULTS: ImageSettings = { args: {}, target: null, network: null };

/** One image as its own folder gives it; what it has to do with other images comes later. */
export interface ReadImage {
  readonly match: DockerfileMatch;
  readonly settings: ImageSettings;
  /** Null when the Dockerfile can't be read. */
  readonly text: string | null;
  readonly model: DockerfileModel;
  readonly hash: string;
  readonly listing: ContextListing | null;
  readonly problems: readonly Problem[];
}

const NOTHING: DockerfileModel = { stages: [], dependencies: [], external: [], needs: [], problems: [] };

/** Reads the Dockerfile, hashes the folder both ways; whatever fails becomes a problem. */
export async function readImage(
  project: DescribedProject,
  match: DockerfileMatch,
  index: ContentIndex,
  signal: AbortSignal | undefined,
): Promise<ReadImage> {
  const problems: Problem[] = [];
  const attempt = async <Result>(make: () => Promise<Result>): Promise<Result | null> => {
    try {
      return await make();
    } catch (error) {
      if (isAbort(error) || signal?.aborted === true) throw error;
      const problem = problemOf(error, match);
      if (!problems.some(each => sameProblem(each, problem))) problems.push(problem);
      return null;
    }
  };
  const settings = Object.hasOwn(project.config.images, match.name)
    ? project.config.images[match.name]
    : undefined;
  const { args, target, network } = settings ?? DEFAULTS;
  const context = join(project.root, match.context);
  const exclude = [resolve(project.root, project.config.buildOutput), join(project.root, '.ptah')];
  const found = await attempt(() => readDockerfile(join(project.root, match.dockerfile)));
  if (found?.problem) problems.push(found.problem);
  const text = found?.text ?? null;
  const model = text === null ? NOTHING : parseDockerfile(text, { args, target });
  const hash = await attempt(() =>
    compatibleHash(context, {
      algorithm: project.config.tagAlgorithm,
      exclude,
      index,
      signal,
      // the listing of the context, which comes next
      readFor: ['sha256'],
    }),
  );
  const listing = await attempt(() =>
    listContext({ root: context, dockerfile: basename(match.dockerfile), exclude, index, signal }),
  );
  return {
    match,
    settings: { args, target, network },
    text,
    model,
    hash: hash?.hash ?? '',
    listing,
    problems: [...problems, ...model.problems],
  };
}

async function readDockerfile(
  path: string,
): Promise<{ readonly text: string | null; readonly problem: Problem | null }> {
  const bytes = await readFile(path);
  if (isUtf8(bytes)) return { text: bytes.toString('utf8'), problem: null };
  let line = 1;
  let from = 0;
  for (
    let end = bytes.indexOf(0x0a);
    end !== -1 && isUtf8(bytes.subarray(from, end));
    end = bytes.indexOf(0x0a, from)
  ) {
    from = end + 1;
    line++;
  }
  const problem: Problem = {
    code: 'undecodable-text',
    severity: 'error',
    message: 'The Dockerfile is not UTF-8.',
    hint: 'Save it as UTF-8.',
    line,
    column: 1,
  };
  return { text: null, problem };
}

function problemOf(error: unknown, match: DockerfileMatch): Problem {
  const { code, message, hint, details } = toPtahError(
    error,
    'unreadable',
    `${match.dockerfile} can't be read`,
  );
  const file = details.file === undefined || details.file.startsWith('/') ? undefined : details.file;
  return {
    code,
    severity: 'error',
    message: message.endsWith('.') ? message : `${message}.`,
    ...(hint === undefined ? {} : { hint }),
    // A file of the context; the project's paths start at its root.
    ...(file === undefined ? {} : { file: match.context === '.' ? file : `${match.context}/${file}` }),
    ...(details.line === undefined ? {} : { line: details.line }),
    ...(details.column === undefined ? {} : { column: details.column }),
  };
}

export function sameProblem(one: Problem, other: Problem): boolean {
  return (
    one.code === other.code &&
    one.message === other.message &&
    one.line === other.line &&
    one.column === other.column
  );
}
