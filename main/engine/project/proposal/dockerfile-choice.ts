import { DEFAULTS } from '../config/defaults.ts';
import { imageName, isImageName } from '../image-name.ts';
import { compilePattern } from '../pattern/compile-pattern.ts';
import type { DockerfileMatch } from '../types.ts';
import type { FolderSurvey } from './folder-survey.ts';

/** The pattern to propose, and what discovery will find with it. */
export interface DockerfileChoice {
  readonly pattern: string;
  readonly matches: readonly DockerfileMatch[];
}

/**
 * In order of preference. Without a group `name` the image is called after the folder of its Dockerfile (the project's own for one in the
 * root) or, for `web.Dockerfile`, `web`; with the folder's whole path as the name no two are alike.
 */
const PATTERNS: readonly string[] = [
  DEFAULTS.dockerfiles,
  String.raw`(?i)(?:^|[/\\])(?:[^/\\]+\.)?Dockerfile$`,
  String.raw`(?i)(?:^|[/\\])Dockerfile$`,
  String.raw`(?i)^(?:(?P<name>.+)[/\\])?Dockerfile$`,
  String.raw`(?i)(?:^|[/\\])Dockerfile\.(?P<name>[\w-]+)$`,
];

/** The first pattern that finds all Dockerfiles under names of their own that Docker takes; else the one that comes nearest. */
export function chooseDockerfiles(survey: FolderSurvey): DockerfileChoice {
  const plain = survey.dockerfiles.filter(path => !/dockerfile\.[^/]*$/i.test(path));
  // Beside a Dockerfile, `Dockerfile.dev` is a variant that somebody builds by hand; alone, it is the image.
  const wanted = plain.length > 0 ? plain : survey.dockerfiles;
  let best: DockerfileChoice = { pattern: DEFAULTS.dockerfiles, matches: [] };
  let least = Infinity;
  for (const pattern of PATTERNS) {
    const matches = findWith(pattern, survey);
    const cost = costOf(matches, wanted);
    if (cost < least) [best, least] = [{ pattern, matches }, cost];
    if (cost === 0) break;
  }
  return best;
}

function findWith(pattern: string, survey: FolderSurvey): DockerfileMatch[] {
  const compiled = compilePattern(pattern);
  const matches: DockerfileMatch[] = [];
  for (const path of survey.paths) {
    const match = compiled.search(path);
    if (match === null) continue;
    const slash = path.lastIndexOf('/');
    matches.push({
      name: imageName(path, match.groups.name ?? '', survey.rootName),
      dockerfile: path,
      context: slash === -1 ? '.' : path.slice(0, slash),
    });
  }
  return matches;
}

function costOf(matches: readonly DockerfileMatch[], wanted: readonly string[]): number {
  const missed = wanted.filter(path => !matches.some(({ dockerfile }) => dockerfile === path)).length;
  const extra = matches.filter(({ dockerfile }) => !wanted.includes(dockerfile)).length;
  const refused = matches.filter(({ name }) => !isImageName(name)).length;
  const shared = matches.length - new Set(matches.map(({ name }) => name)).size;
  return missed * 10 + (refused + shared) * 4 + extra * 3 + cutNames(matches);
}

/** Names that are only a piece of the folder's (“image” of “my-image”) surprise whoever writes the manifests. */
function cutNames(matches: readonly DockerfileMatch[]): number {
  return matches.filter(({ name, context, dockerfile }) => {
    const folder = context === '.' ? '' : (context.split('/').at(-1) ?? '');
    return /(?:^|\/)dockerfile$/i.test(dockerfile) && folder !== '' && !name.includes('/') && name !== folder;
  }).length;
}
