import { existsSync } from 'node:fs';
import { readFile, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { totalmem } from 'node:os';
import type { Machine } from './deps.ts';

/** The machine that we run on. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    isRoot: process.getuid?.() === 0,
    readText: path => readFile(path, 'utf8').catch(() => null),
    exists: existsSync,
    async freeBytes(path) {
      let place = path;
      while (!existsSync(place) && dirname(place) !== place) place = dirname(place);
      try {
        const { bavail, bsize } = await statfs(place);
        return bavail * bsize;
      } catch {
        return null;
      }
    },
    memoryBytes: totalmem(),
  };
}
