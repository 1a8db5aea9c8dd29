import { PtahError } from '../errors/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { pause } from './pause.ts';
import { statusError } from './status.ts';
import type { Attempt, Status } from './status.ts';
import type { WatchEvent } from './types.ts';

/** The two requests that a watch is made of, and its clock. */
export interface WatchSource {
  readonly attempt: Attempt;
  list(
    signal: AbortSignal,
  ): Promise<{ readonly items: readonly KubernetesObject[]; readonly resourceVersion: string }>;
  /** The body of `?watch=1` from a resource version on. */
  open(
    resourceVersion: string,
    timeoutSeconds: number,
    signal: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array>>;
  readonly limits?: WatchLimits;
}

export interface WatchLimits {
  /** Silence after which a connection counts as half-open: bookmarks come about every minute. */
  readonly silenceMs?: number;
  readonly firstRetryMs?: number;
  readonly maxRetryMs?: number;
}

type RawEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'; readonly object: KubernetesObject }
  | { readonly type: 'ERROR'; readonly object: Status };

/**
 * List, then watch for ever. A stream that ends in order is resumed from the last resource version without a word; a
 * broken or silent one, and a version that the server has forgotten (410), are followed by a new list, so that whoever
 * listens is told the whole truth again. Only the signal ends it.
 */
export async function* listAndWatch(source: WatchSource, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  const { silenceMs = 120_000, firstRetryMs = 500, maxRetryMs = 30_000 } = source.limits ?? {};
  let resourceVersion: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    const startedAt = Date.now();
    try {
      if (resourceVersion === null) {
        const listed = await source.list(signal);
        resourceVersion = listed.resourceVersion;
        yield { type: 'list', objects: listed.items };
      }
      // Jitter, so that a dozen watches do not come back in one burst.
      const timeoutSeconds = 240 + Math.floor(Math.random() * 60);
      for await (const event of readStream(source, resourceVersion, timeoutSeconds, silenceMs, signal)) {
        if (event.type === 'ERROR')
          throw statusError(
            event.object.code ?? 500,
            JSON.stringify({ ...event.object, kind: 'Status' }),
            source.attempt,
          );
        resourceVersion = versionOf(event.object) ?? resourceVersion;
        failures = 0;
        if (event.type === 'BOOKMARK') continue;
        yield { type: event.type.toLowerCase() as 'added' | 'modified' | 'deleted', object: event.object };
      }
      // A server that closes at once would otherwise be asked tens of times a second (kubernetes-client/javascript#1933).
      if (Date.now() - startedAt < 1_000) await pause(jittered(firstRetryMs, maxRetryMs, failures++), signal);
      else failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      resourceVersion = null;
      if (error instanceof PtahError && error.code === 'gone' && failures === 0) {
        failures++;
        continue;
      }
      const retryMs = jittered(firstRetryMs, maxRetryMs, failures++);
      yield {
        type: 'disconnected',
        reason: error instanceof Error ? error.message : String(error),
        retryMs,
        ...(error instanceof PtahError && { code: error.code }),
      };
      await pause(retryMs, signal);
    }
  }
}

async function* readStream(
  source: WatchSource,
  resourceVersion: string,
  timeoutSeconds: number,
  silenceMs: number,
  signal: AbortSignal,
): AsyncGenerator<RawEvent> {
  const silence = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const heard = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        silence.abort(
          new PtahError(
            'unreachable',
            `The watch of ${source.attempt.resource} was silent for ${Math.round(silenceMs / 1000)} s.`,
          ),
        ),
      silenceMs,
    );
  };
  const both = AbortSignal.any([signal, silence.signal]);
  try {
    heard();
    const body = await source.open(resourceVersion, timeoutSeconds, both);
    for await (const line of lines(body, heard)) yield parseEvent(line);
  } catch (error) {
    if (!signal.aborted && silence.signal.aborted) throw silence.signal.reason;
    throw error;
  } finally {
    clearTimeout(timer);
    // Ends the request when the listener leaves in the middle of the stream.
    silence.abort();
  }
}

/** Lines of a chunked body; a character that two chunks share is put together again. */
export async function* lines(
  body: AsyncIterable<Uint8Array>,
  heard: () => void = () => {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let parts: string[] = [];
  for await (const chunk of body) {
    heard();
    const text = decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', from)) {
      const line = parts.join('') + text.slice(from, end);
      parts = [];
      from = end + 1;
      if (line.trim() !== '') yield line;
    }
    if (from < text.length) parts.push(text.slice(from));
  }
  // A line without its end was cut off: half an object is no object.
}

function parseEvent(line: string): RawEvent {
  try {
    const event: unknown = JSON.parse(line);
    if (typeof event === 'object' && event !== null && 'type' in event && 'object' in event)
      return event as RawEvent;
  } catch (error) {
    throw new PtahError('unreachable', 'The watch sent a line that is no JSON.', {
      cause: error,
      details: { output: [line.slice(0, 200)] },
    });
  }
  throw new PtahError('unreachable', 'The watch sent something that is no event.', {
    details: { output: [line.slice(0, 200)] },
  });
}

function versionOf(object: KubernetesObject): string | null {
  const version = object.metadata.resourceVersion;
  return typeof version === 'string' ? version : null;
}

function jittered(firstMs: number, maxMs: number, failures: number): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 10));
  return Math.round(full / 2 + (Math.random() * full) / 2);
}
