import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { TerminalInfo } from '../../preload/contract/terminals.ts';
import type { Dock } from './dock.ts';
import { toFailure } from './failure.ts';
import type { Toasts } from './toasts.ts';

export interface TerminalPlace {
  readonly projectId: string;
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

export interface Terminals {
  /** Terminals of the engine, of all windows. */
  readonly store: StoreApi<Readonly<Record<string, TerminalInfo>>>;
  /** The terminal that takes the focus as soon as it is shown. */
  readonly wanted: StoreApi<{ readonly id: string | null }>;
  open(place: TerminalPlace): Promise<void>;
  show(id: string): void;
  reconnect(id: string): Promise<void>;
  close(id: string): Promise<void>;
  /** What a view was told about its terminal. */
  tell(terminal: TerminalInfo): void;
  /** Reads what is open: terminals outlive windows. */
  resume(): void;
}

/** Until the view has measured itself. */
const firstSize = { cols: 80, rows: 24 };

export const terminalTab = (id: string): string => `terminal-${id}`;

export function createTerminals(client: PtahClient, dock: Dock, toasts: Toasts): Terminals {
  const store = createStore<Readonly<Record<string, TerminalInfo>>>(() => ({}));
  const wanted = createStore<{ readonly id: string | null }>(() => ({ id: null }));

  const tell = (terminal: TerminalInfo): void => {
    store.setState(state => ({ ...state, [terminal.id]: terminal }));
    dock.addTerminal(terminal.id);
  };
  const forget = (id: string): void => {
    store.setState(state => Object.fromEntries(Object.entries(state).filter(([key]) => key !== id)), true);
    dock.close(terminalTab(id));
  };
  const show = (id: string): void => {
    wanted.setState({ id });
    dock.activate(terminalTab(id));
  };
  const failed = (title: string, thrown: unknown): void => {
    const { message } = toFailure(thrown);
    toasts.show({ key: `terminal ${title}`, tone: 'bad', title, line: message, action: null });
  };

  client.on('terminals.changed', ({ terminal, closed }) => (closed ? forget(terminal.id) : tell(terminal)));

  const resume = (): void => {
    client.request('terminals.list', {}).then(
      list => {
        const ids = new Set(list.map(({ id }) => id));
        for (const id of Object.keys(store.getState())) if (!ids.has(id)) forget(id);
        return list.forEach(tell);
      },
      // the engine is not there: it is asked again when it is back
      () => undefined,
    );
  };
  resume();

  return {
    store,
    wanted,
    tell,
    show,
    async open(place) {
      try {
        const { id } = await client.request('terminals.open', { ...place, ...firstSize });
        dock.addTerminal(id);
        show(id);
      } catch (thrown) {
        failed('No terminal was opened', thrown);
      }
    },
    async reconnect(id) {
      try {
        await client.request('terminals.reconnect', { id });
        wanted.setState({ id });
      } catch (thrown) {
        failed('Not connected again', thrown);
      }
    },
    async close(id) {
      try {
        await client.request('terminals.close', { id });
        forget(id);
      } catch (thrown) {
        failed('The terminal was not closed', thrown);
      }
    },
    resume,
  };
}
