import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { listContext } from '../../content/index.ts';
import type { ContentIndex, ContextListing } from '../../content/index.ts';
import { PtahError, isAbort } from '../../errors/index.ts';
import type { Problem } from '../../errors/index.ts';

const MOST_LEFT_OUT = 100;
const MOST_RETRIES = 40;

/** A listing without what can't be read. */
export interface TolerantListing {
  readonly listing: ContextListing;
  /** Relative to the context: neither these nor what is below them are known. */
  readonly leftOut: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Lists a context although some of it can't be read or has a name that is no text: a build would refuse such a context, but the files
 * next to it are still worth keeping equal. What vanishes while it is being read is looked for again.
 */
export async function listContextTolerantly(options: {
  readonly root: string;
  readonly dockerfile: string;
  readonly exclude: readonly string[];
  readonly index: ContentIndex;
  readonly signal: AbortSignal;
}): Promise<TolerantListing> {
  const exclude = [...options.exclude];
  const leftOut: string[] = [];
  const problems: Problem[] = [];
  for (let retries = 0; ;) {
    try {
      return { listing: await listContext({ ...options, exclude }), leftOut, problems };
    } catch (error) {
      if (isAbort(error) || !(error instanceof PtahError)) throw error;
      const { file } = error.details;
      if (error.code === 'changed-while-reading' && retries++ < MOST_RETRIES) {
        await setTimeout(5, undefined, { signal: options.signal });
        continue;
      }
      const names =
        file === undefined || file === '.' || file.startsWith('/')
          ? []
          : error.code === 'unreadable'
            ? [file]
            : error.code === 'unencodable-name'
              ? unencodable(options, file)
              : [];
      const added = names.filter(name => !leftOut.includes(name));
      if (added.length === 0 || leftOut.length > MOST_LEFT_OUT) throw error;
      leftOut.push(...added);
      exclude.push(...added.map(name => join(options.root, name)));
      problems.push({
        code: error.code,
        severity: 'error',
        message: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        ...(file === undefined ? {} : { file }),
      });
    }
  }
}

/** All names in the directory that are no UTF-8: one of them was met. */
function unencodable({ root, index }: { root: string; index: ContentIndex }, file: string): string[] {
  const parent = dirname(file);
  return index
    .list(parent === '.' ? root : join(root, parent))
    .map(({ name }) => name.text)
    .filter(name => !name.isWellFormed())
    .map(name => (parent === '.' ? name : `${parent}/${name}`));
}
