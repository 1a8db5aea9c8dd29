// Nothing of one developer's machine may get into the repository: paths, and addresses of package registries
// (lockfiles and requirements would then work only where that registry is reached).
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './places.mjs';
import { run } from './run.mjs';

const everywhere = [
  {
    what: 'a path of one machine',
    pattern:
      /(?:^|[\s"'`(=:,])\/(?:root\/(?:go|\.npm|\.cache\/\w)|work\/(?:main|shared)|Users\/\w+|home\/(?!user\b|you\b|me\b|node\b|nonroot\b|linuxbrew\b)\w+)\b/,
  },
];
const inLockfiles = [
  {
    what: 'the address of a registry',
    pattern: /"resolved":\s*"https?:|--(?:extra-)?index-url|--trusted-host|^\s*registry\s*=/,
  },
];
const lockfile = /(^|\/)(package-lock\.json|requirements[\w.-]*\.txt|\.npmrc|uv\.lock|pip\.conf)$/;
const exempt = /(^|\/)(scripts\/forbidden-text(\.test)?\.mjs|.*\.(png|ico|icns|woff2|tar|gz))$/;

/** What was found, one `file:line: what` a line, or null. */
export async function findForbiddenText() {
  const { code, output } = await run(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    {
      output: 'collect',
      cwd: root,
    },
  );
  if (code !== 0) return `git ls-files failed: ${output}`;
  const found = output
    .split('\0')
    .filter(
      file => file && !exempt.test(file) && statSync(join(root, file), { throwIfNoEntry: false })?.isFile(),
    )
    .flatMap(file => lookThrough(file, readFileSync(join(root, file), 'utf8')));
  return found.length > 0 ? found.join('\n') : null;
}

/** What a file of that name and text must not contain. */
export function lookThrough(file, text) {
  const rules = lockfile.test(file) ? [...everywhere, ...inLockfiles] : everywhere;
  return text
    .split('\n')
    .flatMap((line, index) =>
      rules
        .filter(({ pattern }) => pattern.test(line))
        .map(({ what }) => `${file}:${index + 1}: ${what}: ${line.trim().slice(0, 120)}`),
    );
}
