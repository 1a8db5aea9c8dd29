import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Operation } from '../types.ts';

export type FileOperation = Extract<Operation, { readonly op: 'file' }>;

/** Larger files are streamed. */
export const smallFile = 512 * 1024;
const chunkSize = 256 * 1024;

export function isSmall(operation: FileOperation): boolean {
  return 'bytes' in operation.source || operation.size <= smallFile;
}

/** The bytes of a small file, or null when they are not those of its hash any more. */
export async function smallBytes({ source, hash, size }: FileOperation): Promise<Uint8Array | null> {
  let bytes: Uint8Array;
  try {
    bytes = 'bytes' in source ? source.bytes : await readFile(source.file);
  } catch {
    return null;
  }
  return bytes.byteLength === size && sha256(bytes) === hash ? bytes : null;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Streams a file to `send`; resolves to whether its bytes were those of the hash. Never sends more than `size`. */
export async function streamBytes(
  { source, hash, size }: FileOperation,
  send: (chunk: Buffer) => Promise<void> | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  if ('bytes' in source) {
    await send(Buffer.from(source.bytes));
    return sha256(source.bytes) === hash;
  }
  const digest = createHash('sha256');
  let length = 0;
  try {
    for await (const chunk of createReadStream(source.file, { highWaterMark: chunkSize, signal })) {
      const bytes = chunk as Buffer;
      length += bytes.length;
      if (length > size) return false;
      digest.update(bytes);
      await send(bytes);
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    return false;
  }
  return length === size && digest.digest('hex') === hash;
}

export const sourceChanged = {
  code: 'source-changed',
  message: 'The file changed while it was read; its new content follows.',
} as const;
