import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';

export interface Asset {
  /** Absolute; certainly inside the folder. */
  readonly file: string;
  readonly type: string;
  readonly size: number;
  /** Its name holds the hash of its content: it may be kept for ever. */
  readonly immutable: boolean;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

/**
 * The file that a path of the page means; null for whatever is not plainly a file of the bundle. Links are followed before it
 * is decided whether the file is inside; source maps are not served.
 */
export async function findAsset(root: string, pathname: string): Promise<Asset | null> {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return null;
  }
  if (!path.startsWith('/') || /[^\w./@+~-]/.test(path)) return null;
  const parts = path.split('/').slice(1);
  if (parts.length === 1 && parts[0] === '') parts[0] = 'index.html';
  // no dot files, no `..`, no empty part
  if (parts.some(part => part === '' || part.startsWith('.'))) return null;
  const type = types[extname(path === '/' ? 'index.html' : path).toLowerCase()];
  if (type === undefined) return null;
  try {
    const inside = await realpath(root);
    const file = await realpath(join(inside, ...parts));
    const info = await stat(file);
    if (!file.startsWith(inside + sep) || !info.isFile()) return null;
    return { file, type, size: info.size, immutable: parts[0] === 'assets' };
  } catch {
    return null;
  }
}
