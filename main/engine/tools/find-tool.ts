import { access, constants, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The first executable file called `name` in `folders`, null when there is none. Nothing is remembered. */
export async function findTool(
  name: string,
  folders: readonly string[],
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<string | null> {
  const endings = platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD;.BAT').split(';') : [''];
  for (const folder of folders)
    for (const ending of endings) {
      const path = join(folder, name + ending.toLowerCase());
      if (await isExecutable(path)) return path;
    }
  return null;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    if (!(await stat(path)).isFile()) return false;
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
