import { setTimeout as sleep } from 'node:timers/promises';
import { createApi, createRelayApi } from '../../api/index.ts';
import type { Api, ApiEngine, Host } from '../../api/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import { attachClient } from './attach-client.ts';
import { openSocketServer } from './serve-socket.ts';
import { createSwitchApi } from './switch-api.ts';

export interface EngineOrAttachOptions {
  readonly home: { readonly config: string; readonly socket: string };
  readonly host: Host;
  /** Only called when no engine of the user runs. */
  readonly startEngine: () => ApiEngine | Promise<ApiEngine>;
  readonly onProblem?: (error: unknown) => void;
}

export interface EngineHandle {
  readonly api: Api;
  /** Whether the engine is another process's. May change when that ends. */
  isAttached(): boolean;
  close(): Promise<void>;
}

interface Backend {
  readonly api: Api;
  readonly attached: boolean;
  /** Settles when an engine of another process is gone; never for one of ours. */
  readonly gone: Promise<void>;
  close(): Promise<void>;
}

/**
 * One engine per user (design §2): attaches to the one that runs, else is it and lets others attach. When the engine that a
 * window was attached to ends, the window's process takes over, and its connections start anew.
 */
export async function createEngineOrAttach(options: EngineOrAttachOptions): Promise<EngineHandle> {
  const current = createSwitchApi();
  let closed = false;
  let backend = await openBackend(options);
  current.use(backend.api);

  async function follow() {
    for (;;) {
      await backend.gone;
      if (closed) return;
      current.lose();
      backend = await again(options, () => closed);
      if (closed) return backend.close();
      current.use(backend.api);
    }
  }
  follow().catch((error: unknown) => options.onProblem?.(error));

  return {
    api: current.api,
    isAttached: () => backend.attached,
    async close() {
      if (closed) return;
      closed = true;
      await backend.close();
    },
  };
}

/** Until it succeeds: a window without an engine is of no use, and says so meanwhile. */
async function again(options: EngineOrAttachOptions, isClosed: () => boolean): Promise<Backend> {
  for (;;) {
    try {
      return await openBackend(options);
    } catch (error) {
      if (isClosed()) throw error;
      options.onProblem?.(error);
      await sleep(1000);
    }
  }
}

async function openBackend(options: EngineOrAttachOptions): Promise<Backend> {
  const { home, host, startEngine } = options;
  for (let attempt = 0; attempt < 10; attempt++) {
    const client = await attachClient(home, host.version);
    if (client) {
      const gone = new Promise<void>(resolve => {
        client.onConnection(connected => {
          if (!connected) resolve();
        });
      });
      return {
        api: createRelayApi(client, host, home),
        attached: true,
        gone,
        close: () => Promise.resolve(client.close()),
      };
    }
    const server = await openSocketServer(home.socket, host.version);
    // somebody was quicker
    if (!server) continue;
    try {
      const engine = await startEngine();
      server.serve(createApi(engine, withoutWindow(host)));
      return {
        api: createApi(engine, host),
        attached: false,
        gone: new Promise(() => undefined),
        async close() {
          await server.close();
          await engine.close();
        },
      };
    } catch (error) {
      await server.close();
      throw error;
    }
  }
  throw new PtahError('engine-unreachable', 'An engine listens, ends, and listens again.', {
    hint: 'Close the windows of Ptah Desktop, then try again.',
  });
}

/** Whoever attaches has windows of its own, or none: nothing of theirs opens in ours. */
const withoutWindow = (host: Host): Host => ({
  kind: host.kind,
  version: host.version,
  openExternal: () =>
    Promise.reject(new PtahError('no-window', 'Addresses are opened by the process that has the window.')),
  chooseFolder: () => Promise.resolve(null),
});
