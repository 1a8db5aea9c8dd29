import { randomBytes } from 'node:crypto';
import { lstat, mkdir, readFile, readdir, realpath, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { PtahError, toPtahError } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import type { Manifest } from './types.ts';

export type OutputProject = Pick<
  Project,
  'root' | 'configFile' | 'kindConfigFile' | 'helmfile' | 'dockerfiles'
> & {
  readonly config: Pick<Project['config'], 'buildOutput'>;
};

/** The name that nobody but Ptah gives a folder: what lies in it is replaced without a question, as the original does. */
const OWN_NAME = '.build';
const STAGING = /^\.ptah-(?:next|old)-[0-9a-f]+$/;
/** What an operating system leaves in folders. */
const CLUTTER = new Set(['.DS_Store', 'Thumbs.db', 'desktop.ini']);
const NEVER = new Set(['.git', 'node_modules', '.venv', '.ptah']);

export interface WrittenOutput {
  /** Absolute. */
  readonly directory: string;
  /** False when the folder said the same already. */
  readonly changed: boolean;
}

/**
 * Makes `build_output` hold the rewritten manifests and nothing else. All files are written aside first, inside the folder
 * (elsewhere in the project they would be found as manifests); then old and new change places by renaming, and what was there
 * comes back when that fails. A folder with files of someone else is refused, never emptied.
 */
export async function writeBuildOutput(
  project: OutputProject,
  manifests: readonly Pick<Manifest, 'path' | 'rewritten'>[],
): Promise<WrittenOutput> {
  const directory = await outputDirectory(project);
  const wanted = new Map(manifests.map(({ path, rewritten }) => [path.split('/').join(sep), rewritten]));
  for (const path of wanted.keys()) {
    if (isAbsolute(path) || path.split(sep).includes('..')) {
      throw new PtahError('path-outside', `The manifest "${path}" lies outside of the project.`);
    }
  }
  try {
    const present = await listFiles(directory);
    if (present !== null) await refuseForeign(project, directory, present, wanted);
    if (await saysTheSame(directory, present, wanted)) return { directory, changed: false };
    if (wanted.size === 0) await rm(directory, { recursive: true, force: true });
    else await replace(directory, wanted);
    return { directory, changed: true };
  } catch (error) {
    const failed = toPtahError(
      error,
      'build-output-failed',
      `The manifests can't be written to ${project.config.buildOutput}`,
    );
    throw failed.hint !== undefined || failed.code !== 'build-output-failed'
      ? failed
      : new PtahError(failed.code, failed.message, {
          hint: 'Check free space and permissions; what was there before is unchanged.',
          details: { file: project.config.buildOutput },
          cause: error,
        });
  }
}

/** Where the output goes; refuses what would endanger more than output. */
export async function outputDirectory(project: OutputProject): Promise<string> {
  const root = await realpath(project.root);
  const directory = resolve(root, project.config.buildOutput);
  const refuse = (reason: string): never => {
    throw new PtahError(
      'build-output-dangerous',
      `build_output is "${project.config.buildOutput}", ${reason}.`,
      {
        hint: 'Name a folder of its own in ptah.yml, like .build: everything in it is replaced.',
        details: { file: relative(root, project.configFile) },
      },
    );
  };
  if (contains(directory, root)) refuse('which holds the project itself');
  if (contains(directory, homedir())) refuse('which holds your home folder');
  if (directory === dirname(directory)) refuse('the root of the file system');
  const inner = relative(root, directory).split(sep);
  if (inner.some(part => NEVER.has(part)))
    refuse(`which lies in ${inner.find(part => NEVER.has(part)) ?? ''}`);
  const own = [
    project.configFile,
    project.kindConfigFile,
    project.helmfile,
    ...project.dockerfiles.map(({ dockerfile }) => join(root, dockerfile)),
  ];
  const held = own.find(path => path !== null && contains(directory, path));
  if (held !== undefined && held !== null) refuse(`which holds ${relative(root, held)}`);
  const stats = await lstat(directory).catch(() => null);
  if (stats?.isSymbolicLink() === true) refuse('a link: what it points to is not ours to replace');
  if (stats !== null && !stats.isDirectory()) refuse('which is a file');
  return directory;
}

function contains(directory: string, path: string): boolean {
  const below = relative(directory, path);
  return below === '' || (!below.startsWith(`..${sep}`) && below !== '..' && !isAbsolute(below));
}

/** All files below a folder, relative, links not followed; null when it isn't there. What we left behind half way does not count. */
export async function listFiles(directory: string): Promise<readonly string[] | null> {
  const files: string[] = [];
  // Node's own recursive listing would follow links out of the folder.
  const visit = async (below: string): Promise<void> => {
    for (const entry of await readdir(join(directory, below), { withFileTypes: true })) {
      const path = below === '' ? entry.name : join(below, entry.name);
      if (below === '' && STAGING.test(entry.name)) continue;
      if (entry.isDirectory()) await visit(path);
      else files.push(path);
    }
  };
  const there = await lstat(directory).catch(() => null);
  if (there === null) return null;
  await visit('');
  return files;
}

export async function refuseForeign(
  project: OutputProject,
  directory: string,
  present: readonly string[],
  wanted: ReadonlyMap<string, string>,
): Promise<void> {
  if (basename(directory) === OWN_NAME) return;
  const foreign: string[] = [];
  for (const path of present) {
    if (wanted.has(path) || CLUTTER.has(basename(path))) continue;
    // Output mirrors the project: a file without its original is a manifest that was removed since, or someone else's.
    const mirrored = await lstat(join(project.root, path)).catch(() => null);
    if (mirrored === null) foreign.push(path);
  }
  if (foreign.length === 0) return;
  throw new PtahError(
    'build-output-not-ours',
    `${project.config.buildOutput} holds ${foreign.length === 1 ? 'a file' : `${foreign.length} files`} that Ptah did not put there for this project: ${foreign.slice(0, 3).join(', ')}${foreign.length > 3 ? ', …' : ''}.`,
    {
      hint: 'Everything in build_output is replaced. Remove these files if they are left over, or name another folder in ptah.yml.',
      details: { file: project.config.buildOutput, output: foreign.slice(0, 20) },
    },
  );
}

async function saysTheSame(
  directory: string,
  present: readonly string[] | null,
  wanted: ReadonlyMap<string, string>,
): Promise<boolean> {
  if (present === null) return wanted.size === 0;
  if (wanted.size === 0 || present.length !== wanted.size || (await hasStaging(directory))) return false;
  for (const path of present) {
    const text = wanted.get(path);
    if (text === undefined) return false;
    const stats = await lstat(join(directory, path));
    if (!stats.isFile() || stats.size !== Buffer.byteLength(text)) return false;
    if ((await readFile(join(directory, path), 'utf8')) !== text) return false;
  }
  return true;
}

async function hasStaging(directory: string): Promise<boolean> {
  return (await readdir(directory)).some(name => STAGING.test(name));
}

async function replace(directory: string, wanted: ReadonlyMap<string, string>): Promise<void> {
  const mark = randomBytes(4).toString('hex');
  const next = join(directory, `.ptah-next-${mark}`);
  const old = join(directory, `.ptah-old-${mark}`);
  const made = await mkdir(next, { recursive: true });
  try {
    for (const [path, text] of wanted) {
      await mkdir(dirname(join(next, path)), { recursive: true });
      await writeFile(join(next, path), text, { flag: 'wx' });
    }
  } catch (error) {
    await rm(next, { recursive: true, force: true });
    // A folder that only this attempt made goes again.
    if (made !== undefined && made !== next) await rmdir(directory).catch(() => undefined);
    throw error;
  }
  await mkdir(old);
  const away: string[] = [];
  const placed: string[] = [];
  try {
    for (const name of await readdir(directory)) {
      if (name === basename(next) || name === basename(old)) continue;
      await rename(join(directory, name), join(old, name));
      away.push(name);
    }
    for (const name of await readdir(next)) {
      await rename(join(next, name), join(directory, name));
      placed.push(name);
    }
  } catch (error) {
    for (const name of placed) await rm(join(directory, name), { recursive: true, force: true });
    for (const name of away) await rename(join(old, name), join(directory, name));
    await rm(next, { recursive: true, force: true });
    await rmdir(old).catch(() => undefined);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
  await rm(next, { recursive: true, force: true });
}
