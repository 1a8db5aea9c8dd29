import { PtahError } from '../../../errors/index.ts';
import type { Node } from '../../../targets/index.ts';
import { errnoName } from '../errno.ts';
import type { ChannelLimits } from '../limits.ts';
import { createFrameReader, frame } from './frames.ts';
import { helperSource } from './helper-source.ts';

/** An error of one operation, as the node's kernel told it. */
export class OperationError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const mostUnsent = 1024 * 1024;

interface Waiting {
  readonly onData: ((bytes: Buffer) => void) | undefined;
  readonly resolve: (body: Buffer) => void;
  readonly reject: (error: Error) => void;
}

/** The standing helper of one node, shared by the channels of its containers. */
export interface NodeLink {
  /** A number for a request whose frames are sent by `post`. */
  next(): number;
  /** The answer to a request; `onData` gets what comes before it. */
  answer(id: number, onData?: (bytes: Buffer) => void): Promise<Buffer>;
  /** Resolves when there is room for more. */
  post(id: number, letter: string, ...payload: readonly Uint8Array[]): Promise<void> | undefined;
  /** As `post`; calls `sent` when the payload's memory may be used again. */
  pass(id: number, letter: string, payload: Uint8Array, sent: () => void): Promise<void> | undefined;
  request(letter: string, ...payload: readonly Uint8Array[]): Promise<Buffer>;
  /** Tells when the container that was opened as `id` has ended. */
  onEnd(id: number, ended: () => void): () => void;
  /** Why it is of no use any more. */
  readonly lost: Promise<PtahError>;
  close(): Promise<void>;
}

/** Starts the helper in a node; rejects with `no-helper` where the node cannot run it. */
export async function openNodeLink(
  node: Node,
  limits: ChannelLimits,
  label: string,
  signal?: AbortSignal,
): Promise<NodeLink> {
  const session = await node.attach(['perl', '-e', helperSource, label], signal);
  const waiting = new Map<number, Waiting>();
  const ends = new Map<number, () => void>();
  const lost = Promise.withResolvers<PtahError>();
  const greeted = Promise.withResolvers<void>();
  let broken: PtahError | null = null;
  let count = 0;
  let unsent = 0;
  /** Those who wait for room. */
  const stopped: (() => void)[] = [];
  let corked = false;
  let lastHeard = performance.now();
  let lastPing = lastHeard;

  const read = createFrameReader(({ id, letter, body }) => {
    lastHeard = performance.now();
    if (letter === 'V') return greeted.resolve();
    if (letter === 'X') return ends.get(id)?.();
    const entry = waiting.get(id);
    if (entry === undefined) return;
    if (letter === 'D') return entry.onData?.(body);
    waiting.delete(id);
    if (letter === 'K') entry.resolve(body);
    else entry.reject(new OperationError(errnoName(body.readUInt32BE(0)), body.toString('utf8', 8)));
  });
  session.stdout.on('data', read);
  session.stdin.on('error', () => undefined);
  void session.closed.then(said => fail(said));

  function fail(why: string): void {
    if (broken !== null) return;
    broken = new PtahError(
      'channel-lost',
      `The connection into node ${node.name} ended${why ? `: ${why}` : '.'}`,
    );
    clearInterval(watch);
    for (const entry of waiting.values()) entry.reject(broken);
    waiting.clear();
    for (const go of stopped.splice(0)) go();
    greeted.reject(broken);
    lost.resolve(broken);
    session.close();
  }

  // An answer is due, or none has been asked for in a while: a ping tells a busy helper from a dead one.
  const watch = setInterval(() => {
    const now = performance.now();
    const grace = limits.silence + (unsent / 2 ** 20) * limits.perMiB;
    if (waiting.size > 0 && now - Math.max(lastHeard, firstAsked) > grace)
      return fail(`no answer for ${Math.round(grace / 1000)} s`);
    const quiet = waiting.size > 0 ? limits.silence / 3 : limits.idlePing;
    if (now - Math.max(lastPing, lastHeard) < quiet) return;
    lastPing = now;
    link.request('N').catch(() => undefined);
  }, limits.silence / 5);
  watch.unref();
  let firstAsked = lastHeard;

  function send(pieces: readonly Uint8Array[], sent?: () => void): Promise<void> | undefined {
    if (broken !== null) {
      sent?.();
      return undefined;
    }
    const length = pieces.reduce((sum, { byteLength }) => sum + byteLength, 0);
    unsent += length;
    if (!corked) {
      corked = true;
      session.stdin.cork();
      // What is sent in one turn travels together.
      setImmediate(() => {
        corked = false;
        session.stdin.uncork();
      });
    }
    for (const piece of pieces.slice(0, -1)) session.stdin.write(piece);
    session.stdin.write(pieces.at(-1) ?? '', () => {
      sent?.();
      unsent -= length;
      lastHeard = Math.max(lastHeard, firstAsked);
      if (unsent <= mostUnsent / 2) for (const go of stopped.splice(0)) go();
    });
    // More than a stream's own mark: the next piece of a large file is read while the one before it travels.
    return unsent <= mostUnsent ? undefined : new Promise(go => stopped.push(go));
  }

  const link: NodeLink = {
    lost: lost.promise,
    next: () => (count = (count % 0x7fffffff) + 1),
    answer(id, onData) {
      if (broken !== null) return Promise.reject(broken);
      if (waiting.size === 0) firstAsked = performance.now();
      return new Promise((resolve, reject) => waiting.set(id, { onData, resolve, reject }));
    },
    post: (id, letter, ...payload) => send(frame(id, letter, ...payload)),
    pass: (id, letter, payload, sent) => send(frame(id, letter, payload), sent),
    request(letter, ...payload) {
      const id = link.next();
      const answer = link.answer(id);
      void link.post(id, letter, ...payload);
      return answer;
    },
    onEnd(id, ended) {
      ends.set(id, ended);
      return () => ends.delete(id);
    },
    async close() {
      if (broken === null) {
        broken = new PtahError('channel-lost', 'The channel was closed.');
        clearInterval(watch);
        for (const entry of waiting.values()) entry.reject(broken);
        waiting.clear();
        for (const go of stopped.splice(0)) go();
        lost.resolve(broken);
      }
      session.close();
      await session.closed;
    },
  };

  const timer = setTimeout(() => fail(`it did not start within ${limits.open / 1000} s`), limits.open);
  try {
    await greeted.promise;
  } catch (error) {
    throw new PtahError(
      'no-helper',
      `Node ${node.name} cannot run our helper (perl): ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  } finally {
    clearTimeout(timer);
  }
  return link;
}

/** One link per node, closed when its last channel is. */
export function createNodeLinks(limits: ChannelLimits, label: string) {
  const links = new Map<string, { readonly link: Promise<NodeLink>; users: number }>();
  return {
    async use(node: Node): Promise<{ readonly link: NodeLink; release(): Promise<void> }> {
      let entry = links.get(node.name);
      if (entry === undefined) {
        const opening = openNodeLink(node, limits, label);
        const made = { link: opening, users: 0 };
        entry = made;
        links.set(node.name, made);
        const forget = (): void => {
          if (links.get(node.name) === made) links.delete(node.name);
        };
        opening.then(link => link.lost.then(forget), forget);
      }
      entry.users += 1;
      const used = entry;
      const link = await used.link;
      let released = false;
      return {
        link,
        async release() {
          if (released) return;
          released = true;
          used.users -= 1;
          if (used.users > 0) return;
          if (links.get(node.name) === used) links.delete(node.name);
          await link.close();
        },
      };
    },
  };
}

export type NodeLinks = ReturnType<typeof createNodeLinks>;
