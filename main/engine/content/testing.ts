import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An entry of a recorded tree: see `entry_format` in the golden file. */
export type GoldenEntry =
  | string
  | {
      readonly path?: string;
      readonly path_b64?: string;
      readonly type?: 'file' | 'dir' | 'symlink' | 'many';
      readonly text?: string;
      readonly content_b64?: string;
      readonly repeat?: { readonly text: string; readonly count: number };
      readonly prng?: { readonly seed: number; readonly size: number };
      readonly target?: string;
      readonly mode?: string;
      readonly count?: number;
      readonly dirs?: number;
    };

/** Writes the entries of a recorded case below `root`. */
export function plantTree(root: string, entries: readonly GoldenEntry[]): void {
  for (const entry of entries) plant(root, entry);
}

function plant(root: string, entry: GoldenEntry): void {
  if (typeof entry === 'string') {
    write(join(root, entry), Buffer.from(`${entry}\n`));
    return;
  }
  if (entry.type === 'many') {
    for (let index = 0; index < (entry.count ?? 0); index++) {
      const fill = (text: string): string =>
        text
          .replaceAll('{i}', String(index))
          .replaceAll('{d}', String(index % (entry.dirs ?? 1)))
          .replaceAll('{e}', String(index % 2));
      write(join(root, fill(entry.path ?? '')), Buffer.from(fill(entry.text ?? '')));
    }
    return;
  }
  const path =
    entry.path_b64 === undefined
      ? join(root, entry.path ?? '')
      : Buffer.concat([Buffer.from(`${root}/`), Buffer.from(entry.path_b64, 'base64')]);
  if (entry.type === 'dir') mkdirSync(path, { recursive: true });
  else if (entry.type === 'symlink') {
    makeParent(path);
    symlinkSync((entry.target ?? '').replaceAll('{root}', root), path);
  } else write(path, bytesOf(entry));
  if (entry.mode !== undefined) chmodSync(path, Number.parseInt(entry.mode, 8));
}

function bytesOf(entry: Exclude<GoldenEntry, string>): Buffer {
  if (entry.content_b64 !== undefined) return Buffer.from(entry.content_b64, 'base64');
  if (entry.repeat !== undefined) return Buffer.from(entry.repeat.text.repeat(entry.repeat.count));
  if (entry.prng !== undefined) {
    const bytes = Buffer.alloc(entry.prng.size);
    let x = entry.prng.seed;
    for (let index = 0; index < bytes.length; index++) {
      x = (Math.imul(1664525, x) + 1013904223) >>> 0;
      bytes[index] = x >>> 24;
    }
    return bytes;
  }
  return Buffer.from(entry.text ?? '');
}

function write(path: string | Buffer, bytes: Buffer): void {
  makeParent(path);
  writeFileSync(path, bytes);
}

function makeParent(path: string | Buffer): void {
  if (typeof path === 'string') mkdirSync(dirname(path), { recursive: true });
  else mkdirSync(path.subarray(0, path.lastIndexOf(0x2f)), { recursive: true });
}
