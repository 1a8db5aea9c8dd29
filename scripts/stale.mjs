// Is a build older than its sources? First by path, size and time (a few milliseconds), then by content,
// so that a `git checkout` back and forth costs no build.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './places.mjs';

const notSource = /\.(test|spec|docker\.test|cluster\.test)\.tsx?$|[\\/]golden[\\/]/;

/** A fingerprint of `sources` (files or folders of the checkout), to be compared with the one in `stampFile`. */
export function fingerprint(sources) {
  const files = sources.flatMap(source => list(join(root, source))).sort();
  const quick = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    quick.update(`${relative(root, file)}\0${size}\0${mtimeMs}\n`);
  }
  return { files, quick: quick.digest('hex') };
}

/** True when what `stampFile` recorded is no longer what `sources` are. */
export function isStale(stampFile, sources) {
  if (!existsSync(stampFile)) return true;
  const recorded = JSON.parse(readFileSync(stampFile, 'utf8'));
  const now = fingerprint(sources);
  if (recorded.quick === now.quick) return false;
  if (recorded.content !== contentOf(now.files)) return true;
  writeStamp(stampFile, now);
  return false;
}

/** Records what a build was made of; `taken` is the fingerprint from before it began. */
export function writeStamp(stampFile, taken) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, JSON.stringify({ quick: taken.quick, content: contentOf(taken.files) }));
}

function contentOf(files) {
  const digest = createHash('sha256');
  for (const file of files)
    if (existsSync(file)) digest.update(`${relative(root, file)}\0`).update(readFileSync(file));
  return digest.digest('hex');
}

function list(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .filter(file => !notSource.test(file));
}
