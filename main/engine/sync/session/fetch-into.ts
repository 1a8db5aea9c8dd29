import { createHash, randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, open, readFile, rename, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PtahError } from '../../errors/index.ts';
import type { TreeEntry } from '../types.ts';

interface FetchRequest {
  /** The project's folder. */
  readonly root: string;
  /** Absolute path of the file to replace. */
  readonly file: string;
  /** What the folder had when the difference was seen. */
  readonly expected: TreeEntry | undefined;
  /** What the container has; undefined when it was deleted there. */
  readonly theirs: TreeEntry | undefined;
  readonly bytes: () => Promise<Uint8Array>;
}

/** Puts the container's file into the folder, whole or not at all, and only over what the folder was known to hold. */
export async function fetchInto({ root, file, expected, theirs, bytes }: FetchRequest): Promise<void> {
  if ((expected && expected.type !== 'file') || (theirs && theirs.type !== 'file'))
    throw new PtahError('not-a-file', `${file} is not a plain file on both sides: decide for your own.`, {
      details: { file },
    });
  await unchanged(file, expected);
  if (!theirs) {
    await unlink(file);
    return;
  }
  const content = await bytes();
  if (sha256(content) !== theirs.hash)
    throw new PtahError('source-changed', `${file} has just changed again in the container.`, {
      hint: 'Fetch it once more.',
      details: { file },
    });
  // a file beside it would be seen as one of the project's: `.ptah` goes to no build
  const folder = join(root, '.ptah');
  const made = await mkdir(folder).then(
    () => true,
    () => false,
  );
  const temporary = join(folder, `fetch-${randomBytes(6).toString('hex')}`);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(temporary, expected?.type === 'file' ? expected.mode : theirs.mode);
    await mkdir(dirname(file), { recursive: true });
    await unchanged(file, expected);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
    if (made) await rmdir(folder).catch(() => {});
  }
}

async function unchanged(file: string, expected: TreeEntry | undefined): Promise<void> {
  const now = await lstat(file).catch(() => null);
  const same = expected
    ? now?.isFile() === true && expected.type === 'file' && sha256(await readFile(file)) === expected.hash
    : now === null;
  if (!same)
    throw new PtahError('file-changed', `${file} has changed since: it is not overwritten.`, {
      hint: 'Compare the two, then send yours or fetch theirs.',
      details: { file },
    });
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
