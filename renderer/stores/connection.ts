import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';

export interface Connection {
  readonly connected: boolean;
  /** Since when the engine does not answer. */
  readonly lostAt: number | null;
}

/** Told by the client; `onBack` runs when an engine that was lost answers again. */
export function createConnection(client: PtahClient, onBack: () => void): StoreApi<Connection> {
  const store = createStore<Connection>(() => ({ connected: true, lostAt: null }));
  client.onConnection(connected => {
    const wasLost = !store.getState().connected;
    if (connected === store.getState().connected) return;
    store.setState({ connected, lostAt: connected ? null : Date.now() });
    if (connected && wasLost) onBack();
  });
  return store;
}
