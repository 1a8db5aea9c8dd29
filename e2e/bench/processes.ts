import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, root } from '../../scripts/places.mjs';
import { testEnvironment } from '../../scripts/test-machine.mjs';

/** The program as it is delivered. */
export const builtProgram = (name: 'ptah' | 'loopback'): string => join(root, 'dist/main', `${name}.mjs`);

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is ended, and has failed. */
  readonly timeout?: number;
}

/** Runs a program to its end and gives its standard output; throws with its last lines when it fails. */
export function output(command: string, argv: readonly string[], options: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, argv, {
      cwd: options.cwd,
      env: { ...process.env, ...testEnvironment(), ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: options.timeout,
      killSignal: 'SIGKILL',
    });
    let out = '';
    let err = '';
    child.stdout.on('data', chunk => (out += String(chunk)));
    child.stderr.on('data', chunk => (err += String(chunk)));
    child.once('error', reject);
    child.once('close', code => {
      if (code === 0) return resolve(out);
      const last = `${out}\n${err}`.trimEnd().split('\n').slice(-15).join('\n');
      reject(
        new Error(`${command} ${argv.slice(0, 4).join(' ')} ended with ${code ?? 'a signal'}:\n${last}`),
      );
    });
  });
}

const standing = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of standing) child.kill('SIGKILL');
});

/** A process that stays while others are measured goes with this one. */
export function endWithUs(child: ChildProcess): void {
  standing.add(child);
  child.once('close', () => standing.delete(child));
}

/** A Python of the benchmarks' own with these packages, made once in the cache folder. */
export async function pythonWith(name: string, requirements: readonly string[]): Promise<string> {
  const home = join(cacheFolder, 'bench', name);
  const python = join(home, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const made = join(home, 'made');
  if (!existsSync(made)) {
    mkdirSync(join(cacheFolder, 'bench'), { recursive: true });
    await output('python3', ['-m', 'venv', '--clear', home]);
    await output(python, ['-m', 'pip', 'install', '--quiet', ...requirements]);
    mkdirSync(made);
  }
  return python;
}
