import http from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import https from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import { apiFailure, connectionFailure } from './failures.ts';
import { cancelled } from './cancellation.ts';
import type { ResolvedEndpoint } from './endpoint.ts';
import { dialBySsh } from './ssh-dial.ts';
import type { DockerRequest } from './types.ts';

export interface DialOptions {
  readonly path: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Readable | Uint8Array;
  /** Take the connection over instead of reading an answer. */
  readonly upgrade?: boolean;
  readonly signal?: AbortSignal;
}

/** Sends one request; every status is an answer. */
export type Dial = (options: DialOptions) => Promise<IncomingMessage | Duplex>;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: IncomingMessage;
}

/** HTTP to one engine, with every failure as a `PtahError`. */
export interface Transport {
  json<T>(
    method: DockerRequest['method'],
    path: string,
    options?: { readonly body?: unknown; readonly signal?: AbortSignal },
  ): Promise<T>;
  stream(request: DockerRequest): Promise<Answer>;
  upgrade(
    path: string,
    options: {
      readonly protocol: string;
      readonly headers?: Readonly<Record<string, string | readonly string[]>>;
      readonly body?: unknown;
      readonly signal?: AbortSignal;
    },
  ): Promise<Duplex>;
}

export function createTransport(endpoint: ResolvedEndpoint): Transport {
  const open = dialOf(endpoint);

  async function dial(options: DialOptions): Promise<IncomingMessage | Duplex> {
    const { signal } = options;
    if (signal?.aborted) throw cancelled();
    try {
      return await open(options);
    } catch (error) {
      throw signal?.aborted ? cancelled() : connectionFailure(endpoint, error);
    }
  }

  async function stream(request: DockerRequest): Promise<Answer> {
    const body = await dial(request);
    if (!isAnswer(body)) throw connectionFailure(endpoint, new Error('it switched protocols unasked'));
    const status = body.statusCode ?? 0;
    if (status >= 400)
      throw apiFailure(endpoint, status, await readText(body), `${request.method} ${request.path}`);
    return { status, headers: body.headers, body };
  }

  return {
    stream,
    async json<T>(
      method: DockerRequest['method'],
      path: string,
      options: { readonly body?: unknown; readonly signal?: AbortSignal } = {},
    ): Promise<T> {
      const bytes = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
      const answer = await stream({
        method,
        path,
        headers: bytes ? { 'Content-Type': 'application/json' } : {},
        body: bytes,
        signal: options.signal,
      });
      let text: string;
      try {
        text = await readText(answer.body);
      } catch (error) {
        throw options.signal?.aborted ? cancelled() : connectionFailure(endpoint, error);
      }
      return parseJson(text) as T;
    },
    async upgrade(path, options) {
      const answer = await dial({
        path,
        method: 'POST',
        upgrade: true,
        headers: {
          ...options.headers,
          'Content-Type': 'application/json',
          Connection: 'Upgrade',
          Upgrade: options.protocol,
        },
        // Always a body with a length, be it empty: the end mark of a chunked one may reach the server after it took the
        // connection over and is then read as HTTP/2 (“frame too large”, apocas/dockerode#766).
        body: Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body)),
        signal: options.signal,
      });
      if (!isAnswer(answer)) return answer;
      throw apiFailure(endpoint, answer.statusCode ?? 0, await readText(answer), `POST ${path}`);
    },
  };
}

/**
 * Plain HTTP for everything that a socket reaches. Dockerode's modem took 70 ms to load and wrote every request into a debug
 * message that nobody reads; only `ssh:` still goes through it.
 */
function dialOf(endpoint: ResolvedEndpoint): Dial {
  const url = new URL(endpoint.host);
  // One connection per request: a kept one dies silently when the engine restarts, and the next request with it.
  const plain = new http.Agent({ keepAlive: false });
  if (url.protocol === 'unix:')
    return dialByHttp(http.request, { socketPath: decodeURIComponent(url.pathname), agent: plain });
  if (url.protocol === 'npipe:')
    return dialByHttp(http.request, { socketPath: endpoint.host.slice('npipe://'.length), agent: plain });
  if (url.protocol === 'ssh:') return dialBySsh(url);
  const secure = endpoint.tls !== null || url.protocol === 'https:' || url.port === '2376';
  const address = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port || (secure ? 2376 : 2375),
  };
  if (!secure) return dialByHttp(http.request, { ...address, agent: plain });
  const { ca, cert, key, skipVerify } = endpoint.tls ?? { skipVerify: false };
  const tls = { ca, cert, key, rejectUnauthorized: !skipVerify };
  const agent = new https.Agent({ keepAlive: false, ...tls });
  return dialByHttp(https.request, { ...address, ...tls, agent });
}

function dialByHttp(request: typeof http.request, to: RequestOptions): Dial {
  return ({ path, method, headers, body, upgrade = false, signal }) =>
    new Promise((resolve, reject) => {
      const length = body instanceof Uint8Array ? { 'Content-Length': body.byteLength } : {};
      const outgoing = request({
        ...to,
        path,
        method,
        headers: { ...length, ...(headers as http.OutgoingHttpHeaders) },
        signal,
      });
      outgoing.once('response', resolve);
      if (upgrade)
        outgoing.once('upgrade', (_response, socket, head) => {
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        });
      outgoing.on('error', reject);
      if (body === undefined || body instanceof Uint8Array) outgoing.end(body);
      else {
        body.once('error', error => outgoing.destroy(error));
        body.pipe(outgoing);
      }
    });
}

function isAnswer(value: IncomingMessage | Duplex): value is IncomingMessage {
  return 'statusCode' in value;
}

export async function readText(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
