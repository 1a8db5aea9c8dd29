import { realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Problem } from '../errors/index.ts';
import { UNSEARCHED } from './discovery.ts';

/** The absolute path of `build_output`. */
export function buildOutputPath(root: string, buildOutput: string): string {
  return resolve(root, buildOutput);
}

/**
 * Why the folder may not be `build_output`: it is emptied before every build, so it has to be a folder of its own inside the project. The
 * original deletes whatever is named there, the project itself for “.”.
 */
export function buildOutputProblem(
  root: string,
  buildOutput: string,
  needed: readonly string[],
): Omit<Problem, 'file' | 'line' | 'column'> | null {
  const path = buildOutputPath(root, buildOutput);
  const refuse = (what: string): Omit<Problem, 'file' | 'line' | 'column'> => ({
    code: 'build-output-unsafe',
    severity: 'error',
    message: `build_output “${buildOutput}” ${what}; it is emptied before every build.`,
    hint: 'Name a folder inside the project that holds nothing else, like “.build”.',
  });
  if (buildOutput.trim() === '') return refuse('is the project itself');
  const inside = relative(root, path);
  if (inside === '') return refuse('is the project itself');
  if (isOutside(inside)) return refuse('lies outside of the project');
  if (isOutside(relative(root, resolvedPath(path))))
    return refuse('leads outside of the project through a link');
  if (relative(root, resolvedPath(path)) === '') return refuse('leads back to the project through a link');
  if (inside.split(sep).some(part => UNSEARCHED.has(part)))
    return refuse('lies in a folder that belongs to a tool');
  const lost = needed.find(file => !isOutside(relative(path, resolve(root, file))));
  return lost === undefined ? null : refuse(`holds “${lost}”, which the project needs`);
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path);
}

/** The path with the links of what exists of it resolved. */
function resolvedPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(resolvedPath(parent), path.slice(parent.length));
  }
}
