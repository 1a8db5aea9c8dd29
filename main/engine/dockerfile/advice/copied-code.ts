import { posix } from 'node:path';
import type { OutlineInstruction } from '../outline.ts';

/** Lists of dependencies, and what tools want to see beside them: they change seldom. */
const MANIFEST =
  /(^|\/)(\.?[\w*-]*lock[\w*.-]*|.*\.(json|toml|lock|txt|ya?ml|xml|gradle|kts|properties|cfg|ini|mod|sum|work|[a-z]*proj|sln|props|targets|in|rc|cjs|gemspec|cabal)|go\.\*|setup\.py|gemfile[\w.*]*|pipfile[\w.*]*|mix\.exs|rebar\.config|gradlew|mvnw|makefile|\.npmrc|\.yarnrc[\w.]*|\.tool-versions|\.(python|node|ruby)-version|package\*|[a-z_-]+\*)$/i;
const CODE =
  /\.(py|js|mjs|ts|tsx|jsx|vue|svelte|go|rs|java|kt|scala|rb|php|cs|fs|c|cc|cpp|h|hpp|swift|ex|exs|erl|clj|html|css)$/i;
/** Folders that tools need for an install, or that hold what was fetched. */
const FOR_INSTALLS =
  /^(prisma|patches|\.yarn|\.mvn|gradle|buildsrc|vendor|third_party|wheels|\.cargo|requirements|deps|certs?|docker|scripts?|config|conf|etc)$/i;
/** Places where no program's code lies. */
const SYSTEM_TARGET =
  /^\/(etc|usr\/(local\/)?share|usr\/local\/bin|usr\/bin|bin|sbin|root\/\.|tmp|var|docker-entrypoint)/;

/** Whether an instruction brings what changes with every edit into the image. */
export function copiesCode({ name, words, flags, text }: OutlineInstruction): boolean {
  if ((name !== 'COPY' && name !== 'ADD') || words.length < 2 || text.includes('<<')) return false;
  if (flags.some(flag => flag.name === 'from')) return false;
  const sources = words.slice(0, -1);
  const target = words.at(-1) ?? '';
  return sources.some(source => {
    if (/^[a-z]+:\/\//i.test(source)) return false;
    const path = posix.normalize(source).replace(/^\/+|\/+$/g, '');
    if (path === '' || path === '.' || path === '*' || path === '**') return true;
    if (SYSTEM_TARGET.test(target)) return false;
    if (CODE.test(path)) return !/(^|\/)(setup\.py|mix\.exs)$/i.test(path);
    if (MANIFEST.test(path)) return false;
    const last = posix.basename(path);
    // a file without an ending is a program or a script; a folder is code unless its name says otherwise
    return !last.includes('.') || source.endsWith('/')
      ? !path.split('/').some(part => FOR_INSTALLS.test(part))
      : false;
  });
}

/** Whether an instruction takes the whole context. */
export const copiesAll = ({ name, words, flags }: OutlineInstruction): boolean =>
  (name === 'COPY' || name === 'ADD') &&
  !flags.some(flag => flag.name === 'from') &&
  words.slice(0, -1).some(source => /^\.?\/?\.?$/.test(posix.normalize(source).replace(/\/+$/, '')));
