import { randomUUID } from 'node:crypto';
import type { Cluster } from '../cluster/index.ts';
import type { Docker } from '../docker/index.ts';
import { PtahError } from '../errors/index.ts';
import { containerBackend } from './container-backend.ts';
import { addDebugContainer, debugOffer } from './debug.ts';
import { podBackend } from './pod-backend.ts';
import { createSession, type Session } from './session.ts';
import type { TerminalBackend, TerminalInfo, TerminalPlace, Terminals, TerminalSize } from './types.ts';

export interface TerminalDeps {
  /** The cluster of a project, as it is configured now. */
  connect(projectId: string, signal: AbortSignal): Promise<Cluster>;
  /** Docker as it is configured now. */
  readonly docker?: () => Docker;
  /** For tests and other kinds of containers; default: a shell in the pod. */
  backend?(place: TerminalPlace): TerminalBackend;
}

/** Nobody needs more; a window gone wild gets no more. */
const mostTerminals = 64;

/** The terminals of one engine. A view that goes never ends one. */
export function createTerminals(deps: TerminalDeps): Terminals {
  const sessions = new Map<string, Session>();
  const listeners = new Set<(terminal: TerminalInfo, closed: boolean) => void>();
  const closing = new AbortController();

  const tell = (info: TerminalInfo, closed: boolean): void => {
    for (const listener of listeners) listener(info, closed);
  };
  function of(id: string): Session {
    const session = sessions.get(id);
    if (session !== undefined) return session;
    throw new PtahError('not-found', 'That terminal is closed.', {
      hint: 'Terminals end with the engine. Open another.',
    });
  }
  const connectTo =
    (projectId: string) =>
    (signal: AbortSignal): Promise<Cluster> =>
      deps.connect(projectId, signal);

  function add(place: TerminalPlace, size: TerminalSize, backend: TerminalBackend): { readonly id: string } {
    if (closing.signal.aborted) throw new PtahError('cancelled', 'The engine is closing.');
    if (sessions.size >= mostTerminals)
      throw new PtahError('too-many', `There are ${mostTerminals} terminals open.`, {
        hint: 'Close some first.',
      });
    const id = randomUUID();
    const session = createSession(id, place, size, backend, info => sessions.has(id) && tell(info, false));
    sessions.set(id, session);
    tell(session.info, false);
    return { id };
  }

  async function close(id: string): Promise<void> {
    const session = sessions.get(id);
    if (session === undefined) return;
    sessions.delete(id);
    tell(session.info, true);
    await session.close();
  }

  return {
    async open({ cols, rows, ...place }) {
      const backend = deps.backend?.(place) ?? podBackend(connectTo(place.projectId), place);
      return add(place, { cols, rows }, backend);
    },
    async openContainer({ cols, rows, projectId, id, name, image }) {
      const { docker } = deps;
      if (docker === undefined) throw new PtahError('invalid', 'There is no Docker here.');
      const place = { projectId, namespace: '', pod: name, container: image };
      return add(place, { cols, rows }, containerBackend(docker, { id, name, image }));
    },
    list: () => [...sessions.values()].map(({ info }) => info),
    input: async ({ id, data }, signal) => of(id).input(Buffer.from(data, 'base64'), signal),
    resize: ({ id, cols, rows }) => of(id).resize({ cols, rows }),
    reconnect: ({ id }) => of(id).reconnect(),
    close: ({ id }) => close(id),
    async debugOffer({ id }, signal) {
      const { info } = of(id);
      if (info.namespace === '') throw noDebug();
      return debugOffer(await deps.connect(info.projectId, signal ?? closing.signal), info, signal);
    },
    async debug({ id, image }) {
      const session = of(id);
      const { info } = session;
      if (info.namespace === '') throw noDebug();
      const added = await addDebugContainer(connectTo(info.projectId), info, image, closing.signal);
      if (sessions.has(id))
        session.use(added.backend, `Debug container ${added.name} of ${image}, beside ${info.container}.`);
      else await added.backend.dispose?.();
    },
    attach: ({ id, after }, signal) => of(id).attach(after, AbortSignal.any([signal, closing.signal])),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async closeAll() {
      closing.abort();
      await Promise.all([...sessions.keys()].map(id => close(id)));
      listeners.clear();
    },
  };
}

const noDebug = (): PtahError =>
  new PtahError('invalid', 'A container outside of a pod takes no debug container.', {
    hint: 'Deploy the image: a pod takes one.',
  });
