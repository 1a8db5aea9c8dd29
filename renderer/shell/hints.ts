import { useEffect } from 'react';
import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

export interface Hint {
  readonly keys: string;
  readonly word: string;
}
const store = createStore<readonly { readonly owner: object; readonly hints: readonly Hint[] }[]>(() => []);
const none: readonly Hint[] = [];

/** The keys of the list or screen at hand, shown in the status bar. `hints` has to be a constant. */
export function useHints(hints: readonly Hint[]): void {
  useEffect(() => {
    const owner = {};
    store.setState(state => [...state, { owner, hints }], true);
    return () => store.setState(state => state.filter(entry => entry.owner !== owner), true);
  }, [hints]);
}

export const useShownHints = (): readonly Hint[] => useStore(store, state => state.at(-1)?.hints ?? none);
