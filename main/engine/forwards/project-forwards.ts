import { createHash } from 'node:crypto';
import { PtahError } from '../errors/index.ts';
import { serveApi } from './api-proxy.ts';
import type { ApiProxy } from './api-proxy.ts';
import { runForward } from './forward.ts';
import type { ForwardDeps, RunningForward } from './forward.ts';
import { freePort } from './local-port.ts';
import type { Saved, SavedForward } from './saved.ts';
import type { ApiProxyView, ForwardTarget, ForwardView, ForwardsSnapshot, PortHolder } from './types.ts';

interface ProjectForwardsOptions {
  readonly saved: Saved;
  readonly save: (saved: Saved) => void;
  readonly apiPort: number;
  readonly closing: AbortSignal;
  readonly cluster: ForwardDeps['cluster'];
  readonly holder: ForwardDeps['holder'];
  /** A port that some forward has, also one that is off. */
  readonly isReserved: (port: number) => boolean;
}

export interface WantedForward {
  readonly target: ForwardTarget;
  readonly port: number | string;
  readonly localPort: number | null;
  /** Where no port is given and none was used before. */
  readonly proposed: number;
  readonly web: boolean;
  readonly fromAll: boolean;
}

interface Entry {
  readonly saved: SavedForward;
  readonly running: RunningForward | null;
  /** Why it is not at the port that one would expect. */
  readonly note: string | null;
}

/** What changes is told at most so often. */
const intervalMs = 150;
/** How long `start` waits for a first answer. */
const answerMs = 10_000;

export type ProjectForwards = ReturnType<typeof createProjectForwards>;

/** The forwards of one project, what of them is saved, and the API proxy. */
export function createProjectForwards(options: ProjectForwardsOptions) {
  const entries = new Map<string, Entry>();
  const listeners = new Set<() => void>();
  let withProject = options.saved.startWithProject;
  let api: { readonly proxy: ApiProxy | null; readonly view: ApiProxyView } = {
    proxy: null,
    view: apiOff(options.apiPort),
  };
  let opened = false;

  for (const saved of options.saved.forwards) entries.set(idOf(saved), { saved, running: null, note: null });
  const startApi = options.saved.startWithProject && options.saved.api;

  const changed = (): void => {
    for (const listener of listeners) listener();
  };

  let last: Promise<unknown> = Promise.resolve();
  /** One change after the other: each begins with what the one before left. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };

  const store = (): void =>
    options.save({
      forwards: [...entries.values()].map(({ saved }) => saved),
      api: api.view.on,
      startWithProject: withProject,
    });

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new PtahError('not-found', 'There is no such forward.', { hint: 'Refresh the list.' });
    return entry;
  };

  function run({ target, port, localPort }: SavedForward): RunningForward {
    if (options.closing.aborted) throw new PtahError('cancelled', 'The engine is closing.');
    return runForward(target, port, localPort, {
      cluster: options.cluster,
      holder: options.holder,
      isReserved: options.isReserved,
      onChange: changed,
    });
  }

  async function put(saved: SavedForward, note: string | null): Promise<string> {
    const id = idOf(saved);
    await entries.get(id)?.running?.close();
    entries.set(id, { saved, running: saved.on ? run(saved) : null, note });
    changed();
    store();
    return id;
  }

  async function settled(id: string): Promise<ForwardView> {
    const { running } = entryOf(id);
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      running?.settled,
      new Promise<void>(resolve => (timer = setTimeout(resolve, answerMs))),
    ]);
    clearTimeout(timer);
    return viewOf(id, entryOf(id));
  }

  /** The proposed port, or the next one that is free, and why. */
  async function choosePort(proposed: number): Promise<{ port: number; note: string | null }> {
    const port = await freePort(proposed, options.isReserved);
    if (port === proposed || port === null) return { port: proposed, note: null };
    const { pid, name } = await options.holder(proposed);
    const by = pid === null || pid === process.pid ? name : `${name} (pid ${pid})`;
    return { port, note: `Port ${proposed} of this machine is used by ${by}.` };
  }

  async function begin(wanted: WantedForward): Promise<string> {
    const { target, port, web } = wanted;
    const known = entries.get(idOf({ target, port }));
    if (known?.running && (wanted.localPort ?? known.saved.localPort) === known.saved.localPort)
      return idOf(known.saved);
    const given = wanted.localPort ?? known?.saved.localPort ?? null;
    const chosen = given === null ? await choosePort(wanted.proposed) : { port: given, note: null };
    const fromAll = (known?.saved.fromAll ?? true) && wanted.fromAll;
    return put({ target, port, localPort: chosen.port, on: true, web, fromAll }, chosen.note);
  }

  async function turn(id: string, on: boolean): Promise<void> {
    const { saved } = entryOf(id);
    await put({ ...saved, on }, null);
  }

  async function switchApi(on: boolean, port: number): Promise<ApiProxyView> {
    if (on && api.view.state === 'active' && api.view.port === port) return api.view;
    await api.proxy?.close();
    api = { proxy: null, view: apiOff(port) };
    if (on) {
      const address = `http://127.0.0.1:${port}`;
      const view = { on: true, port, address, message: null, holder: null } as const;
      try {
        const proxy = await serveApi(port, async () => (await options.cluster(options.closing)).cluster);
        if (proxy) api = { proxy, view: { ...view, state: 'active' } };
        else {
          const holder: PortHolder = await options.holder(port);
          const by = holder.pid === null ? holder.name : `${holder.name} (pid ${holder.pid})`;
          const message = `Port ${port} (api_server.port) of this machine is used by ${by}.`;
          api = { proxy: null, view: { ...view, state: 'taken', message, holder } };
        }
      } catch (error) {
        api = { proxy: null, view: { ...view, state: 'failed', message: (error as Error).message } };
      }
    }
    changed();
    store();
    return api.view;
  }

  async function stopAll(): Promise<number> {
    let stopped = 0;
    for (const [id, { saved, running }] of entries) {
      if (running) stopped += 1;
      await running?.close();
      if (saved.fromAll) entries.delete(id);
      else entries.set(id, { saved: { ...saved, on: false }, running: null, note: null });
    }
    if (api.view.on) stopped += 1;
    await switchApi(false, api.view.port);
    return stopped;
  }

  function snapshot(): ForwardsSnapshot {
    return {
      forwards: [...entries].map(([id, entry]) => viewOf(id, entry)).toSorted(byPlace),
      api: api.view,
      startWithProject: withProject,
    };
  }

  /** What was on when the project was left is on again, where the person said so. */
  function openOnce(): void {
    if (opened) return;
    opened = true;
    if (!options.saved.startWithProject) return;
    for (const [id, entry] of entries)
      if (entry.saved.on && !entry.running) entries.set(id, { ...entry, running: run(entry.saved) });
    if (startApi) void inTurn(() => switchApi(true, options.apiPort));
  }

  return {
    snapshot,
    switchApi: (on: boolean, port: number) => inTurn(() => switchApi(on, port)),
    async *watch(signal: AbortSignal): AsyncGenerator<ForwardsSnapshot> {
      openOnce();
      let told = '';
      let turn = Promise.withResolvers<void>();
      const listener = () => turn.resolve();
      listeners.add(listener);
      signal.addEventListener('abort', listener);
      try {
        while (!signal.aborted) {
          turn = Promise.withResolvers();
          const now = snapshot();
          const text = JSON.stringify(now);
          if (text !== told) yield now;
          told = text;
          await turn.promise;
          await new Promise(resolve => setTimeout(resolve, intervalMs));
        }
      } finally {
        listeners.delete(listener);
        signal.removeEventListener('abort', listener);
      }
    },
    start: async (wanted: WantedForward) => settled(await inTurn(() => begin(wanted))),
    switch: (id: string, on: boolean) => inTurn(() => turn(id, on)),
    move: async (id: string, localPort: number) =>
      settled(await inTurn(() => put({ ...entryOf(id).saved, localPort, on: true }, null))),
    remove: (id: string) =>
      inTurn(async () => {
        const { running } = entryOf(id);
        entries.delete(id);
        await running?.close();
        changed();
        store();
      }),
    async startAll(wanted: readonly WantedForward[]): Promise<void> {
      const ids = await inTurn(async () => {
        const begun: string[] = [];
        for (const each of wanted) begun.push(await begin(each));
        return begun;
      });
      await Promise.all(ids.map(settled));
    },
    stopAll: () => inTurn(stopAll),
    startWithProject(on: boolean) {
      withProject = on;
      changed();
      store();
    },
    active: () => [...entries.values()].filter(({ running }) => running).length + (api.proxy ? 1 : 0),
    reserves: (port: number) =>
      [...entries.values()].some(({ saved }) => saved.localPort === port) ||
      (api.view.on && api.view.port === port),
    /** Which of ours listens there now. */
    listensAt(port: number): ForwardTarget | 'api' | null {
      if (api.proxy && api.view.port === port) return 'api';
      const holding = [...entries.values()].find(
        ({ saved, running }) => running && saved.localPort === port && running.status().state !== 'taken',
      );
      return holding?.saved.target ?? null;
    },
    async close() {
      await Promise.all([...entries.values()].map(async ({ running }) => running?.close()));
      await api.proxy?.close();
    },
  };
}

function idOf({ target, port }: Pick<SavedForward, 'target' | 'port'>): string {
  const { apiVersion, kind, namespace, name } = target;
  const text = JSON.stringify([apiVersion, kind, namespace, name, port]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function viewOf(id: string, { saved, running, note }: Entry): ForwardView {
  const { target, port, localPort, web } = saved;
  const https = web && (port === 443 || port === 8443 || /^https/i.test(String(port)));
  const scheme = web ? (https ? 'https://' : 'http://') : '';
  const off = {
    state: 'off',
    message: null,
    pod: null,
    podPort: null,
    holder: null,
    freePort: null,
    connections: 0,
    served: 0,
    received: 0,
    sent: 0,
  } as const;
  const status = running?.status() ?? off;
  return {
    id,
    target,
    port,
    localPort,
    address: `${scheme}127.0.0.1:${localPort}`,
    web,
    on: running !== null,
    ...status,
    message: status.message ?? note,
  };
}

const apiOff = (port: number): ApiProxyView => ({
  on: false,
  state: 'off',
  port,
  address: `http://127.0.0.1:${port}`,
  message: null,
  holder: null,
});

function byPlace(a: ForwardView, b: ForwardView): number {
  // of one object, in the order in which its ports were added
  const key = ({ target }: ForwardView) => `${target.namespace}/${target.name}/${target.kind}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}
