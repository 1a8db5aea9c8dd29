import { pause } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { FollowOptions } from './follow-container.ts';
import { followFiles } from './follow-files.ts';
import type { NewLine } from './log-store.ts';
import { NodeLogFiles } from './node-log-files.ts';
import type { Moment } from './timestamp.ts';

/** After files could not be followed; twice as long each time. */
const AGAIN_MS = 1_000;
const MOST_AGAIN_MS = 120_000;
/** An API server under load breaks a connection now and then. */
const TRIES = 4;
const TRY_AGAIN_MS = 250;
const REFUSALS = ['forbidden', 'unsupported'];

/** The way to a container's log in a flood: over the files of its node, as long as they can be read. */
export class FloodFiles {
  readonly #options: Pick<FollowOptions, 'cluster' | 'place' | 'drained' | 'facts' | 'changed' | 'signal'>;
  /** By performance.now(). */
  #notBefore = 0;
  #failed = 0;

  constructor(
    options: Pick<FollowOptions, 'cluster' | 'place' | 'drained' | 'facts' | 'changed' | 'signal'>,
  ) {
    this.#options = options;
  }

  get mayBeTried(): boolean {
    return performance.now() >= this.#notBefore;
  }

  /**
   * Gives the lines from where `begin` says as long as the flood and the instance last, and how many of them `take` found new. Where the
   * files can't be read any more, the stream has to go on.
   */
  async follow(
    begin: () => { readonly from: number; readonly last: Moment } | null,
    take: (line: NewLine) => boolean,
  ): Promise<number> {
    const { cluster, place, drained, facts, changed, signal } = this.#options;
    const { restarts } = facts();
    const running = (): boolean => facts().running && facts().restarts === restarts;
    let lines = 0;
    for (let failed = 0; !signal.aborted;) {
      const start = begin();
      if (start === null) break;
      const before = lines;
      const ended = new AbortController();
      try {
        await followFiles({
          ...start,
          files: new NodeLogFiles(cluster, place, AbortSignal.any([signal, ended.signal])),
          take: line => {
            if (take(line)) lines++;
          },
          drained: () => drained?.() ?? null,
          running,
          changed,
          signal,
        });
        this.#failed = 0;
        break;
      } catch (error) {
        const isRefused = error instanceof PtahError && REFUSALS.includes(error.code);
        failed = lines > before ? 1 : failed + 1;
        if (!isRefused && failed < TRIES && running()) {
          await pause(TRY_AGAIN_MS, signal);
          continue;
        }
        const most = isRefused ? MOST_AGAIN_MS : AGAIN_MS * 2 ** this.#failed++;
        this.#notBefore = performance.now() + Math.min(MOST_AGAIN_MS, most);
        break;
      } finally {
        ended.abort();
      }
    }
    return lines;
  }
}
