import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { UpgradedConnection } from './types.ts';

// What addresses of this machine that lead to the API server have in common.

/** RFC 9110 §7.6.1: of one connection, not of the message. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers of a request that may go on: who asks is who the kubeconfig names, nobody else. */
export function headersToPass(headers: IncomingHttpHeaders): Record<string, string | readonly string[]> {
  const kept: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || hopByHop.has(name) || name === 'host' || name === 'authorization') continue;
    if (name.startsWith('impersonate-')) continue;
    kept[name] = value;
  }
  return kept;
}

/** Headers of an answer, each cookie by itself. */
export function headersToAnswer(headers: Headers): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {};
  headers.forEach((value, name) => {
    if (!hopByHop.has(name) && name !== 'set-cookie') kept[name] = value;
  });
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) kept['set-cookie'] = cookies;
  return kept;
}

/** The body of an answer, as it comes. */
export async function passBody({ body }: Response, outgoing: ServerResponse): Promise<void> {
  if (body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), outgoing);
}

/** An answer for a request to upgrade that got none, as a status alone. */
export function refuseUpgrade(socket: Duplex, status: '403 Forbidden' | '502 Bad Gateway'): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`);
}

/** Both ends of an upgraded connection become one, from the server's 101 on. */
export async function joinUpgraded(
  socket: Duplex,
  head: Uint8Array,
  upstream: UpgradedConnection,
): Promise<void> {
  upstream.socket.on('error', () => socket.destroy());
  const lines = ['HTTP/1.1 101 Switching Protocols'];
  for (let i = 0; i + 1 < upstream.rawHeaders.length; i += 2)
    lines.push(`${upstream.rawHeaders[i]}: ${upstream.rawHeaders[i + 1]}`);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  if (upstream.head.length > 0) socket.write(upstream.head);
  if (head.length > 0) upstream.socket.write(head);
  await Promise.allSettled([pipeline(socket, upstream.socket), pipeline(upstream.socket, socket)]);
}
