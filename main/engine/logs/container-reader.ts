import { setImmediate as turn } from 'node:timers/promises';
import { PtahError } from '../errors/index.ts';
import { closeGap } from './close-gap.ts';
import { FloodFiles } from './flood-files.ts';
import { FloodWatch } from './flood-watch.ts';
import type { FollowOptions } from './follow-container.ts';
import { GapWatch } from './gap-watch.ts';
import type { NewLine } from './log-store.ts';
import { openLog, sinceTimeOf } from './open-log.ts';
import { contentHash, SeenLines } from './seen-lines.ts';
import { LineSplitter } from './split-lines.ts';
import { isStamped, readLine } from './stamped-lines.ts';
import { isBefore, type Moment } from './timestamp.ts';

const SLICE_MS = 4;
/** Who said less was not rotated: a kubelet does that beyond 10 MiB, where nobody told it otherwise. */
const ROTATED_BYTES = 1024 * 1024;
/** How long a line that came late waits for the one that says whether it is whole. */
const HOLD_MS = 250;
/**
 * A stream that gave so much and then nothing for so long is opened once more: a kubelet that has missed the notice of a new file goes on
 * waiting at the end of the old one.
 */
const STALE_BYTES = 4 * 1024 * 1024;
const STALE_MS = 1_000;

/** What one piece of the stream may leave to the next. */
interface Taking {
  /** Came late and waits for the next one: behind the beginning of a line that a rotation cut, the kubelet goes on with another. */
  late: NewLine | null;
  /** The first line behind a gap, and those that came after it. */
  gap: NewLine | null;
  /** By the times; else lines may only have overtaken each other. */
  isSure: boolean;
  waiting: [bytes: Buffer, start: number, end: number][];
}

/** Reads the log of one container, over broken connections, rotations and restarts, and knows where it is. */
export class ContainerReader {
  readonly #options: FollowOptions;
  readonly #seen = new SeenLines();
  readonly #gaps = new GapWatch();
  /** The log was read to its end and had nothing in it. */
  sawEmpty = false;
  /** Of when the history was read. */
  #restarts = 0;
  #bytes = 0;
  /** The line that was given last. */
  #last: (Moment & { readonly content: number }) | null = null;
  /** It has not come again on a new connection, as it does where its file is still the newest. */
  #isResuming = false;
  /** First records of files that were given as parts of other lines: should the kubelet read the file again, they are known by this. */
  readonly #firsts = new Set<number>();
  #isFlood = false;
  readonly #files: FloodFiles;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#files = new FloodFiles(options);
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
      const stale = new AbortController();
      const body = await this.#open({ follow: 'true', ...sinceTimeOf(since) }, stale.signal);
      if (body === null) return lines;
      if (restarted) lines += await this.#previous(since);
      if (this.readAnything) this.#seen.begin(since ?? 0);
      onOpen();
      this.#seen.hold(null);
      this.#isResuming = this.readAnything && this.#bytes >= ROTATED_BYTES;
      lines += await this.#read(body, stale);
    } finally {
      this.#seen.hold(null);
    }
    return this.#isFlood ? lines + (await this.#followFiles()) : lines;
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

  async #open(
    search: Readonly<Record<string, string>>,
    stale?: AbortSignal,
  ): Promise<ReadableStream<Uint8Array> | null> {
    const { cluster, place, signal } = this.#options;
    return openLog(cluster, place, search, stale ? AbortSignal.any([signal, stale]) : signal);
  }

  #keep(line: NewLine): boolean {
    const { seconds, nanos, bytes, start, end } = line;
    const content = contentHash(bytes, start, end);
    if (!this.#seen.accept(seconds, nanos, content)) return false;
    this.#last = { seconds, nanos, content };
    this.#options.onLine(line);
    return true;
  }

  /** `stale` ends a log that is followed; without it, it is read to its end. */
  async #read(body: ReadableStream<Uint8Array>, stale: AbortController | null = null): Promise<number> {
    const following = stale !== null;
    let read = 0;
    let isWaiting = true;
    const silence =
      stale && setTimeout(() => isWaiting && read >= STALE_BYTES && stale.abort(), STALE_MS).unref();
    const splitter = new LineSplitter();
    const flood = new FloodWatch(this.#options.floodBytes);
    this.#gaps.opened(Date.now());
    let lines = 0;
    const taking: Taking = { late: null, gap: null, isSure: false, waiting: [] };
    const keep = (line: NewLine): void => {
      if (this.#keep(line)) lines++;
    };
    const release = (): void => {
      const { late } = taking;
      taking.late = null;
      if (late !== null) keep(late);
    };
    const take = (bytes: Buffer, start: number, end: number): void => {
      if (taking.gap !== null) return void taking.waiting.push([bytes, start, end]);
      const line = readLine(bytes, start, end);
      // what has no time is the kubelet's own word
      if (line.start === start) return keep(line);
      if (following) return this.#takeFollowed(line, taking, keep);
      this.#gaps.note(line);
      keep(line);
    };
    let began = performance.now();
    let timer: NodeJS.Timeout | undefined;
    let timed: NewLine | null = null;
    try {
      for await (const piece of body) {
        this.#gaps.arrived(Date.now());
        this.#bytes += piece.length;
        read += piece.length;
        isWaiting = false;
        splitter.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), take);
        while (taking.gap !== null) {
          clearTimeout(timer);
          const behind = await this.#close(taking.gap, taking, keep);
          this.#gaps.closed(taking.gap);
          taking.gap = null;
          taking.late = null;
          if (behind !== null) keep(behind);
          for (const [bytes, start, end] of taking.waiting.splice(0)) take(bytes, start, end);
        }
        await this.#options.drained?.();
        this.#isFlood = following && flood.arrived(piece.length, performance.now());
        this.#isFlood &&= this.readAnything && this.#files.mayBeTried;
        if (this.#isFlood) {
          // it stands in the files, whole
          taking.late = null;
          break;
        }
        if (timed !== taking.late) {
          clearTimeout(timer);
          timed = taking.late;
          if (timed !== null) timer = setTimeout(release, HOLD_MS);
        }
        isWaiting = true;
        silence?.refresh();
        // pieces that are there already come without the event loop having had its turn
        if (performance.now() - began < SLICE_MS) continue;
        await turn();
        began = performance.now();
      }
    } catch (error) {
      if (!stale?.signal.aborted || this.#options.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
      clearTimeout(silence ?? undefined);
      release();
    }
    // An end in the middle of a line is the container's only when it has ended; else the connection's: it is asked for again.
    const rest = this.#isFlood || this.#options.facts().running ? null : splitter.rest();
    if (rest !== null && isStamped(rest, 0, rest.length)) take(rest, 0, rest.length);
    release();
    return lines;
  }

  #takeFollowed(line: NewLine, taking: Taking, keep: (line: NewLine) => void): void {
    const verdict = this.#gaps.see(line);
    if (verdict === 'gap' || (verdict === 'on' && this.#isResuming && this.#beginsBehind(line))) {
      taking.isSure = verdict === 'gap';
      this.#isResuming = false;
      taking.gap = line;
      return;
    }
    const { late } = taking;
    taking.late = null;
    if (late !== null) keep(late);
    if (verdict === 'again' || (verdict === 'back' && this.#isKnown(line))) {
      this.#gaps.again();
      // of its last second some lines were given, some not
      this.#seen.begin(this.#seen.resumeSecond ?? 0);
    } else if (verdict === 'known') return;
    else if (this.#gaps.isLate(line) && this.readAnything) taking.late = line;
    else keep(line);
  }

  /** Whether a new connection has begun behind the line that was given last: a file was rotated away between. */
  #beginsBehind(line: NewLine): boolean {
    const last = this.#last;
    if (last === null) return false;
    if (isBefore(last, line)) return true;
    const content = contentHash(line.bytes, line.start, line.end);
    if (line.seconds === last.seconds && line.nanos === last.nanos && content === last.content)
      this.#isResuming = false;
    return false;
  }

  #isKnown({ bytes, start, end, seconds, nanos }: NewLine): boolean {
    const content = contentHash(bytes, start, end);
    return this.#firsts.has(content) || this.#seen.has(seconds, nanos, content);
  }

  /** Gives the line that stands behind the gap; null where that was the end of one that was given. */
  async #close(
    to: NewLine,
    { late: before, isSure }: Taking,
    keep: (line: NewLine) => void,
  ): Promise<NewLine | null> {
    const { cluster, place, drained, signal } = this.#options;
    const from = this.#seen.last ?? before?.seconds ?? 0;
    const last = before ?? this.#last ?? { seconds: from, nanos: 0 };
    this.#seen.begin(from);
    const { behind, first } = await closeGap({
      cluster,
      place,
      gap: { from, last, before, to },
      take: keep,
      drained: async () => {
        await drained?.();
        await turn();
      },
      isTold: isSure,
      mayBeRotated: this.#bytes >= ROTATED_BYTES,
      signal,
    });
    if (first !== null) this.#firsts.add(contentHash(first, 0, first.length));
    return behind;
  }

  /** Reads the files of the node as long as the flood lasts. Where they can't be read, the stream goes on. */
  async #followFiles(): Promise<number> {
    this.#isFlood = false;
    return this.#files.follow(
      () => {
        const from = this.#seen.resumeSecond;
        if (from === null || this.#last === null) return null;
        this.#seen.begin(from);
        return { from, last: this.#last };
      },
      line => {
        this.#gaps.note(line);
        return this.#keep(line);
      },
    );
  }
}
