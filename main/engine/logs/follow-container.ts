import { pause } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import { ContainerReader } from './container-reader.ts';
import type { NewLine } from './log-store.ts';
import type { ContainerPlace } from './open-log.ts';
import type { LogSourceState } from './types.ts';

/** What the watch of pods says of a container at this moment. */
export interface ContainerFacts {
  /** Null before it was started the first time. */
  readonly containerId: string | null;
  readonly restarts: number;
  readonly running: boolean;
  readonly status: string;
  /** The pod is no more. */
  readonly gone: boolean;
}

export interface FollowOptions {
  readonly cluster: Pick<Cluster, 'fetch'>;
  readonly place: ContainerPlace;
  /** Where to begin; null for the beginning of the log. */
  readonly tail: number | null;
  readonly sinceSeconds: number | null;
  readonly facts: () => ContainerFacts;
  /** Resolves at the next change of the facts, at the latest after `ms`. */
  readonly changed: (ms: number) => Promise<void>;
  readonly onLine: (line: NewLine) => void;
  readonly onState: (state: LogSourceState, message: string | null) => void;
  /** Everything that was there before we came has been given. */
  readonly onHistory?: () => void;
  /** The pod is younger than our watch: its earlier instances belong to its log, too. */
  readonly fromBirth?: boolean;
  /** Waited for after each piece: lines must not come faster than they can be kept. */
  readonly drained?: () => Promise<void> | null;
  readonly signal: AbortSignal;
  readonly retryMs?: number;
  /** So much in a second is a flood, which is followed in the files of the node. */
  readonly floodBytes?: number;
}

const MOST_RETRY_MS = 5_000;
/** A container that has ended is told so by the watch; this is only for when the watch is behind. */
const ENDED_LOOK_MS = 30_000;

/** Gives every line of a container once, over broken connections and restarts, until the pod is gone or the signal ends it. */
export async function followContainer(options: FollowOptions): Promise<void> {
  const { facts, changed, signal, onState } = options;
  const retryMs = options.retryMs ?? 300;
  const reader = new ContainerReader(options);
  let failures = 0;
  let began = false;
  while (!signal.aborted) {
    const before = facts();
    // a name that is taken again would give another pod's log
    if (before.gone && began) break;
    if (before.containerId === null) {
      if (before.gone) break;
      onState('waiting', before.status);
      if (!began) options.onHistory?.();
      began = true;
      await changed(ENDED_LOOK_MS);
      continue;
    }
    try {
      if (!reader.readAnything && !reader.sawEmpty) {
        onState('connecting', null);
        await reader.history();
      }
      if (!began) options.onHistory?.();
      began = true;
      const read = await reader.follow(() => onState('following', null));
      failures = read > 0 ? 0 : failures;
    } catch (error) {
      if (signal.aborted) return;
      if (!began) options.onHistory?.();
      began = true;
      if (facts().gone || (error instanceof PtahError && error.code === 'not-found' && before.gone)) break;
      onState('retrying', error instanceof Error ? error.message : String(error));
      await pause(backoff(retryMs, failures++), signal);
      continue;
    }
    if (signal.aborted) return;
    const after = facts();
    const same = after.containerId === before.containerId && after.restarts === before.restarts;
    // the end was read after it had been told: nothing can follow but another instance
    const over = !before.running && same;
    if (over && before.gone) break;
    if (over) onState('ended', after.status);
    if (same) await changed(over ? ENDED_LOOK_MS : backoff(retryMs, failures++));
  }
  if (!signal.aborted) onState('ended', facts().gone ? 'The pod was removed.' : facts().status);
}

const backoff = (firstMs: number, failures: number): number =>
  Math.min(MOST_RETRY_MS, firstMs * 2 ** Math.min(failures, 5)) * (0.75 + Math.random() / 2);
