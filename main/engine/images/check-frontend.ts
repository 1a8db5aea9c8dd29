import type { DockerInfo } from '../docker/index.ts';
import type { Problem } from '../errors/index.ts';
import type { ImageDescription } from './types.ts';

type Need = ImageDescription['needs'][number];

/** Docker versions whose built-in frontend understands a feature without `# syntax=`; tried on 20.10.24 and 28.5.2. */
const since: Readonly<
  Record<string, { readonly version: readonly [number, number]; readonly label: string }>
> = {
  heredoc: { version: [23, 0], label: 'heredocs' },
  link: { version: [23, 0], label: '`--link`' },
  mount: { version: [20, 10], label: '`RUN --mount`' },
  chmod: { version: [20, 10], label: '`COPY --chmod`' },
  parents: { version: [29, 0], label: '`COPY --parents`' },
  exclude: { version: [28, 5], label: '`COPY --exclude`' },
};

/** What a Dockerfile uses and this engine's own frontend does not know, each with its line: said before the build, not by it. */
export function checkFrontend(
  info: Pick<DockerInfo, 'version' | 'builders'>,
  needs: readonly Need[],
  file?: string,
): readonly Problem[] {
  // `# syntax=` brings a frontend along that may know anything; it takes a registry to fetch it.
  const ownFrontend = needs.find(need => need.feature === 'syntax');
  return needs.flatMap((need): Problem[] => {
    const place = { line: need.line, ...(file === undefined ? {} : { file }) };
    if (need === ownFrontend) {
      if (info.builders.includes('buildkit')) return [];
      return [
        {
          code: 'frontend-syntax',
          severity: 'error',
          message: 'The classic builder ignores `# syntax=`.',
          hint: 'Use a Docker engine with BuildKit.',
          ...place,
        },
      ];
    }
    const known = since[need.feature];
    if (!known || ownFrontend) return [];
    if (!info.builders.includes('buildkit')) {
      return [
        {
          code: 'frontend-lacks',
          severity: 'error',
          message: `The classic builder does not know ${known.label}.`,
          hint: 'Use a Docker engine with BuildKit.',
          ...place,
        },
      ];
    }
    if (isAtLeast(info.version, known.version)) return [];
    const [major, minor] = known.version;
    return [
      {
        code: 'frontend-lacks',
        severity: 'error',
        message: `Docker ${info.version} does not know ${known.label}; Docker ${major}.${minor} does.`,
        hint: 'Update Docker, or begin the Dockerfile with `# syntax=docker/dockerfile:1` where a registry can be reached.',
        ...place,
      },
    ];
  });
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [theirMajor = 0, theirMinor = 0] = version.split(/[.+-]/).map(part => Number.parseInt(part, 10) || 0);
  return theirMajor > major || (theirMajor === major && theirMinor >= minor);
}
