import { posix } from 'node:path';
import type { ShellCommand } from './shell-commands.ts';

/** What a command of a `RUN` is, as far as the order of the file goes. */
export type CommandKind =
  /** Fetches what files of the project list. */
  | { readonly kind: 'dependencies'; readonly install: Install }
  /** Fetches what it names itself: nothing of the folder is in it. */
  | { readonly kind: 'named'; readonly tool: string }
  /** Lists of packages are fetched, nothing is installed. */
  | { readonly kind: 'lists' }
  /** Changes nothing that matters here: tidying up, setting the shell, users and folders. */
  | { readonly kind: 'neutral' }
  | { readonly kind: 'other' };

export interface Install {
  readonly tool: string;
  /** Installs of one ecosystem stand for each other: `npm ci` after `yarn install` finds what is there. */
  readonly ecosystem: string;
  /** Files that it reads, each with those that may stand for it; the first is the usual one. */
  readonly manifests: readonly (readonly string[])[];
  /** The command for dependencies alone. */
  readonly command: string;
}

const other: CommandKind = { kind: 'other' };
const neutral: CommandKind = { kind: 'neutral' };

const NEUTRAL = new Set(
  'rm set cd echo true : mkdir export umask useradd groupadd adduser addgroup chsh ln printf'.split(' '),
);
const SYSTEM: Readonly<Record<string, readonly string[]>> = {
  'apt-get': ['install'],
  apt: ['install'],
  apk: ['add'],
  yum: ['install'],
  dnf: ['install'],
  microdnf: ['install'],
  zypper: ['install', 'in'],
  pacman: ['-S', '-Sy', '-Syu'],
};
const LISTS = new Set(['update', 'makecache', 'refresh', 'clean', 'autoclean', 'autoremove']);

export function commandKind(command: ShellCommand): CommandKind {
  const [first = '', ...rest] = command;
  const tool = posix.basename(first);
  if (/^python[\d.]*$/.test(tool) && rest[0] === '-m') return commandKind(rest.slice(1));
  if (tool === 'corepack' || NEUTRAL.has(tool)) return neutral;
  const system = SYSTEM[tool];
  if (system !== undefined) return systemKind(tool, system, rest);
  if (/^pip[\d.]*$/.test(tool)) return pipKind('pip', rest);
  const [sub = ''] = plain(rest);
  const packages = plain(rest).slice(1);
  const depends = (
    ecosystem: string,
    manifests: Install['manifests'],
    command_: string,
    name = `${tool} ${sub}`.trim(),
  ): CommandKind => ({
    kind: 'dependencies',
    install: { tool: name, ecosystem, manifests, command: command_ },
  });
  const all = command.join(' ');
  switch (tool) {
    case 'uv':
      if (sub === 'pip') return pipKind('uv pip', rest.slice(rest.indexOf('pip') + 1));
      if (sub === 'sync')
        return depends('python', [['pyproject.toml'], ['uv.lock']], with_(all, '--no-install-project'));
      return other;
    case 'poetry':
      if (sub !== 'install' && sub !== 'sync') return sub === 'config' ? neutral : other;
      return depends('python', [['pyproject.toml'], ['poetry.lock']], with_(all, '--no-root'));
    case 'pdm':
      if (sub !== 'install' && sub !== 'sync') return other;
      return depends('python', [['pyproject.toml'], ['pdm.lock']], with_(all, '--no-self'));
    case 'pipenv':
      if ((sub !== 'install' && sub !== 'sync') || packages.length > 0) return other;
      return depends('python', [['Pipfile'], ['Pipfile.lock']], all);
    case 'npm':
      if (sub === 'cache' || sub === 'config') return neutral;
      if (!['ci', 'install', 'i', 'clean-install'].includes(sub)) return other;
      if (rest.some(each => each === '-g' || each === '--global'))
        return packages.length > 0 && packages.every(isName) ? { kind: 'named', tool: 'npm' } : other;
      if (packages.length > 0) return other;
      return depends('node', [['package.json'], ['package-lock.json', 'npm-shrinkwrap.json']], all);
    case 'yarn':
      if (sub !== '' && sub !== 'install') return sub === 'cache' || sub === 'config' ? neutral : other;
      return depends('node', [['package.json'], ['yarn.lock']], all);
    case 'pnpm':
      if (!['install', 'i', 'fetch'].includes(sub) || packages.length > 0) return other;
      return depends('node', [['package.json'], ['pnpm-lock.yaml']], all);
    case 'bun':
      if (!['install', 'i'].includes(sub) || packages.length > 0) return other;
      return depends('node', [['package.json'], ['bun.lock', 'bun.lockb']], all);
    case 'bundle':
      if (sub === 'config') return neutral;
      return sub === 'install' || sub === '' ? depends('ruby', [['Gemfile'], ['Gemfile.lock']], all) : other;
    case 'composer':
      return sub === 'install'
        ? depends(
            'php',
            [['composer.json'], ['composer.lock']],
            with_(with_(all, '--no-scripts'), '--no-autoloader'),
          )
        : other;
    case 'go':
      if (sub === 'mod' && packages[0] === 'download')
        return depends('go', [['go.mod'], ['go.sum']], all, 'go mod download');
      if (sub === 'install' && packages.length > 0 && packages.every(each => each.includes('@')))
        return { kind: 'named', tool: 'go' };
      // a build fetches what is missing: with a list of modules there is something to fetch
      return sub === 'build' && !all.includes('-mod=vendor')
        ? depends('go', [['go.sum'], ['go.mod']], 'go mod download')
        : other;
    case 'cargo':
      return sub === 'fetch' ? depends('rust', [['Cargo.toml'], ['Cargo.lock']], all) : other;
    case 'dotnet':
      return sub === 'restore' ? depends('dotnet', [], all) : other;
    case 'mvn':
    case 'mvnw':
      return rest.some(each => /^dependency:(go-offline|resolve)/.test(each))
        ? depends('maven', [['pom.xml']], all, 'mvn dependency')
        : other;
    case 'mix':
      return sub === 'deps.get' ? depends('elixir', [['mix.exs'], ['mix.lock']], all) : other;
    default:
      return other;
  }
}

function systemKind(tool: string, verbs: readonly string[], rest: readonly string[]): CommandKind {
  const [verb = ''] = tool === 'pacman' ? rest : plain(rest);
  if (LISTS.has(verb)) return verb === 'update' ? { kind: 'lists' } : neutral;
  if (!verbs.includes(verb)) return other;
  const packages = plain(rest).filter(each => each !== verb);
  return packages.length > 0 && packages.every(isName) ? { kind: 'named', tool } : other;
}

/** Of a list in a file; of names; `.` and `-e` install the project itself, which needs its code. */
function pipKind(tool: string, rest: readonly string[]): CommandKind {
  const [sub = ''] = plain(rest);
  const lists =
    sub === 'sync' ? plain(rest).slice(1) : rest.flatMap((each, at) => requirement(each, rest[at + 1]));
  if (sub !== 'install' && sub !== 'sync') return other;
  if (rest.some(each => each === '-e' || each === '--editable' || /^\.(\[|$|\/)/.test(each))) return other;
  if (lists.length > 0)
    return {
      kind: 'dependencies',
      install: {
        tool: `${tool} ${sub}`,
        ecosystem: 'python',
        manifests: lists.map(each => [each]),
        command: `${tool} ${rest.join(' ')}`,
      },
    };
  const named = plain(rest).slice(1);
  if (rest.some(each => /^(-c|--constraint|-t|--target)/.test(each))) return other;
  return named.length > 0 && named.every(isName) ? { kind: 'named', tool } : other;
}

function requirement(word: string, next: string | undefined): readonly string[] {
  if (word === '-r' || word === '--requirement') return next === undefined ? [] : [next];
  const joined = /^(?:-r|--requirement=)(.+)$/.exec(word)?.[1];
  return joined === undefined ? [] : [joined];
}

/** Words that are no flags. */
const plain = (words: readonly string[]): readonly string[] => words.filter(each => !each.startsWith('-'));

/** A package by its name: no path, nothing that a shell puts there. */
const isName = (word: string): boolean => !/[$`]|^\.{0,2}\/|\.(deb|rpm|apk|whl|tgz|tar\.gz)$/.test(word);

const with_ = (command: string, flag: string): string =>
  command.includes(flag) ? command : `${command} ${flag}`;
