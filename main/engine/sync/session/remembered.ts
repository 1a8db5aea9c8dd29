import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PtahError } from '../../errors/index.ts';
import type { SwitchTurn } from '../core/switches.ts';

/** What a project's switches were left at. */
export interface Remembered {
  readonly turns: readonly SwitchTurn[];
  readonly automatic: boolean;
}

const nothing: Remembered = { turns: [], automatic: false };

export function rememberedFile(folder: string, identity: string): string {
  return join(folder, 'switches', `${createHash('sha256').update(identity).digest('hex').slice(0, 24)}.json`);
}

/** Nothing is on where nothing can be read. */
export function readRemembered(file: string): Remembered {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof stored !== 'object' || stored === null) return nothing;
    const { turns, automatic } = stored as { readonly turns?: unknown; readonly automatic?: unknown };
    return { turns: Array.isArray(turns) ? turns.filter(isTurn) : [], automatic: automatic === true };
  } catch {
    return nothing;
  }
}

/** Whole or not at all. */
export function writeRemembered(file: string, remembered: Remembered): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify({ version: 1, ...remembered }), { mode: 0o600, flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new PtahError('store-failed', `${file} can't be written: ${(error as Error).message}`, {
      hint: 'The switch is turned, but will not be remembered. Check the space on the disk.',
      details: { file },
      cause: error,
    });
  }
}

function isTurn(value: unknown): value is SwitchTurn {
  if (typeof value !== 'object' || value === null) return false;
  const { scope, on } = value as { readonly scope?: unknown; readonly on?: unknown };
  if (typeof on !== 'boolean' || typeof scope !== 'object' || scope === null) return false;
  const fields = scope as Readonly<Record<string, unknown>>;
  const needed: Readonly<Record<string, readonly string[]>> = {
    project: [],
    image: ['image'],
    workload: ['namespace', 'kind', 'name'],
    pod: ['namespace', 'pod'],
    container: ['namespace', 'pod', 'container'],
  };
  const names = typeof fields.level === 'string' ? needed[fields.level] : undefined;
  return names?.every(name => typeof fields[name] === 'string') ?? false;
}
