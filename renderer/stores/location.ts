import { createStore, type StoreApi } from 'zustand/vanilla';

export const projectScreens = ['overview', 'images', 'changes', 'workloads', 'cluster'] as const;
export const otherScreens = ['projects', 'activity', 'setup', 'settings'] as const;
export type ProjectScreen = (typeof projectScreens)[number];
export type OtherScreen = (typeof otherScreens)[number];

export type Place =
  | { readonly screen: OtherScreen; readonly projectId: null }
  | { readonly screen: ProjectScreen; readonly projectId: string }
  | { readonly screen: 'cluster'; readonly projectId: null };

export const home: Place = { screen: 'projects', projectId: null };

/** The part of the address after `#`. The place is in it, so that a reload stays where it was. */
export function toHash(place: Place): string {
  return place.projectId === null
    ? `#/${place.screen}`
    : `#/p/${encodeURIComponent(place.projectId)}/${place.screen}`;
}

export function fromHash(hash: string): Place {
  const parts = hash.replace(/^#\/?/, '').split('/');
  if (parts[0] === 'p' && parts[1]) {
    const screen = projectScreens.find(name => name === parts[2]) ?? 'overview';
    try {
      return { screen, projectId: decodeURIComponent(parts[1]) };
    } catch {
      return home;
    }
  }
  if (parts[0] === 'cluster') return { screen: 'cluster', projectId: null };
  const screen = otherScreens.find(name => name === parts[0]);
  return screen === undefined ? home : { screen, projectId: null };
}

/** `#/open/PATH`: a folder that the host was given, for example by a second start. Null for every other address. */
export function folderToOpen(hash: string): string | null {
  const path = /^#\/open\/(.+)$/.exec(hash)?.[1];
  if (path === undefined) return null;
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

export interface LocationState {
  readonly place: Place;
  /** The project last looked at: what Cluster in the sidebar means on a screen of no project. */
  readonly lastProject: string | null;
}
export interface Location {
  readonly store: StoreApi<LocationState>;
  go(place: Place): void;
  close(): void;
}

export function createLocation(target: Window): Location {
  const read = (): Place => fromHash(target.location.hash);
  const first = read();
  const store = createStore<LocationState>(() => ({ place: first, lastProject: first.projectId }));
  const take = () => {
    const place = read();
    store.setState(state => ({ place, lastProject: place.projectId ?? state.lastProject }));
  };
  target.addEventListener('hashchange', take);
  return {
    store,
    go(place) {
      const hash = toHash(place);
      if (target.location.hash !== hash) target.location.hash = hash;
      take();
    },
    close: () => target.removeEventListener('hashchange', take),
  };
}
