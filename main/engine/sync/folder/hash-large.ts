import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of a large file, read on the system's threads, so that everything else has its turn between the pieces. */
export async function hashLarge(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, {
    highWaterMark: 1 << 20,
    signal,
  }) as AsyncIterable<Buffer>)
    hash.update(chunk);
  return hash.digest('hex');
}
