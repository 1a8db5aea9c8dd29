import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PtahError } from '../errors/index.ts';
import type { ForwardTarget } from './types.ts';

export interface SavedForward {
  readonly target: ForwardTarget;
  readonly port: number | string;
  readonly localPort: number;
  readonly on: boolean;
  readonly web: boolean;
  /** Made by *forward all*: goes when all are switched off. */
  readonly fromAll: boolean;
}

export interface Saved {
  readonly forwards: readonly SavedForward[];
  readonly api: boolean;
  readonly startWithProject: boolean;
}

const nothing: Saved = { forwards: [], api: false, startWithProject: false };

export function savedFile(folder: string, projectId: string): string {
  return join(
    folder,
    'forwards',
    `${createHash('sha256').update(projectId).digest('hex').slice(0, 24)}.json`,
  );
}

/** What can't be read is as if nothing had been saved. */
export function readSaved(file: string): Saved {
  try {
    const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof stored !== 'object' || stored === null) return nothing;
    const { forwards, api, startWithProject } = stored as Readonly<Record<string, unknown>>;
    return {
      forwards: Array.isArray(forwards) ? forwards.filter(isSaved) : [],
      api: api === true,
      startWithProject: startWithProject === true,
    };
  } catch {
    return nothing;
  }
}

/** Whole or not at all. */
export function writeSaved(file: string, saved: Saved): void {
  const temporary = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, JSON.stringify({ version: 1, ...saved }), { mode: 0o600, flush: true });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw new PtahError('store-failed', `${file} can't be written: ${(error as Error).message}`, {
      hint: 'The forward works, but will not be remembered. Check the space on the disk.',
      details: { file },
      cause: error,
    });
  }
}

function isSaved(value: unknown): value is SavedForward {
  if (typeof value !== 'object' || value === null) return false;
  const { target, port, localPort, on, web, fromAll } = value as Readonly<Record<string, unknown>>;
  if (typeof target !== 'object' || target === null) return false;
  const names = target as Readonly<Record<string, unknown>>;
  return (
    ['apiVersion', 'kind', 'namespace', 'name'].every(key => typeof names[key] === 'string') &&
    (typeof port === 'string' || isPort(port)) &&
    isPort(localPort) &&
    [on, web, fromAll].every(flag => typeof flag === 'boolean')
  );
}

const isPort = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65_535;
