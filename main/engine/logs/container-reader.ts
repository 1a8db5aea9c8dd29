import { setImmediate as turn } from 'node:timers/promises';
import { PtahError } from '../errors/index.ts';
import { FloodWatch } from './flood-watch.ts';
import type { FollowOptions } from './follow-container.ts';
import { followFiles } from './follow-files.ts';
import { GapWatch } from './gap-watch.ts';
import type { NewLine } from './log-store.ts';
import { NodeLogFiles } from './node-log-files.ts';
import { openLog, sinceTimeOf } from './open-log.ts';
import { readRotated } from './rotated-logs.ts';
import { contentHash, SeenLines } from './seen-lines.ts';
import { LineSplitter } from './split-lines.ts';
import { isStamped, readLine } from './stamped-lines.ts';
import type { Moment } from './timestamp.ts';

const SLICE_MS = 4;
/** How long reading rotated files may keep the log waiting. */
const CLOSE_MS = 60_000;
/** Who said less was not rotated: a kubelet does that beyond 10 MiB, where nobody told it otherwise. */
const ROTATED_BYTES = 1024 * 1024;
/** How long a line that came late waits for the one that says whether it is whole. */
const HOLD_MS = 250;
/** After files could not be followed. */
const FILES_AGAIN_MS = 60_000;

/** What one piece of the stream may leave to the next. */
interface Taking {
  /** Came late and waits for the next one: behind the beginning of a line that a rotation cut, the kubelet goes on with another. */
  late: NewLine | null;
  /** The first line behind a gap, and those that came after it. */
  gap: NewLine | null;
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
  #last: Moment | null = null;
  /** First records of files that were given as parts of other lines: should the kubelet read the file again, they are known by this. */
  readonly #firsts = new Set<number>();
  #isFlood = false;
  /** By performance.now(). */
  #filesFrom = 0;

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
      lines += await this.#read(body, true);
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

  async #open(search: Readonly<Record<string, string>>): Promise<ReadableStream<Uint8Array> | null> {
    const { cluster, place, signal } = this.#options;
    return openLog(cluster, place, search, signal);
  }

  #keep(line: NewLine): boolean {
    if (!this.#seen.accept(line.seconds, line.nanos, contentHash(line.bytes, line.start, line.end)))
      return false;
    this.#last = { seconds: line.seconds, nanos: line.nanos };
    this.#options.onLine(line);
    return true;
  }

  async #read(body: ReadableStream<Uint8Array>, following = false): Promise<number> {
    const splitter = new LineSplitter();
    const flood = new FloodWatch(this.#options.floodBytes);
    this.#gaps.opened(Date.now());
    let lines = 0;
    const taking: Taking = { late: null, gap: null, waiting: [] };
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
        splitter.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), take);
        while (taking.gap !== null) {
          clearTimeout(timer);
          const behind = await this.#close(taking.gap, taking.late, keep);
          this.#gaps.closed(taking.gap);
          taking.gap = null;
          taking.late = null;
          if (behind !== null) keep(behind);
          for (const [bytes, start, end] of taking.waiting.splice(0)) take(bytes, start, end);
        }
        await this.#options.drained?.();
        this.#isFlood = following && flood.arrived(piece.length, performance.now());
        this.#isFlood &&= this.readAnything && performance.now() >= this.#filesFrom;
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
        // pieces that are there already come without the event loop having had its turn
        if (performance.now() - began < SLICE_MS) continue;
        await turn();
        began = performance.now();
      }
    } finally {
      clearTimeout(timer);
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
    if (verdict === 'gap') {
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

  #isKnown({ bytes, start, end, seconds, nanos }: NewLine): boolean {
    const content = contentHash(bytes, start, end);
    return this.#firsts.has(content) || this.#seen.has(seconds, nanos, content);
  }

  /**
   * Reads what stands in rotated files only, and says in the log itself where something may be missing for good. Gives the line that
   * stands behind the gap; null where that was the end of one that was given.
   */
  async #close(to: NewLine, before: NewLine | null, keep: (line: NewLine) => void): Promise<NewLine | null> {
    const { cluster, place, drained, signal } = this.#options;
    const from = this.#seen.last ?? before?.seconds ?? 0;
    const last = before ?? this.#last ?? { seconds: from, nanos: 0 };
    this.#seen.begin(from);
    let why: string | null = null;
    let behind: NewLine | null = to;
    let isGiven = false;
    try {
      const both = AbortSignal.any([signal, AbortSignal.timeout(CLOSE_MS)]);
      const read = await readRotated({
        files: new NodeLogFiles(cluster, place, both),
        gap: { from, last, before, to },
        take: line => {
          isGiven ||= line.seconds === before?.seconds && line.nanos === before.nanos;
          keep(line);
        },
        drained: async () => {
          await drained?.();
          await turn();
        },
      });
      behind = read.to;
      if (read.first !== null) this.#firsts.add(contentHash(read.first, 0, read.first.length));
      if (!read.whole) why = 'the node has removed older files of the log';
    } catch (error) {
      if (signal.aborted) throw error;
      if (before !== null && !isGiven) keep(before);
      // who has said so little has not been rotated: it was silent, and what came late is its last word before the pod went
      if (this.#bytes < ROTATED_BYTES) return behind;
      why = error instanceof Error ? error.message : String(error);
    }
    if (why === null) return behind;
    const bytes = Buffer.from(
      `WARN Lines from ${clockOf(from)} to ${clockOf(to.seconds)} UTC may be missing: the node rotated its log faster than it was read, and ${why}`,
    );
    keep({ bytes, start: 0, end: bytes.length, seconds: to.seconds, nanos: to.nanos });
    return behind;
  }

  /** Reads the files of the node as long as the flood lasts. Where they can't be read, the stream goes on. */
  async #followFiles(): Promise<number> {
    const { cluster, place, drained, facts, changed, signal } = this.#options;
    const from = this.#seen.resumeSecond;
    const last = this.#last;
    this.#isFlood = false;
    if (from === null || last === null) return 0;
    const { restarts } = facts();
    let lines = 0;
    this.#seen.begin(from);
    const ended = new AbortController();
    try {
      await followFiles({
        files: new NodeLogFiles(cluster, place, AbortSignal.any([signal, ended.signal])),
        last,
        from,
        take: line => {
          this.#gaps.note(line);
          if (this.#keep(line)) lines++;
        },
        drained: () => drained?.() ?? null,
        running: () => facts().running && facts().restarts === restarts,
        changed,
        signal,
      });
    } catch {
      // The stream goes on where this was, and closes what is missing by its own means.
      this.#filesFrom = performance.now() + FILES_AGAIN_MS;
    } finally {
      ended.abort();
    }
    return lines;
  }
}

const clockOf = (second: number): string => new Date(second * 1000).toISOString().slice(11, 19);
