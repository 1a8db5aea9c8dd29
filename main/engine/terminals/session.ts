import { isAbort, PtahError, toPtahError } from '../errors/index.ts';
import { createScrollback } from './scrollback.ts';
import type {
  TerminalBackend,
  TerminalConnection,
  TerminalInfo,
  TerminalItem,
  TerminalPlace,
  TerminalSize,
} from './types.ts';

const scrollbackBytes = 1024 * 1024;
/** One item on the wire, before base64. */
const itemBytes = 32 * 1024;
/** How far the shell may be ahead of the view that keeps up best. Without views nothing is held back. */
const aheadBytes = 256 * 1024;
/** Input that the container has not taken; a paste larger than this is refused, not cut. */
const pendingLimit = 8 * 1024 * 1024;

/** One terminal: owned here, looked at by any number of views. */
export interface Session {
  readonly info: TerminalInfo;
  input(data: Uint8Array, signal?: AbortSignal): Promise<void>;
  resize(size: TerminalSize): void;
  reconnect(): void;
  /** Goes on in another backend, e.g. a debug container; the old one is disposed of. */
  use(backend: TerminalBackend, said: string): void;
  attach(after: number, signal: AbortSignal): AsyncIterable<TerminalItem>;
  close(): Promise<void>;
}

interface View {
  at: number;
}

export function createSession(
  id: string,
  place: TerminalPlace,
  first: TerminalSize,
  backend: TerminalBackend,
  onChange: (info: TerminalInfo) => void,
): Session {
  const scrollback = createScrollback(scrollbackBytes);
  const views = new Set<View>();
  const closing = new AbortController();
  const waiting = new Set<() => void>();
  let into = backend;
  let connection: TerminalConnection | null = null;
  let run: AbortController | null = null;
  let pending = 0;
  let version = 0;
  let running: Promise<void> = Promise.resolve();
  let info: TerminalInfo = {
    id,
    projectId: place.projectId,
    namespace: place.namespace,
    pod: place.pod,
    container: place.container,
    state: 'starting',
    message: null,
    exitCode: null,
    shell: null,
    cols: first.cols,
    rows: first.rows,
    openedAt: new Date().toISOString(),
  };

  function wake(): void {
    const all = [...waiting];
    waiting.clear();
    for (const one of all) one();
  }
  function say(change: Partial<TerminalInfo>): void {
    info = { ...info, ...change };
    version += 1;
    onChange(info);
    wake();
  }
  /** A line of ours between those of the shell: it belongs to the story and is replayed with it. */
  function note(text: string): void {
    const fresh = scrollback.end === 0 ? '' : '\r\n';
    scrollback.append(Buffer.from(`\u001b[0m${fresh}\u001b[2m── ${text}\u001b[0m\r\n`, 'utf8'));
    wake();
  }
  const mayRead = (): boolean => {
    if (views.size === 0) return true;
    const best = Math.max(...[...views].map(({ at }) => at));
    return scrollback.end - best < aheadBytes;
  };

  function start(): void {
    run?.abort();
    const mine = new AbortController();
    run = mine;
    const signal = AbortSignal.any([mine.signal, closing.signal]);
    running = running.then(() => live(signal)).catch(() => undefined);
  }

  async function live(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      say({ state: 'starting', message: null, exitCode: null, shell: null });
      const opened = await openOnce(signal);
      if (opened === null) return;
      connection = opened;
      const stop = (): void => void opened.close();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      say({ state: 'running', message: null, shell: opened.shell, pod: opened.place });
      // the window may have been made larger while a shell was looked for
      opened.resize(info.cols, info.rows);
      await drain(opened);
      const exit = await opened.exit;
      connection = null;
      signal.removeEventListener('abort', stop);
      if (signal.aborted) return opened.close();
      const loss = (await into.judge?.(exit, signal)) ?? { kind: 'ended' as const, reason: exit.reason };
      if (signal.aborted) return;
      if (loss.kind === 'ended')
        return say({
          state: 'ended',
          exitCode: exit.exitCode,
          message: exit.exitCode === null ? loss.reason : null,
        });
      if (loss.reason !== null) note(loss.reason);
      if (loss.kind === 'lost')
        return say({
          state: 'lost',
          exitCode: exit.exitCode,
          message: loss.reason ?? 'The connection broke.',
        });
    }
  }

  async function openOnce(signal: AbortSignal): Promise<TerminalConnection | null> {
    try {
      const before = info.pod;
      const opened = await into.open(info, signal, message => say({ message }));
      if (opened.place !== before) note(`Now in pod ${opened.place}.`);
      return opened;
    } catch (error) {
      if (signal.aborted && isAbort(error)) return null;
      const { code, message } = toPtahError(error);
      if (!signal.aborted) say({ state: code === 'no-shell' ? 'no-shell' : 'failed', message });
      return null;
    }
  }

  /** Takes what the shell writes, as fast as the best view takes it from us. */
  async function drain({ output }: TerminalConnection): Promise<void> {
    try {
      for await (const chunk of output) {
        scrollback.append(chunk as Buffer);
        wake();
        while (!closing.signal.aborted && !mayRead()) await next();
      }
    } catch {
      // how it ended is told by `exit`
    }
  }

  const next = (): Promise<void> => new Promise(resolve => waiting.add(resolve));

  start();
  return {
    get info() {
      return info;
    },
    async input(data, signal) {
      const to = connection;
      if (to === null || info.state !== 'running')
        throw new PtahError('not-running', 'No shell runs in this terminal.', {
          hint: 'Connect again first.',
        });
      if (pending + data.length > pendingLimit)
        throw new PtahError('too-much-input', 'The program in the terminal does not take its input.', {
          hint: 'Wait until it does, or press Ctrl+C in it.',
        });
      pending += data.length;
      try {
        await new Promise<void>((resolve, reject) => {
          const give = (): void => reject(new PtahError('cancelled', 'Cancelled.'));
          signal?.addEventListener('abort', give, { once: true });
          to.input.write(data, error => {
            signal?.removeEventListener('abort', give);
            if (error) reject(new PtahError('not-running', 'The shell is gone.', { cause: error }));
            else resolve();
          });
        });
      } finally {
        pending -= data.length;
      }
    },
    resize({ cols, rows }) {
      if (cols === info.cols && rows === info.rows) return;
      connection?.resize(cols, rows);
      say({ cols, rows });
    },
    reconnect() {
      if (info.state === 'starting' || info.state === 'running' || closing.signal.aborted) return;
      start();
    },
    use(other, said) {
      const old = into;
      into = other;
      note(said);
      void old.dispose?.();
      start();
    },
    async *attach(after, signal) {
      const view: View = { at: after };
      views.add(view);
      const stop = (): void => wake();
      signal.addEventListener('abort', stop, { once: true });
      let told = -1;
      try {
        while (!signal.aborted) {
          // the state first: a view has to know the size before it draws
          if (told !== version) {
            told = version;
            yield { type: 'state', terminal: info, end: scrollback.end };
            continue;
          }
          if (view.at < scrollback.start || view.at > scrollback.end) {
            view.at = scrollback.start;
            wake();
            yield { type: 'reset', from: view.at };
            continue;
          }
          const bytes = scrollback.read(view.at, itemBytes);
          if (bytes.length > 0) {
            const from = view.at;
            view.at += bytes.length;
            wake();
            yield { type: 'output', from, data: bytes.toString('base64') };
            continue;
          }
          if (closing.signal.aborted) return;
          await next();
        }
      } finally {
        signal.removeEventListener('abort', stop);
        views.delete(view);
        wake();
      }
    },
    async close() {
      closing.abort();
      wake();
      await connection?.close();
      await running;
      await into.dispose?.();
      wake();
    },
  };
}
