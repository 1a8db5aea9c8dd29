import { setImmediate as turn } from 'node:timers/promises';
import { pause } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { NewLine } from './log-store.ts';
import { GapWatch } from './gap-watch.ts';
import { readRotated, type Gap } from './rotated-logs.ts';
import { contentHash, SeenLines } from './seen-lines.ts';
import { LineSplitter } from './split-lines.ts';
import { momentOf, parseMoment } from './timestamp.ts';
import type { LogSourceState } from './types.ts';

export interface ContainerPlace {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

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
}

const SLICE_MS = 4;
const MOST_RETRY_MS = 5_000;
/** How long reading rotated files may keep the log waiting. */
const CLOSE_MS = 60_000;
/** Who said less was not rotated: a kubelet does that beyond 10 MiB, where nobody told it otherwise. */
const ROTATED_BYTES = 1024 * 1024;
/** A container that has ended is told so by the watch; this is only for when the watch is behind. */
const ENDED_LOOK_MS = 30_000;

/** Gives every line of a container once, over broken connections and restarts, until the pod is gone or the signal ends it. */
export async function followContainer(options: FollowOptions): Promise<void> {
  const { facts, changed, signal, onState } = options;
  const retryMs = options.retryMs ?? 300;
  const reader = new Reader(options);
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

class Reader {
  readonly #options: FollowOptions;
  readonly #seen = new SeenLines();
  /** The log was read to its end and had nothing in it. */
  sawEmpty = false;
  /** Of when the history was read. */
  #restarts = 0;
  readonly #gaps = new GapWatch();
  #bytes = 0;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  get readAnything(): boolean {
    return this.#seen.resumeSecond !== null;
  }

  async history(): Promise<void> {
    const { tail, sinceSeconds } = this.#options;
    const { restarts } = this.#options.facts();
    this.#restarts = restarts;
    if (this.#options.fromBirth && restarts > 0) await this.#previous(null);
    const body = await this.#open({
      ...(tail !== null && { tailLines: String(tail) }),
      ...(sinceSeconds !== null && { sinceSeconds: String(sinceSeconds) }),
    });
    if (body === null) return;
    await this.#read(body);
    this.sawEmpty = !this.readAnything;
  }

  /** Reads on from where it is until the log ends. Gives how many lines were new. */
  async follow(onOpen: () => void): Promise<number> {
    const since = this.#seen.resumeSecond;
    let lines = 0;
    this.#seen.hold(since ?? 0);
    try {
      // A container that was started again: what its last instance said at the end is in the previous log. It is asked for before
      // and after the new one was opened, for an instance may begin and end between two requests.
      const restarted = since !== null || this.#options.facts().restarts > this.#restarts;
      if (restarted) lines += await this.#previous(since);
      const body = await this.#open({ follow: 'true', ...sinceTimeOf(since) });
      if (body === null) return lines;
      if (restarted) lines += await this.#previous(since);
      if (this.readAnything) this.#seen.begin(since ?? 0);
      onOpen();
      this.#seen.hold(null);
      return lines + (await this.#read(body, true));
    } finally {
      this.#seen.hold(null);
    }
  }

  async #previous(since: number | null): Promise<number> {
    if (this.readAnything) this.#seen.begin(since ?? 0);
    const body = await this.#open({ previous: 'true', ...sinceTimeOf(since) }).catch((error: unknown) => {
      // it was never started before, or its log is gone already
      if (error instanceof PtahError && (error.code === 'not-ready' || error.code === 'not-found'))
        return null;
      throw error;
    });
    return body === null ? 0 : this.#read(body);
  }

  async #open(search: Readonly<Record<string, string>>): Promise<ReadableStream<Uint8Array> | null> {
    const { cluster, place, signal } = this.#options;
    return openLog(cluster, place, search, signal);
  }

  async #read(body: ReadableStream<Uint8Array>, following = false): Promise<number> {
    const splitter = new LineSplitter();
    this.#gaps.opened(Date.now());
    let lines = 0;
    const held: { gap: Gap | null; lines: [bytes: Buffer, start: number, end: number][] } = {
      gap: null,
      lines: [],
    };
    const keep = (line: NewLine): void => {
      if (!this.#seen.accept(line.seconds, line.nanos, contentHash(line.bytes, line.start, line.end))) return;
      lines++;
      this.#options.onLine(line);
    };
    const take = (bytes: Buffer, start: number, end: number): void => {
      if (held.gap !== null) return void held.lines.push([bytes, start, end]);
      const line = readLine(bytes, start, end);
      // what has no time is the kubelet's own word
      if (line.start === start) return keep(line);
      if (!following) {
        this.#gaps.note(line);
        return keep(line);
      }
      switch (this.#gaps.see(line)) {
        case 'gap':
          held.gap = { from: this.#seen.last ?? 0, to: line };
          held.lines = [[bytes, start, end]];
          return undefined;
        case 'again':
          // of its last second some lines were given, some not
          this.#seen.begin(this.#seen.resumeSecond ?? 0);
          return undefined;
        case 'known':
          return undefined;
        case 'on':
          return keep(line);
      }
    };
    let began = performance.now();
    for await (const piece of body) {
      this.#gaps.arrived(Date.now());
      this.#bytes += piece.length;
      splitter.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), take);
      while (held.gap !== null) {
        await this.#close(held.gap, keep);
        held.gap = null;
        for (const [bytes, start, end] of held.lines.splice(0)) take(bytes, start, end);
      }
      await this.#options.drained?.();
      // pieces that are there already come without the event loop having had its turn
      if (performance.now() - began < SLICE_MS) continue;
      await turn();
      began = performance.now();
    }
    // An end in the middle of a line is the container's only when it has ended; else the connection's: it is asked for again.
    const rest = this.#options.facts().running ? null : splitter.rest();
    if (rest !== null && parseMoment(firstWord(rest, 0, rest.length)) !== null) take(rest, 0, rest.length);
    return lines;
  }

  /** Reads what stands in rotated files only, and says in the log itself where something may be missing for good. */
  async #close(gap: Gap, keep: (line: NewLine) => void): Promise<void> {
    const { cluster, place, drained, signal } = this.#options;
    this.#seen.begin(gap.from);
    let why: string | null = null;
    try {
      const whole = await readRotated({
        cluster,
        place,
        gap,
        take: (bytes, start, end) => keep(readLine(bytes, start, end)),
        drained: async () => {
          await drained?.();
          await turn();
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(CLOSE_MS)]),
      });
      if (!whole) why = 'the node has removed older files of the log';
    } catch (error) {
      if (signal.aborted) throw error;
      // who has said so little has not been rotated: it was silent, and what came late is its last word before the pod went
      if (this.#bytes < ROTATED_BYTES) return;
      why = error instanceof Error ? error.message : String(error);
    }
    if (why === null) return;
    const bytes = Buffer.from(
      `WARN Lines from ${clockOf(gap.from)} to ${clockOf(gap.to.seconds)} UTC may be missing: the node rotated its log faster than it was read, and ${why}`,
    );
    keep({ bytes, start: 0, end: bytes.length, seconds: gap.to.seconds, nanos: gap.to.nanos });
  }
}

/** The raw log with a time at each line. Null when the container has none yet. */
export async function openLog(
  cluster: Pick<Cluster, 'fetch'>,
  { namespace, pod, container }: ContainerPlace,
  search: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | null> {
  const query = new URLSearchParams({ container, timestamps: 'true', ...search });
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query.toString()}`;
  const response = await cluster.fetch(path, { signal });
  if (response.status === 200) return response.body;
  const said = (await response.text()).slice(0, 4_096);
  const message = messageOf(said);
  const code =
    response.status === 404
      ? 'not-found'
      : response.status === 403
        ? 'forbidden'
        : response.status === 400
          ? 'not-ready'
          : 'unreachable';
  throw new PtahError(code, `The log of ${pod}/${container} can't be read: ${message}`, {
    details: { status: response.status },
  });
}

function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed) return String(parsed.message);
  } catch {
    // plain text
  }
  return body.trim() || 'no reason given';
}

/** The second of the line before, as text with its point, and as a number: thousands of lines share it. */
const lastSecond = { text: Buffer.alloc(20), seconds: -1 };
const STAMP = '2026-01-02T03:04:05.123456789Z '.length;

/** Takes the time off a line's beginning. Whatever has none is the kubelet's own word. */
export function readLine(bytes: Buffer, start: number, end: number): NewLine {
  const nanos = end - start >= STAMP ? nanosOf(bytes, start) : -1;
  if (nanos >= 0 && bytes.compare(lastSecond.text, 0, 20, start, start + 20) === 0)
    return { bytes, start: start + STAMP, end, seconds: lastSecond.seconds, nanos };
  const word = firstWord(bytes, start, end);
  const moment = parseMoment(word);
  if (moment !== null && nanos >= 0) {
    bytes.copy(lastSecond.text, 0, start, start + 20);
    lastSecond.seconds = moment.seconds;
  }
  if (moment === null) return { bytes, start, end, ...momentOf(Date.now()) };
  return { bytes, start: Math.min(end, start + word.length + 1), end, ...moment };
}

/** The nine digits before `Z` and a space; -1 where something else stands. */
function nanosOf(bytes: Buffer, start: number): number {
  if (bytes[start + 29] !== 0x5a || bytes[start + 30] !== 0x20) return -1;
  let nanos = 0;
  for (let at = start + 20; at < start + 29; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    nanos = nanos * 10 + digit;
  }
  return nanos;
}

function firstWord(bytes: Buffer, start: number, end: number): string {
  let stop = start;
  const most = Math.min(end, start + 36);
  while (stop < most && bytes[stop] !== 0x20) stop++;
  return bytes.toString('latin1', start, stop);
}

const clockOf = (second: number): string => new Date(second * 1000).toISOString().slice(11, 19);

const sinceTimeOf = (since: number | null): Readonly<Record<string, string>> =>
  since === null ? {} : { sinceTime: `${new Date(since * 1000).toISOString().slice(0, 19)}Z` };

const backoff = (firstMs: number, failures: number): number =>
  Math.min(MOST_RETRY_MS, firstMs * 2 ** Math.min(failures, 5)) * (0.75 + Math.random() / 2);
