import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `node` runs. */
export const program = join(dirname(fileURLToPath(import.meta.url)), 'main.ts');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  readonly milliseconds: number;
  /** From the interrupt to the end; 0 without one. */
  readonly afterInterruptMs: number;
}

export interface RunPtahOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sends SIGINT when this stands in what was printed on standard error. */
  readonly interruptAt?: RegExp;
  /** Sends SIGINT when this is aborted. */
  readonly interruptBy?: AbortSignal;
  /** The same for standard output. */
  readonly interruptAtOut?: RegExp;
  /** Done once, when this stands there. */
  readonly at?: readonly [text: RegExp, action: () => void];
}

/** Runs `ptah` as a terminal does: a process of its own. */
export function runPtah(argv: readonly string[], options: RunPtahOptions = {}): Promise<Ran> {
  const { INIT_CWD: _, ...env } = process.env;
  const began = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...argv], {
    cwd: options.cwd ?? tmpdir(),
    env: { ...env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  let acted = false;
  let interrupted: number | null = null;
  options.interruptBy?.addEventListener('abort', () => child.kill('SIGINT'), { once: true });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    if (interrupted !== null || !options.interruptAtOut?.test(out)) return;
    interrupted = performance.now();
    child.kill('SIGINT');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
    if (!acted && options.at?.[0].test(err)) {
      acted = true;
      options.at[1]();
    }
    if (interrupted !== null || !options.interruptAt?.test(err)) return;
    interrupted = performance.now();
    child.kill('SIGINT');
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', code => {
      const ended = performance.now();
      const afterInterruptMs = interrupted === null ? 0 : ended - interrupted;
      resolve({ code, out, err, milliseconds: ended - began, afterInterruptMs });
    });
  });
}

export interface TestFolder {
  readonly root: string;
  /** A `PTAH_HOME` of its own. */
  readonly home: string;
  /** Writes files by relative path. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  remove(): Promise<void>;
}

export async function testFolder(name = 'project'): Promise<TestFolder> {
  const top = await mkdtemp(join(tmpdir(), 'ptah-cli-'));
  const root = join(top, name);
  await mkdir(root);
  return {
    root,
    home: join(top, 'home'),
    async write(files) {
      for (const [path, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, path)), { recursive: true });
        await writeFile(join(root, path), text);
      }
    },
    remove: () => rm(top, { recursive: true, force: true }),
  };
}
