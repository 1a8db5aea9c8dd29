import { dirname, isAbsolute, join } from 'node:path';
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
  const withoutText = new Set<string>();
  const index = withoutNames(options.index, withoutText);
  for (let retries = 0; ;) {
    try {
      return { listing: await listContext({ ...options, exclude, index }), leftOut, problems };
    } catch (error) {
      if (isAbort(error) || !(error instanceof PtahError)) throw error;
      const { file } = error.details;
      if (error.code === 'changed-while-reading' && retries++ < MOST_RETRIES) {
        await setTimeout(5, undefined, { signal: options.signal });
        continue;
      }
      if (file === undefined || file === '.' || isAbsolute(file) || leftOut.length > MOST_LEFT_OUT)
        throw error;
      const path = join(options.root, file);
      if (error.code === 'unreadable' && !leftOut.includes(file)) {
        leftOut.push(file);
        exclude.push(path);
      } else if (error.code === 'unencodable-name' && !withoutText.has(dirname(path))) {
        withoutText.add(dirname(path));
        leftOut.push(file);
      } else throw error;
      problems.push({
        code: error.code,
        severity: 'error',
        message: error.message,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        file,
      });
    }
  }
}

/** The same index, but that some directories have no entries whose names are no text: such a name can't be excluded by its path. */
function withoutNames(index: ContentIndex, directories: ReadonlySet<string>): ContentIndex {
  return {
    ...index,
    list: directory => {
      const entries = index.list(directory);
      if (typeof directory !== 'string' || !directories.has(directory)) return entries;
      return entries.filter(({ name }) => name.text.isWellFormed());
    },
  };
}
