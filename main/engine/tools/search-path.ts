import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { shellPath } from './shell-path.ts';

export interface SearchPathOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Whether the login shell is asked: its start files are the only place that knows about nvm, asdf, brew and the like. */
  readonly askShell: boolean;
}

/** The PATH of this process, then the login shell's, then the folders where installers put programs. */
export async function findSearchPath(options: SearchPathOptions): Promise<readonly string[]> {
  const { env, platform } = options;
  const own = split(env.PATH ?? env.Path);
  const shell = options.askShell && platform !== 'win32' ? split(await shellPath(env)) : [];
  return [...new Set([...own, ...shell, ...wellKnown(env, platform)])];
}

const split = (path: string | null | undefined) => (path ?? '').split(delimiter).filter(isAbsolute);

function wellKnown(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string[] {
  const home = env.HOME ?? homedir();
  const go = [
    ...split(env.GOBIN),
    ...split(env.GOPATH).map(folder => join(folder, 'bin')),
    join(home, 'go', 'bin'),
  ];
  if (platform === 'win32') {
    const programs = env.ProgramFiles ?? 'C:\\Program Files';
    return [
      join(programs, 'Docker', 'Docker', 'resources', 'bin'),
      ...(env.LOCALAPPDATA ? [join(env.LOCALAPPDATA, 'Microsoft', 'WinGet', 'Links')] : []),
      join(home, 'scoop', 'shims'),
      ...go,
    ];
  }
  const brew =
    platform === 'darwin' ? ['/opt/homebrew/bin'] : ['/home/linuxbrew/.linuxbrew/bin', '/snap/bin'];
  return [
    '/usr/local/bin',
    '/usr/local/sbin',
    '/usr/bin',
    '/usr/sbin',
    '/bin',
    '/sbin',
    ...brew,
    join(home, '.local', 'bin'),
    join(home, 'bin'),
    join(home, '.docker', 'bin'),
    join(home, '.rd', 'bin'),
    ...(platform === 'darwin' ? ['/Applications/Docker.app/Contents/Resources/bin'] : []),
    '/usr/local/go/bin',
    ...go,
  ];
}
