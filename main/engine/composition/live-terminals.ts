import { pinKindContext } from '../cluster/index.ts';
import type { Engine } from '../engine-types.ts';
import type { Project } from '../project/index.ts';
import { createTerminals, type Terminals } from '../terminals/index.ts';
import type { Parts } from './parts.ts';

/** The terminals of the engine, each in the cluster that its project is pinned to when it connects. */
export function createLiveTerminals(
  parts: Parts,
  read: (projectId: string) => Promise<Project>,
): {
  readonly terminals: Engine['terminals'];
  readonly openContainer: Terminals['openContainer'];
  close(): Promise<void>;
} {
  const terminals = createTerminals({
    docker: () => parts.docker(),
    async connect(projectId, given) {
      const { clusterName } = await read(projectId);
      // not `closing`: what runs in a container is ended while the engine closes
      const pinned = await pinKindContext(clusterName, {
        env: parts.env,
        docker: parts.docker(),
        tools: parts.tools,
        signal: given,
      });
      return parts.connect(pinned);
    },
  });
  terminals.onChange((terminal, closed) => parts.emit('terminals.changed', { terminal, closed }));
  const done = { ok: true } as const;
  return {
    terminals: {
      open: input => terminals.open(input),
      list: async () => terminals.list(),
      async input(input, signal) {
        await terminals.input(input, signal);
        return done;
      },
      async resize(input) {
        terminals.resize(input);
        return done;
      },
      async reconnect(input) {
        terminals.reconnect(input);
        return done;
      },
      async close(input) {
        await terminals.close(input);
        return done;
      },
      debugOffer: (input, signal) => terminals.debugOffer(input, signal),
      async debug(input) {
        await terminals.debug(input);
        return done;
      },
      attach: (input, signal) => terminals.attach(input, signal),
    },
    openContainer: place => terminals.openContainer(place),
    close: () => terminals.closeAll(),
  };
}
