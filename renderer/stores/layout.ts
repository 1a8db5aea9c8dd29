import { createStore, type StoreApi } from 'zustand/vanilla';

/** What the user dragged and hid; remembered in this window's storage. */
export interface Layout {
  readonly sidebarShown: boolean;
  readonly sidebarWidth: number;
  readonly inspectorWidth: number;
  readonly dockOpen: boolean;
  readonly dockHeight: number;
  readonly diff: 'side' | 'inline';
  readonly logWrap: boolean;
  /** Times in a log: local, utc, off. */
  readonly logTime: string;
}

const initial: Layout = {
  sidebarShown: true,
  sidebarWidth: 220,
  inspectorWidth: 360,
  dockOpen: false,
  dockHeight: 306,
  diff: 'side',
  logWrap: false,
  logTime: 'local',
};
const key = 'ptah.layout';

export const limits = {
  sidebarWidth: [160, 400],
  inspectorWidth: [280, 640],
  dockHeight: [120, 720],
} as const;

function read(storage: Storage | null): Layout {
  try {
    const stored: unknown = JSON.parse(storage?.getItem(key) ?? '{}');
    const known = typeof stored === 'object' && stored !== null ? stored : {};
    const fitting = Object.entries(known).filter(
      ([name, value]) => name in initial && typeof value === typeof initial[name as keyof Layout],
    );
    return { ...initial, ...Object.fromEntries(fitting) };
  } catch {
    return initial;
  }
}

/** The dock starts closed: a window that opens shows its screen, and a job opens the dock when asked. */
export function createLayout(storage: Storage | null): StoreApi<Layout> {
  const store = createStore<Layout>(() => ({ ...read(storage), dockOpen: false }));
  store.subscribe(state => {
    try {
      storage?.setItem(key, JSON.stringify(state));
    } catch {
      // A full or forbidden storage only means that widths are not remembered.
    }
  });
  return store;
}
