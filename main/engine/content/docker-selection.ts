import type { FileSelection } from './ignore-file.ts';
import { parseDockerPatterns } from './docker-pattern.ts';
import type { DockerPattern } from './docker-pattern.ts';

/** What Docker takes into a build's context. */
export interface DockerSelection extends FileSelection {
  /** Whether the path itself (a file, link or directory) is excluded. */
  excludes(path: string): boolean;
  /** Whether any line re-includes (`!`). */
  readonly reincludes: boolean;
}

/** The selection that a `.dockerignore` makes by Docker's rules: the last pattern that matches the path or a parent of it decides. */
export function selectAsDocker(text: string | null): DockerSelection {
  const patterns = text === null ? [] : parseDockerPatterns(text);
  const exceptions = patterns.filter(pattern => pattern.negated);

  function excludes(path: string): boolean {
    let excluded = false;
    let parents: string[] | null = null;
    for (const pattern of patterns) {
      // A pattern that could not change the answer is not asked, as in Docker.
      if (pattern.negated !== excluded) continue;
      let matches = pattern.matches(path);
      if (!matches) {
        parents ??= parentsOf(path);
        matches = parents.some(parent => pattern.matches(parent));
      }
      if (matches) excluded = !pattern.negated;
    }
    return excluded;
  }

  return {
    excludes,
    reincludes: exceptions.length > 0,
    includesFile: path => !excludes(path),
    excludesAllBelow: path => excludes(path) && !exceptions.some(pattern => mayReach(pattern, path)),
  };
}

/** Whether an exception can match something below the directory. A wildcard is taken to reach everywhere: looking costs little, missing is wrong. */
function mayReach(pattern: DockerPattern, directory: string): boolean {
  const wildcard = pattern.text.search(/[*?[\\]/);
  if (wildcard === -1) return pattern.text.startsWith(`${directory}/`);
  const fixed = pattern.text.slice(0, wildcard);
  return fixed.startsWith(`${directory}/`) || `${directory}/`.startsWith(fixed);
}

function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    parents.push(path.slice(0, slash));
  return parents;
}
