import type { Channel } from '../../../preload/contract/channel.ts';
import { createInbox } from '../../../preload/contract/inbox.ts';
import { createClient } from '../../../preload/contract/wire-client.ts';
import type { WireClient } from '../../../preload/contract/wire-client.ts';
import { PtahError } from '../../engine/errors/index.ts';
import { lineChannel } from '../wire/index.ts';
import { connectTo } from './claim-socket.ts';
import { hello, protocol } from './hello.ts';
import { socketPlace } from './socket-place.ts';

const patienceMs = 5000;

/** A client of the user's running engine; null when none runs. Lost is lost: whoever attached decides what comes then. */
export async function attachClient(
  home: { readonly socket: string },
  version: string,
  /** An engine that works with another Docker or other clusters is refused. */
  world: string | null = null,
): Promise<WireClient | null> {
  const path = socketPlace(home.socket);
  const socket = await connectTo(path);
  if (!socket) return null;
  const channel = await afterHello(lineChannel(socket), { version, world, path });
  return channel && createClient(() => channel, { reconnect: null });
}

/** Null when the other side ended before it said hello: it was just closing. */
function afterHello(
  channel: Channel,
  {
    version,
    world,
    path,
  }: { readonly version: string; readonly world: string | null; readonly path: string },
): Promise<Channel | null> {
  const inbox = createInbox();
  return new Promise((resolve, reject) => {
    const refuse = (error: PtahError) => {
      clearTimeout(timer);
      reject(error);
      channel.close();
    };
    const timer = setTimeout(
      () =>
        refuse(
          new PtahError('engine-not-answering', `The engine that listens at ${path} does not answer.`, {
            hint: 'End the process that is called ptah or Ptah Desktop, and try again.',
          }),
        ),
      patienceMs,
    );
    let greeted = false;
    channel.listen({
      message(message) {
        if (greeted) return inbox.deliver(message);
        const parsed = hello.safeParse(message);
        if (!parsed.success || parsed.data.protocol !== protocol || parsed.data.version !== version) {
          return refuse(otherVersion(parsed.success ? parsed.data.version : 'another program'));
        }
        if (world !== null && parsed.data.world !== world) return refuse(otherWorld(parsed.data.pid));
        greeted = true;
        clearTimeout(timer);
        resolve({
          send: sent => channel.send(sent),
          listen: listener => inbox.listen(listener),
          close: reason => channel.close(reason),
          get backlog() {
            return channel.backlog;
          },
        });
      },
      close(reason) {
        clearTimeout(timer);
        inbox.end(reason);
        resolve(null);
      },
    });
  });
}

const otherWorld = (pid: number) =>
  new PtahError(
    'engine-of-other-world',
    `The Ptah engine that runs (pid ${pid}) works with another Docker or other clusters than this terminal.`,
    {
      hint: 'Close its windows or switch its forwards off, or unset DOCKER_HOST, DOCKER_CONTEXT and KUBECONFIG here.',
    },
  );

const otherVersion = (version: string) =>
  new PtahError('engine-of-other-version', `A Ptah engine of another version runs (${version}).`, {
    hint: 'Close its windows, then try again.',
  });
