import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import { PtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';

/** A small JSON file of ours that several processes read and change. */
export interface StoredFile<T> {
  readonly path: string;
  /** What is stored; the empty value where nothing is, or what was there could not be read (then it was moved aside and is in `problems`). */
  read(): T;
  /** Changes the value under a lock, from what is stored at that moment. */
  update(change: (current: T) => T): Promise<T>;
  /** What was found wrong so far. */
  readonly problems: readonly Problem[];
}

export interface StoredFileOptions<T> {
  readonly path: string;
  /** The shape of version `version`; the number itself is added and checked here. */
  readonly schema: z.ZodType<T>;
  readonly version: number;
  readonly empty: T;
  /** Turns the content of an older version into this one. */
  readonly migrate?: (content: unknown, version: number) => unknown;
}

const noRoom =
  'Check the space on the disk and the permissions of the folder. What was stored before is unharmed.';

const LOCK_PATIENCE_MILLISECONDS = 5000;
const LOCK_STALE_MILLISECONDS = 10_000;

/** Opens the file; nothing is created before the first update. */
export function openStoredFile<T>(options: StoredFileOptions<T>): StoredFile<T> {
  const { path, schema, version, empty } = options;
  const problems: Problem[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  let seen: { readonly signature: string; readonly value: T } | null = null;

  function read(): T {
    const signature = signatureOf(path);
    if (signature === null) return empty;
    if (seen?.signature === signature) return seen.value;
    const value = parse(readText(path));
    if (value === null) return empty;
    seen = { signature, value };
    return value;
  }

  function parse(text: string | null): T | null {
    if (text === null) return null;
    let reason: string;
    try {
      const stored: unknown = JSON.parse(text);
      const found = versionOf(stored);
      if (found > version) throw tooNew(path);
      const content =
        found < version && options.migrate !== undefined ? options.migrate(stored, found) : stored;
      const parsed = schema.safeParse(withoutVersion(content));
      if (parsed.success) return parsed.data;
      reason = parsed.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    } catch (error) {
      if (error instanceof PtahError) throw error;
      reason = error instanceof Error ? error.message : String(error);
    }
    moveAside(path, reason, problems);
    return null;
  }

  async function write(value: T): Promise<void> {
    await mkdir(dirname(path), { recursive: true });
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ version, ...value }, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw new PtahError('store-failed', `${path} can't be written: ${(error as Error).message}`, {
        hint: noRoom,
        details: { file: path },
        cause: error,
      });
    }
    seen = null;
  }

  async function update(change: (current: T) => T): Promise<T> {
    const run = queue.then(async () => {
      await makeFolder(path);
      const release = await lock(`${path}.lock`);
      try {
        // Not from memory: two changes within one tick of the file system's clock look alike.
        seen = null;
        const changed = schema.parse(change(read()));
        await write(changed);
        return changed;
      } finally {
        await release();
      }
    });
    queue = run.catch(() => undefined);
    return run;
  }

  return { path, read, update, problems };
}

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
  } catch (error) {
    throw new PtahError('store-failed', `${dirname(path)} can't be made: ${(error as Error).message}`, {
      hint: 'Set PTAH_HOME to a folder that can be written.',
      details: { file: dirname(path) },
      cause: error,
    });
  }
}

/** Other processes wait for each other by a file that only one of them can create. */
async function lock(path: string): Promise<() => Promise<void>> {
  const own = `${process.pid} ${randomBytes(6).toString('hex')}`;
  const end = Date.now() + LOCK_PATIENCE_MILLISECONDS;
  for (;;) {
    try {
      const file = await open(path, 'wx', 0o600);
      try {
        await file.writeFile(own);
      } catch (error) {
        // on a full disk the lock is made, but cannot be signed
        await unlink(path).catch(() => undefined);
        throw error;
      } finally {
        await file.close();
      }
      return async () => {
        if ((await readFile(path, 'utf8').catch(() => '')) === own) await unlink(path).catch(() => undefined);
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new PtahError('store-failed', `${path} can't be made: ${(error as Error).message}`, {
          hint: noRoom,
          details: { file: path },
          cause: error,
        });
      }
    }
    if (await isStale(path)) await unlink(path).catch(() => undefined);
    else if (Date.now() > end) {
      throw new PtahError('store-busy', 'Another window or terminal holds our settings for too long.', {
        hint: `If none is running, delete ${path}.`,
        details: { file: path },
      });
    } else await wait(10 + Math.random() * 20);
  }
}

async function isStale(path: string): Promise<boolean> {
  try {
    const [{ mtimeMs }, holder] = await Promise.all([stat(path), readFile(path, 'utf8')]);
    const age = Date.now() - mtimeMs;
    if (age > LOCK_STALE_MILLISECONDS) return true;
    const pid = Number(holder.split(' ')[0]);
    // Just created, and not yet signed.
    if (!Number.isInteger(pid) || pid <= 0) return age > 1000;
    return !isRunning(pid);
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function moveAside(path: string, reason: string, problems: Problem[]): void {
  const aside = `${path}.broken-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  let kept = '';
  try {
    renameSync(path, aside);
    kept = ` It was kept as ${aside}.`;
  } catch {
    // Read-only: then it stays where it is.
  }
  problems.push({
    code: 'store-broken',
    severity: 'warning',
    message: `${path} could not be read (${reason}).${kept}`,
    hint: 'We start afresh. Nothing of your projects is lost.',
  });
}

function versionOf(stored: unknown): number {
  const version = typeof stored === 'object' && stored !== null && 'version' in stored ? stored.version : 1;
  return typeof version === 'number' ? version : 1;
}

function withoutVersion(content: unknown): unknown {
  if (typeof content !== 'object' || content === null || Array.isArray(content)) return content;
  return Object.fromEntries(Object.entries(content).filter(([key]) => key !== 'version'));
}

function tooNew(path: string): PtahError {
  return new PtahError('store-too-new', `${path} was written by a newer version of Ptah Desktop.`, {
    hint: 'Update this one, or set PTAH_HOME to another folder.',
    details: { file: path },
  });
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new PtahError('store-failed', `${path} can't be read: ${(error as Error).message}`, {
      details: { file: path },
      cause: error,
    });
  }
}

function signatureOf(path: string): string | null {
  try {
    const { ino, size, mtimeMs } = statSync(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return null;
  }
}
