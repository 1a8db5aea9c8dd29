import type { IncomingMessage } from 'node:http';
import { PtahError } from '../errors/index.ts';
import { statusError } from './status.ts';
import type { Attempt } from './status.ts';
import type { Transport, TransportRequest } from './transport.ts';

/** Asks for JSON; an answer that is an error is thrown in the words of what was attempted. */
export type AskJson = <T>(
  request: TransportRequest,
  attempt: Attempt,
  onWarning?: (text: string) => void,
) => Promise<T>;

/** `context` names the cluster in what is thrown. */
export function createAskJson(transport: Transport, context: string): AskJson {
  return async <T>(
    request: TransportRequest,
    attempt: Attempt,
    onWarning?: (text: string) => void,
  ): Promise<T> => {
    const response = await transport.request({
      ...request,
      headers: { accept: 'application/json', ...request.headers },
    });
    if (onWarning !== undefined) for (const warning of warnings(response)) onWarning(warning);
    const body = await readText(response, request.signal);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw statusError(status, body, attempt);
    try {
      return JSON.parse(body) as T;
    } catch (error) {
      throw new PtahError('unreachable', `The API server of ${context} sent an answer that is no JSON.`, {
        cause: error,
        details: { output: [body.slice(0, 200)] },
      });
    }
  };
}

/** All of an answer. */
export async function readText(response: IncomingMessage, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    signal?.throwIfAborted();
    throw new PtahError('unreachable', 'The API server closed the connection in the middle of its answer.', {
      cause: error,
    });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** RFC 7234 `Warning: 299 - "text"`, as the API server sends them. */
function warnings(response: IncomingMessage): string[] {
  const header = response.headers.warning;
  if (header === undefined) return [];
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    (text ?? '').replace(/\\(.)/g, '$1'),
  );
}
