import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The terminal program from its source. */
export const ptahSource = fileURLToPath(new URL('../../main/hosts/cli/main.ts', import.meta.url));

export interface PtahResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function runPtah(argv: readonly string[], cwd: string, home: string): Promise<PtahResult> {
  const { INIT_CWD: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ptahSource, ...argv], {
    cwd,
    env: { ...env, PTAH_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', chunk => (out += String(chunk)));
  child.stderr.on('data', chunk => (err += String(chunk)));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => resolve({ code, out, err }));
  });
}
