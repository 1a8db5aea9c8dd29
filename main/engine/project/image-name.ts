import type { Problem } from '../errors/index.ts';
import type { DockerfileMatch } from './types.ts';

/**
 * The name of an image: what the group `name` of the pattern matched, else the folder's name for a file called just `Dockerfile`, else the
 * file's name without its last extension.
 */
export function imageName(path: string, group: string, rootName: string): string {
  if (group !== '') return group;
  const parts = path.split('/');
  const file = parts.at(-1) ?? '';
  const dot = file.lastIndexOf('.');
  const hasExtension = dot > 0 && dot < file.length - 1;
  if (!hasExtension && file.toLowerCase() === 'dockerfile') return parts.at(-2) ?? rootName;
  return hasExtension ? file.slice(0, dot) : file;
}

// A repository's path as Docker takes it (distribution/reference): lower case, separators only between letters and digits.
const PART = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const NAME = new RegExp(`^(?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?${PART}(?:/${PART})*$`);
const LONGEST = 255;

/** Whether Docker takes the name. */
export function isImageName(name: string): boolean {
  return name.length <= LONGEST && NAME.test(name);
}

/** The nearest name that Docker takes; null when nothing of it is left. */
export function asImageName(text: string): string | null {
  const name = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._/-]+/g, '-')
    .replaceAll(/[._-]*\/[._-]*/g, '/')
    .replaceAll(/\.+/g, '.')
    .replaceAll(/_{3,}/g, '__')
    .replaceAll(/[._-]*[.-][._-]+|[._-]+[.-][._-]*/g, '-')
    .replaceAll(/^[._/-]+|[._/-]+$/g, '')
    .slice(0, LONGEST);
  return isImageName(name) ? name : null;
}

/** Names that Docker refuses, and names that two Dockerfiles share. */
export function imageNameProblems(matches: readonly DockerfileMatch[]): Problem[] {
  const problems: Problem[] = [];
  const byName = Map.groupBy(matches, ({ name }) => name);
  for (const { name, dockerfile } of matches) {
    if (!isImageName(name)) {
      const better = asImageName(name);
      problems.push({
        code: 'image-name-invalid',
        severity: 'error',
        message: `Docker refuses “${name}” as the name of an image.`,
        hint: `Rename the folder or file${better === null ? '' : ` so that the name is “${better}”`}, or change the group “name” of “dockerfiles” in ptah.yml. Names are lower case.`,
        file: dockerfile,
      });
    }
    const others = (byName.get(name) ?? []).filter(other => other.dockerfile !== dockerfile);
    if (others.length > 0) {
      problems.push({
        code: 'image-name-duplicate',
        severity: 'error',
        message: `${others.map(other => `“${other.dockerfile}”`).join(' and ')} ${others.length === 1 ? 'has' : 'have'} the same image name, “${name}”.`,
        hint: 'Rename one of the folders, or make “dockerfiles” in ptah.yml match only one of them.',
        file: dockerfile,
      });
    }
  }
  return problems;
}
