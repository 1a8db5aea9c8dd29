import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where our own files lie (design §9). Shared by all hosts; every test sets its own `PTAH_HOME`. */
export interface Home {
  /** Settings, the list of projects, logs kept of long jobs. */
  readonly config: string;
  /** Whatever can be thrown away; never the ground for a decision. */
  readonly cache: string;
  /** The private socket of the user's one engine. */
  readonly socket: string;
}

/** Resolves the folders from the environment: `PTAH_HOME`, else the system's own places. Nothing is created. */
export function resolveHome(env: NodeJS.ProcessEnv = process.env, platform = process.platform): Home {
  const own = env.PTAH_HOME;
  if (own) {
    const socket = platform === 'win32' ? pipeOf(own) : join(own, 'engine.sock');
    return { config: own, cache: join(own, 'cache'), socket };
  }
  const user = homedir();
  if (platform === 'darwin') {
    const config = join(user, 'Library', 'Application Support', 'Ptah Desktop');
    return {
      config,
      cache: join(user, 'Library', 'Caches', 'Ptah Desktop'),
      socket: join(config, 'engine.sock'),
    };
  }
  if (platform === 'win32') {
    const config = join(env.APPDATA ?? join(user, 'AppData', 'Roaming'), 'Ptah Desktop');
    const cache = join(env.LOCALAPPDATA ?? join(user, 'AppData', 'Local'), 'Ptah Desktop', 'Cache');
    return { config, cache, socket: pipeOf(config) };
  }
  const config = join(env.XDG_CONFIG_HOME || join(user, '.config'), 'ptah-desktop');
  return {
    config,
    cache: join(env.XDG_CACHE_HOME || join(user, '.cache'), 'ptah-desktop'),
    socket: join(config, 'engine.sock'),
  };
}

/** Pipes have one name space for all users of a Windows machine: the folder that only this one has keeps them apart. */
function pipeOf(folder: string): string {
  const hash = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 16);
  return `\\\\.\\pipe\\ptah-desktop-engine-${hash}`;
}
