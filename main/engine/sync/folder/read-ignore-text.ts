import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { HALF_WRITTEN_MILLISECONDS } from './read-images.ts';

/** The ignore file that counts, as in BuildKit; null where there is none. An empty one may be half-written, so it is waited for, unless it was empty before. */
export async function readIgnoreText(
  context: string,
  dockerfile: string,
  before: string | null,
  signal: AbortSignal,
): Promise<string | null> {
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const path = join(context, name);
    try {
      const text = await readFile(path, 'utf8');
      if (text !== '' || before === '') return text;
      await setTimeout(HALF_WRITTEN_MILLISECONDS, undefined, { signal });
      return await readFile(path, 'utf8');
    } catch {
      signal.throwIfAborted();
      // Why it can't be read is the listing's to say.
    }
  }
  return null;
}
