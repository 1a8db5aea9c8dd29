import { delimiter } from 'node:path';
import { PtahError } from '../errors/index.ts';
import { findTool } from './find-tool.ts';
import { runTool } from './run-tool.ts';
import { findSearchPath } from './search-path.ts';
import type { Tool, Tools } from './types.ts';

export interface CreateToolsOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly platform?: NodeJS.Platform;
  /** Started from a terminal: PATH is what the user means, and the login shell isn't asked. */
  readonly fromTerminal?: boolean;
}

/** Finds and runs external programs. The login shell is asked once, the folders are looked through at every call. */
export function createTools(options: CreateToolsOptions = {}): Tools {
  const env = options.env ?? process.env;
  const platform = options.platform ?? process.platform;
  const fromTerminal = options.fromTerminal ?? Boolean(env.SHLVL || env.TERM || env.CI);
  let folders: Promise<readonly string[]> | null = null;
  const searchPath = () => (folders ??= findSearchPath({ env, platform, askShell: !fromTerminal }));

  const find = async (name: string): Promise<Tool | null> => {
    const path = await findTool(name, await searchPath(), env, platform);
    return path === null ? null : { name, path };
  };
  return {
    find,
    searchPath,
    async run(name, argv, runOptions = {}) {
      const tool = await find(name);
      if (!tool)
        throw new PtahError('tool-missing', `${name} was not found.`, {
          hint: `Install ${name}, or add its folder to PATH. Setup shows where it was looked for.`,
          details: { command: [name, ...argv], exitCode: null },
        });
      const path = (await searchPath()).join(delimiter);
      return runTool(tool, argv, { ...scrub(env), PATH: path }, runOptions);
    },
  };
}

/** What our own start left in the environment and would change how other programs behave. */
const ours = /^(ELECTRON_|npm_|NODE_OPTIONS$|NODE_ENV$|VITEST|INIT_CWD$|CHROME_DESKTOP$|ORIGINAL_XDG_)/;

function scrub(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.test(name)));
}
