import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dial } from './transport.ts';

/** The part of dockerode's HTTP modem that we use; its own helpers for builds and progress lose bytes and identities. */
interface Modem {
  dial(options: unknown, callback: (error: Error | null, answer: unknown) => void): void;
}

// Every status comes to us as an answer: the modem's own errors drop the headers and the shape of the message.
const everyStatus: Readonly<Record<number, true>> = Object.fromEntries(
  Array.from({ length: 500 }, (_, index) => [index + 100, true as const]),
);

/** An engine on another machine, through SSH. The library is loaded only here: few need it, and it is large. */
export function dialBySsh(url: URL): Dial {
  let loading: Promise<Modem> | null = null;
  return async ({ path, method, headers, body, upgrade = false, signal }) => {
    const modem = await (loading ??= openModem(url));
    return new Promise((resolve, reject) => {
      const options = {
        // The modem cuts the last character of a path with a query when it has no options of its own to append.
        path: path.includes('?') ? `${path}&` : path,
        method,
        headers: { ...headers },
        statusCodes: everyStatus,
        file: body instanceof Uint8Array ? Buffer.from(body) : body,
        abortSignal: signal,
        ...(upgrade ? { hijack: true } : { isStream: true }),
      };
      modem.dial(options, (error, answer) => {
        if (error) return reject(error);
        if (isStream(answer)) return resolve(answer);
        const text = Buffer.isBuffer(answer) ? answer.toString('utf8') : JSON.stringify(answer);
        reject(new Error(text));
      });
    });
  };
}

async function openModem(url: URL): Promise<Modem> {
  const { default: Dockerode } = await import('dockerode');
  return new Dockerode({
    // Undefined members are named on purpose: the modem would fill them from this process' own DOCKER_HOST.
    socketPath: undefined,
    host: url.hostname,
    port: url.port || 22,
    username: url.username || undefined,
    protocol: 'ssh',
    sshOptions: { agent: process.env.SSH_AUTH_SOCK },
  }).modem;
}

function isStream(value: unknown): value is IncomingMessage | Duplex {
  return typeof value === 'object' && value !== null && 'read' in value;
}
