import { createStore, type StoreApi } from 'zustand/vanilla';

export interface Toast {
  /** The same key replaces: one task has one toast. */
  readonly key: string;
  readonly tone: 'done' | 'bad' | 'warn' | 'working';
  readonly title: string;
  readonly line: string;
  readonly action: { readonly label: string; readonly run: () => void } | null;
}

export interface Toasts {
  readonly store: StoreApi<readonly Toast[]>;
  show(toast: Toast): void;
  dismiss(key: string): void;
}

export const mostToasts = 3;

export function createToasts(): Toasts {
  const store = createStore<readonly Toast[]>(() => []);
  return {
    store,
    show: toast =>
      store.setState(
        state => [...state.filter(one => one.key !== toast.key), toast].slice(-mostToasts),
        true,
      ),
    dismiss: key => store.setState(state => state.filter(one => one.key !== key), true),
  };
}
