import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { WebSocket as ServerSideWebSocket } from 'ws';
import type { Loopback } from './server.ts';

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request exactly as written: no tidying of the path, any `Host`. */
export function ask(
  origin: string,
  path: string,
  options: { readonly method?: string; readonly headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, agent: false, ...options }, response => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** What a browser does first: opens the printed address and keeps the cookie. */
export async function cookieOf(loopback: Loopback): Promise<string> {
  const { headers } = await ask(loopback.origin, loopback.url.slice(loopback.origin.length));
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

/** `WebSocket` as a page of `origin` has it: the browser adds the origin and the cookie by itself. */
export function browserWebSocket(origin: string, cookie: string): typeof WebSocket {
  return class extends ServerSideWebSocket {
    constructor(address: string) {
      super(address, { headers: { cookie }, origin });
    }
  } as unknown as typeof WebSocket;
}
