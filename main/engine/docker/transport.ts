import { Agent } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import Dockerode from 'dockerode';
import { apiFailure, connectionFailure } from './failures.ts';
import { cancelled } from './cancellation.ts';
import type { ResolvedEndpoint } from './endpoint.ts';
import type { DockerRequest } from './types.ts';

/** The part of dockerode's HTTP modem that we use; its own helpers for builds and progress lose bytes and identities. */
interface Modem {
  dial(options: DialOptions, callback: (error: Error | null, answer: unknown) => void): void;
}

interface DialOptions {
  readonly path: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly statusCodes: Readonly<Record<number, true>>;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly file?: Readable | Uint8Array;
  readonly options?: unknown;
  readonly abortSignal?: AbortSignal;
}

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

// Every status comes to us as an answer: the modem's own errors drop the headers and the shape of the message.
const everyStatus: Readonly<Record<number, true>> = Object.fromEntries(
  Array.from({ length: 500 }, (_, index) => [index + 100, true as const]),
);

export function createTransport(endpoint: ResolvedEndpoint): Transport {
  const modem = openModem(endpoint);

  function dial<T>(options: Omit<DialOptions, 'statusCodes'>): Promise<T> {
    return new Promise((resolve, reject) => {
      const signal = options.abortSignal;
      if (signal?.aborted) return reject(cancelled());
      // The modem cuts the last character of a path with a query when it has no options of its own to append.
      const path = options.path.includes('?') ? `${options.path}&` : options.path;
      modem.dial({ ...options, path, statusCodes: everyStatus }, (error, answer) => {
        if (!error) return resolve(answer as T);
        reject(signal?.aborted ? cancelled() : connectionFailure(endpoint, error));
      });
    });
  }

  async function stream(request: DockerRequest): Promise<Answer> {
    const body = await dial<IncomingMessage>({
      path: request.path,
      method: request.method,
      headers: { ...request.headers },
      isStream: true,
      file: request.body instanceof Uint8Array ? Buffer.from(request.body) : request.body,
      abortSignal: request.signal,
    });
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
      const answer = await dial<unknown>({
        path,
        method: 'POST',
        hijack: true,
        headers: { ...options.headers, 'Content-Type': 'application/json', Upgrade: options.protocol },
        // Always a body with a length, be it empty: the end mark of a chunked one may reach the server after it took the
        // connection over and is then read as HTTP/2 (“frame too large”, apocas/dockerode#766).
        file: Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body)),
        abortSignal: options.signal,
      });
      if (isDuplex(answer)) return answer;
      const text = Buffer.isBuffer(answer) ? answer.toString('utf8') : JSON.stringify(answer);
      throw apiFailure(endpoint, 0, text, `POST ${path}`);
    },
  };
}

function openModem(endpoint: ResolvedEndpoint): Modem {
  const url = new URL(endpoint.host);
  // Undefined members are named on purpose: the modem would fill them from this process' own DOCKER_HOST.
  const none = {
    host: undefined,
    port: undefined,
    socketPath: undefined,
    username: undefined,
    protocol: 'http' as const,
  };
  // One connection per request: a kept one dies silently when the engine restarts, and the next request with it.
  const plain = new Agent({ keepAlive: false });
  if (url.protocol === 'unix:')
    return modemOf({ ...none, socketPath: decodeURIComponent(url.pathname), agent: plain });
  if (url.protocol === 'npipe:')
    return modemOf({ ...none, socketPath: endpoint.host.slice('npipe://'.length), agent: plain });
  if (url.protocol === 'ssh:') {
    return modemOf({
      ...none,
      host: url.hostname,
      port: url.port || 22,
      username: url.username || undefined,
      protocol: 'ssh',
      sshOptions: { agent: process.env.SSH_AUTH_SOCK },
    });
  }
  const secure = endpoint.tls !== null || url.protocol === 'https:' || url.port === '2376';
  const { ca, cert, key, skipVerify } = endpoint.tls ?? { skipVerify: false };
  return modemOf({
    ...none,
    host: url.hostname,
    port: url.port || (secure ? 2376 : 2375),
    protocol: secure ? 'https' : 'http',
    ca,
    cert,
    key,
    agent: secure ? new TlsAgent({ keepAlive: false, rejectUnauthorized: !skipVerify }) : plain,
  });
}

function modemOf(options: Record<string, unknown>): Modem {
  return new Dockerode(options).modem as Modem;
}

function isDuplex(value: unknown): value is Duplex {
  return typeof value === 'object' && value !== null && 'write' in value && 'read' in value;
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
