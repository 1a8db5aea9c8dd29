import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Stats } from 'node:fs';
import type { FilePath } from './file-name.ts';
import { SMALL } from './file-facts.ts';

// A pipe put where a file was must not make us wait for its writer.
export const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** A buffer that `readSmall` can read into. */
export function smallBuffer(): Buffer {
  return Buffer.allocUnsafe(SMALL + 1);
}

/** Reads a file into `buffer`; null when it is too large for that. */
export function readSmall(
  path: FilePath,
  buffer: Buffer,
): { readonly stats: Stats; readonly bytes: Buffer } | null {
  const file = openSync(path, OPEN_FLAGS);
  try {
    const stats = fstatSync(file);
    if (stats.size > SMALL) return null;
    let filled = 0;
    for (;;) {
      const got = readSync(file, buffer, filled, buffer.length - filled, null);
      filled += got;
      if (got === 0 || filled === stats.size) break;
      // It grew while it was read.
      if (filled > SMALL) return null;
    }
    return { stats, bytes: buffer.subarray(0, filled) };
  } finally {
    closeSync(file);
  }
}

/** As `readSmall`, of a file about which nothing else is wanted: a call of the system less. */
export function readSmallBytes(path: FilePath, buffer: Buffer): Buffer | null {
  const file = openSync(path, OPEN_FLAGS);
  try {
    for (let filled = 0; ;) {
      const got = readSync(file, buffer, filled, buffer.length - filled, null);
      filled += got;
      if (got === 0) return buffer.subarray(0, filled);
      if (filled > SMALL) return null;
    }
  } finally {
    closeSync(file);
  }
}
