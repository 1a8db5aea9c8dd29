import type { Cluster } from '../cluster/index.ts';
import type { NewLine } from './log-store.ts';
import { NodeLogFiles } from './node-log-files.ts';
import type { ContainerPlace } from './open-log.ts';
import { readRotated, type Gap, type GapRead } from './rotated-logs.ts';

export interface CloseGapOptions {
  readonly cluster: Pick<Cluster, 'fetch'>;
  readonly place: ContainerPlace;
  readonly gap: Gap;
  readonly take: (line: NewLine) => void;
  readonly drained: () => Promise<unknown>;
  /** What may be missing is said in the log. */
  readonly isTold: boolean;
  /** So much was said that the log can have been rotated. */
  readonly mayBeRotated: boolean;
  readonly signal: AbortSignal;
}

/** How long reading rotated files may keep the log waiting. */
const CLOSE_MS = 60_000;

/**
 * Reads what stands in rotated files only, and says in the log itself where something may be missing for good. `behind` is the line
 * behind the gap; null where it was the end of one that was given.
 */
export async function closeGap(
  options: CloseGapOptions,
): Promise<{ readonly behind: NewLine | null; readonly first: Buffer | null }> {
  const { cluster, place, gap, take, drained, isTold, mayBeRotated, signal } = options;
  const { before, from, to } = gap;
  let isGiven = before === null;
  let why: string;
  let read: Omit<GapRead, 'whole'> = { to, first: null };
  const done = (): Awaited<ReturnType<typeof closeGap>> => ({ behind: read.to, first: read.first });
  try {
    const both = AbortSignal.any([signal, AbortSignal.timeout(CLOSE_MS)]);
    const { whole, ...rest } = await readRotated({
      files: new NodeLogFiles(cluster, place, both),
      gap,
      take: line => {
        isGiven ||= line.seconds === before?.seconds && line.nanos === before.nanos;
        take(line);
      },
      drained,
    });
    read = rest;
    if (whole || !isTold) return done();
    why = 'the node has removed older files of the log';
  } catch (error) {
    if (signal.aborted) throw error;
    if (before !== null && !isGiven) take(before);
    // who has said so little has not been rotated: it was silent, and what came late is its last word before the pod went
    if (!mayBeRotated || !isTold) return done();
    why = error instanceof Error ? error.message : String(error);
  }
  const bytes = Buffer.from(
    `WARN Lines from ${clockOf(from)} to ${clockOf(to.seconds)} UTC may be missing: the node rotated its log faster than it was read, and ${why}`,
  );
  take({ bytes, start: 0, end: bytes.length, seconds: to.seconds, nanos: to.nanos });
  return done();
}

const clockOf = (second: number): string => new Date(second * 1000).toISOString().slice(11, 19);
