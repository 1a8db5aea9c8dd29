import { setTimeout as sleep } from 'node:timers/promises';
import { toPtahError } from '../errors/index.ts';
import type { RunLogItem, RunView } from '../images/index.ts';
import { runSource } from './log-sources.ts';
import type { NewLine } from './log-store.ts';
import { LineSplitter } from './split-lines.ts';
import { momentOf, type Moment } from './timestamp.ts';
import type { LogSourceInfo, LogSourceState } from './types.ts';

/** Images of one project that were run by hand. */
export interface RunFeed {
  list(signal: AbortSignal): Promise<readonly Pick<RunView, 'id' | 'name' | 'image'>[]>;
  log(id: string, after: number, signal: AbortSignal): AsyncIterable<RunLogItem>;
  /** Whether its log is still here. */
  knows(id: string): boolean;
  /** One started, ended or was dismissed. */
  onChange(listener: () => void): () => void;
}

export interface FollowRunsOptions {
  readonly runs: RunFeed;
  readonly onLine: (source: LogSourceInfo, line: NewLine) => void;
  readonly onState: (source: LogSourceInfo, state: LogSourceState, message: string | null) => void;
  /** It was dismissed, and its log with it. */
  readonly onGone: (source: LogSourceInfo) => void;
  /** They were listed: null, or why they can't be. */
  readonly onListed: (problem: string | null) => void;
  /** Null while there is room. */
  readonly drained: () => Promise<void> | null;
  readonly signal: AbortSignal;
}

const RETRY_MS = 2_000;

/** Gives what images that are run by hand write: of those that run, of those that ended and are remembered, and of all that start. */
export function followRuns(given: FollowRunsOptions): void {
  const { runs, signal } = given;
  const followed = new Map<string, LogSourceInfo>();
  let wanted = false;
  let looking = false;

  async function look(): Promise<void> {
    wanted = true;
    if (looking) return;
    looking = true;
    while (wanted && !signal.aborted) {
      wanted = false;
      // oxlint-disable-next-line no-await-in-loop -- one after the other: the last list is the newest
      await list();
    }
    looking = false;
  }
  async function list(): Promise<void> {
    try {
      for (const { id, name, image } of await runs.list(signal)) {
        if (followed.has(id)) continue;
        const source = runSource(id, image, name);
        followed.set(id, source);
        void follow(id, source);
      }
      given.onListed(null);
    } catch (error) {
      if (signal.aborted) return;
      given.onListed(toPtahError(error).message);
      await sleep(RETRY_MS, undefined, { signal, ref: false }).catch(() => {});
      wanted = true;
    }
    // one that is just ending is in no list, and not gone
    for (const [id, source] of followed) {
      if (runs.knows(id)) continue;
      followed.delete(id);
      given.onGone(source);
    }
  }
  async function follow(id: string, source: LogSourceInfo): Promise<void> {
    const streams = { stdout: new LineSplitter(), stderr: new LineSplitter() };
    let moment = momentOf(Date.now());
    const say = (bytes: Buffer, start: number, end: number, at: Moment): void =>
      given.onLine(source, { bytes, start, end, ...at });
    given.onState(source, 'following', null);
    try {
      for await (const item of runs.log(id, 0, signal)) {
        if (item.type === 'reset') {
          const bytes = Buffer.from(
            'WARN Lines are missing here: the container wrote faster than it was read',
          );
          say(bytes, 0, bytes.length, moment);
        } else if (item.type === 'output') {
          moment = momentOf(item.at);
          streams[item.stream].push(Buffer.from(item.text), (bytes, start, end) =>
            say(bytes, start, end, moment),
          );
          await (given.drained() ?? undefined);
        } else {
          for (const splitter of [streams.stdout, streams.stderr]) {
            const rest = splitter.rest();
            if (rest) say(rest, 0, rest.length, moment);
          }
          given.onState(source, 'ended', item.exitCode === null ? null : `Exit code ${item.exitCode}`);
        }
      }
    } catch (error) {
      if (!signal.aborted) given.onState(source, 'failed', toPtahError(error).message);
    }
  }
  const stop = runs.onChange(() => void look());
  signal.addEventListener('abort', stop, { once: true });
  void look();
}
