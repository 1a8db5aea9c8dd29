import { StringDecoder } from 'node:string_decoder';
import type { RunLogItem } from './types.ts';

const mostBytes = 4 * 1024 * 1024;
const pieceBytes = 64 * 1024;
/** Writes that are further apart have times of their own. */
const pieceMs = 5;

type Output = Extract<RunLogItem, { readonly type: 'output' }>;

/** What a container wrote, the latest of it, for any number of views. */
export interface RunLog {
  /** `at` in milliseconds since 1970; now, where nothing else is known. */
  write(stream: 'stdout' | 'stderr', bytes: Buffer, at?: number): void;
  end(exitCode: number | null): void;
  readonly ended: boolean;
  /** From the piece after `after`; to the end of the container. */
  follow(after: number, signal: AbortSignal): AsyncGenerator<RunLogItem>;
}

export function createRunLog(): RunLog {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  let pieces: Output[] = [];
  let bytes = 0;
  let next = 1;
  let over: { readonly exitCode: number | null } | null = null;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    const all = [...waiting];
    waiting.clear();
    for (const one of all) one();
  };
  function add(stream: 'stdout' | 'stderr', text: string, at: number): void {
    if (text === '') return;
    const last = pieces.at(-1);
    // many small writes are one piece, as long as nobody can have it
    if (
      last !== undefined &&
      last.stream === stream &&
      waiting.size === 0 &&
      last.seq > handed &&
      Math.abs(at - last.at) < pieceMs &&
      last.text.length < pieceBytes
    )
      pieces[pieces.length - 1] = { ...last, text: last.text + text };
    else pieces.push({ type: 'output', seq: next++, at, stream, text });
    bytes += text.length;
    while (bytes > mostBytes && pieces.length > 1) bytes -= pieces.shift()?.text.length ?? 0;
    wake();
  }
  let handed = 0;
  return {
    write: (stream, chunk, at = Date.now()) => add(stream, decoders[stream].write(chunk), at),
    end(exitCode) {
      if (over !== null) return;
      add('stdout', decoders.stdout.end(), Date.now());
      add('stderr', decoders.stderr.end(), Date.now());
      over = { exitCode };
      wake();
    },
    get ended() {
      return over !== null;
    },
    async *follow(after, signal) {
      let at = after;
      signal.addEventListener('abort', wake, { once: true });
      try {
        while (!signal.aborted) {
          const first = pieces[0]?.seq ?? next;
          // what is asked for was dropped, or belongs to another log
          if (at >= next || (at > 0 && at < first - 1)) {
            at = 0;
            yield { type: 'reset' };
          }
          // they are numbered one after the other
          const piece = pieces[at < first ? 0 : at - first + 1];
          if (piece !== undefined) {
            at = piece.seq;
            handed = Math.max(handed, at);
            yield piece;
          } else if (over !== null) {
            yield { type: 'ended', exitCode: over.exitCode };
            return;
          } else await new Promise<void>(resolve => waiting.add(resolve));
        }
      } finally {
        signal.removeEventListener('abort', wake);
      }
    },
  };
}
