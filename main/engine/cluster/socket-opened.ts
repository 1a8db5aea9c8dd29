import type { WebSocket } from 'ws';
import { PtahError } from '../errors/index.ts';
import { statusError } from './status.ts';

interface Dialled {
  /** What the API server was asked to let us do, as its refusal names it. */
  readonly verb: string;
  readonly namespace: string;
  readonly name: string;
  /** Begins the message when there is no connection: “No way to pod …”. */
  readonly none: string;
  readonly hint: string;
}

/** Resolves when the API server took the socket; rejects with its own refusal, with what the network says, or when cancelled. */
export function socketOpened(
  socket: WebSocket,
  { verb, namespace, name, none, hint }: Dialled,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.terminate();
      reject(new PtahError('cancelled', 'Cancelled.'));
    };
    signal?.addEventListener('abort', abort, { once: true });
    const settle = (error?: unknown): void => {
      signal?.removeEventListener('abort', abort);
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.once('open', () => settle());
    socket.on('error', cause =>
      settle(new PtahError('unreachable', `${none}: ${cause.message}`, { cause, hint })),
    );
    socket.once('unexpected-response', (request, response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', () => undefined);
      response.once('close', () => {
        request.destroy();
        const body = Buffer.concat(chunks).toString('utf8');
        settle(statusError(response.statusCode ?? 0, body, { verb, resource: 'pods', namespace, name }));
      });
    });
  });
}
