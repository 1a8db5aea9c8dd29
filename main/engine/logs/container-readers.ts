import type { Cluster } from '../cluster/index.ts';
import type { WorkloadsSnapshot } from '../workloads/index.ts';
import { followContainer, type ContainerFacts } from './follow-container.ts';
import { containerSource, factsOf, isHidden, previousSource } from './log-sources.ts';
import type { NewLine } from './log-store.ts';
import { openLog } from './open-log.ts';
import { LineSplitter } from './split-lines.ts';
import { readLine } from './stamped-lines.ts';
import type { LogOptions, LogSourceInfo, LogSourceState } from './types.ts';

export interface ReadersOptions {
  readonly onSource: (source: LogSourceInfo, facts: ContainerFacts) => void;
  readonly onLine: (source: LogSourceInfo, line: NewLine) => void;
  readonly onState: (source: LogSourceInfo, state: LogSourceState, message: string | null) => void;
  /** Whether some source is still reading what was there before. */
  readonly onReady: () => void;
  readonly drained: () => Promise<void> | null;
  /** Resolves when every line that was given is kept. */
  readonly settle: () => Promise<void>;
  readonly signal: AbortSignal;
}

interface Reading {
  readonly source: LogSourceInfo;
  /** Of the pod: another one of the same name is another reading. */
  readonly createdAt: string;
  readonly controller: AbortController;
  facts: ContainerFacts;
  muted: boolean;
  history: boolean;
  wake: Set<() => void>;
}

/** How long the log of a removed pod may still come. */
const LAST_WORDS_MS = 10_000;

/** One reader for each container that the watch of workloads shows, started and ended as containers come and go. */
export class ContainerReaders {
  readonly #options: ReadersOptions;
  readonly #readings = new Map<string, Reading>();
  #settings: LogOptions;
  #cluster: Cluster | null = null;
  /** The first picture was seen: pods that come later are read from their beginning. */
  #seen = false;

  constructor(options: ReadersOptions, settings: LogOptions) {
    this.#options = options;
    this.#settings = settings;
  }

  /** Everything that was there when we came was read. */
  get ready(): boolean {
    return this.#seen && [...this.#readings.values()].every(({ history, muted }) => !history || muted);
  }

  update(cluster: Cluster, snapshot: WorkloadsSnapshot): void {
    this.#cluster = cluster;
    const present = new Set<string>();
    for (const workload of snapshot.workloads)
      for (const pod of workload.pods)
        for (const container of pod.containers) {
          const source = containerSource(workload, pod, container);
          present.add(source.key);
          this.#see(source, pod.createdAt, factsOf(container));
        }
    // without a connection nothing is known of what is missing
    if (snapshot.connected)
      for (const [key, reading] of this.#readings) {
        if (present.has(key) || reading.facts.gone) continue;
        this.#change(reading, { ...reading.facts, gone: true, running: false });
        setTimeout(() => reading.controller.abort(), LAST_WORDS_MS).unref();
      }
    if (snapshot.connected && !this.#seen) {
      this.#seen = true;
      this.#options.onReady();
    }
  }

  /** Other settings: a switched off source ends, one that is on again goes on from now. */
  configure(settings: LogOptions): void {
    const again =
      settings.tail !== this.#settings.tail || settings.sinceSeconds !== this.#settings.sinceSeconds;
    this.#settings = settings;
    // a copy: what is started again stands in the map anew and would be met again
    const before = [...this.#readings];
    for (const [key, reading] of before) {
      const muted = isHidden(reading.source, settings.muted);
      if (!again && muted === reading.muted) continue;
      reading.controller.abort();
      this.#readings.delete(key);
      if (!reading.facts.gone)
        this.#start(reading.source, reading.createdAt, reading.facts, again ? 'settings' : 'now');
    }
  }

  /** Reads what the instance before this one has said. */
  async previous(source: LogSourceInfo): Promise<void> {
    const { namespace, pod, container } = source;
    const { onLine, onState, signal } = this.#options;
    if (this.#cluster === null || namespace === null || pod === null || container === null) return;
    const previous = previousSource(source);
    try {
      onState(previous, 'connecting', null);
      const body = await openLog(this.#cluster, { namespace, pod, container }, { previous: 'true' }, signal);
      const splitter = new LineSplitter();
      const take = (bytes: Buffer, start: number, end: number): void =>
        onLine(previous, readLine(bytes, start, end));
      if (body !== null)
        for await (const piece of body) {
          splitter.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength), take);
          await this.#options.drained();
        }
      const rest = splitter.rest();
      if (rest) take(rest, 0, rest.length);
      await this.#options.settle();
      onState(previous, 'ended', null);
    } catch (error) {
      if (!signal.aborted)
        onState(previous, 'failed', error instanceof Error ? error.message : String(error));
    }
  }

  close(): void {
    for (const { controller } of this.#readings.values()) controller.abort();
    this.#readings.clear();
  }

  #see(source: LogSourceInfo, createdAt: string, facts: ContainerFacts): void {
    const known = this.#readings.get(source.key);
    if (known && known.createdAt === createdAt) {
      this.#change(known, facts);
      return;
    }
    known?.controller.abort();
    this.#start(source, createdAt, facts, this.#seen ? 'birth' : 'settings');
  }

  #change(reading: Reading, facts: ContainerFacts): void {
    const { facts: before } = reading;
    if (JSON.stringify(before) === JSON.stringify(facts)) return;
    reading.facts = facts;
    this.#options.onSource(reading.source, facts);
    for (const wake of reading.wake) wake();
    reading.wake.clear();
  }

  #start(
    source: LogSourceInfo,
    createdAt: string,
    facts: ContainerFacts,
    from: 'settings' | 'birth' | 'now',
  ): void {
    const { onSource, onLine, onState, onReady, drained, signal } = this.#options;
    const cluster = this.#cluster;
    const { namespace, pod, container } = source;
    if (cluster === null || namespace === null || pod === null || container === null) return;
    const controller = new AbortController();
    const both = AbortSignal.any([signal, controller.signal]);
    const muted = isHidden(source, this.#settings.muted);
    const reading: Reading = {
      source,
      createdAt,
      controller,
      facts,
      muted,
      history: !muted,
      wake: new Set(),
    };
    this.#readings.set(source.key, reading);
    onSource(source, facts);
    if (muted) {
      onState(source, 'muted', null);
      return;
    }
    const { tail, sinceSeconds } = this.#settings;
    void followContainer({
      cluster,
      place: { namespace, pod, container },
      tail: from === 'birth' ? null : from === 'now' ? 0 : tail,
      sinceSeconds: from === 'settings' ? sinceSeconds : null,
      fromBirth: from === 'birth',
      facts: () => reading.facts,
      changed: ms => changeOf(reading, ms, both),
      onLine: line => {
        if (!both.aborted) onLine(source, line);
      },
      onState: (state, message) => {
        if (!both.aborted) onState(source, state, message);
      },
      onHistory: () => {
        reading.history = false;
        onReady();
      },
      drained,
      signal: both,
    }).catch((error: unknown) => {
      reading.history = false;
      onReady();
      if (!both.aborted) onState(source, 'failed', error instanceof Error ? error.message : String(error));
    });
  }
}

async function changeOf(reading: Reading, ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>(resolve => {
    const done = (): void => {
      clearTimeout(timer);
      reading.wake.delete(done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    reading.wake.add(done);
    signal.addEventListener('abort', done);
  });
}
