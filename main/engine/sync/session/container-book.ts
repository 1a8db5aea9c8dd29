import type { ContainerSync } from './container-door.ts';
import type { Journal } from './journal.ts';
import type { FoundContainer } from './pods.ts';

/** What keeps one container equal, and the notes of what was sent to it. */
export interface Running {
  readonly sync: ContainerSync;
  readonly journal: Journal;
}

export interface KnownContainer {
  readonly found: FoundContainer;
  readonly running: Running | null;
}

/** The containers that there are, by their key, and which of them are synced. */
export interface ContainerBook {
  readonly all: () => readonly KnownContainer[];
  get(key: string): KnownContainer | undefined;
  /** A container of a new ID is another one: nothing of what was known of the last one counts. */
  put(found: FoundContainer): void;
  /** With the container goes what had been sent to it. */
  remove(key: string): void;
  start(key: string, running: Running): void;
  stop(key: string): void;
  /** Nothing runs any more, and nothing is known. */
  close(): Promise<void>;
}

export function createContainerBook(leave: (work: Promise<void>) => void): ContainerBook {
  const known = new Map<string, KnownContainer>();

  function remove(key: string): void {
    const running = known.get(key)?.running;
    known.delete(key);
    const end = async () => {
      await running?.sync.close();
      running?.journal.forget();
    };
    leave(end());
  }

  return {
    all: () => [...known.values()],
    get: key => known.get(key),
    put(found) {
      const before = known.get(found.key);
      if (before && before.found.containerId !== found.containerId) remove(found.key);
      known.set(found.key, { found, running: known.get(found.key)?.running ?? null });
    },
    remove,
    start(key, running) {
      const container = known.get(key);
      if (container) known.set(key, { ...container, running });
    },
    stop(key) {
      const container = known.get(key);
      if (!container?.running) return;
      known.set(key, { ...container, running: null });
      leave(container.running.sync.close());
    },
    async close() {
      const running = [...known.values()].flatMap(container => container.running ?? []);
      known.clear();
      await Promise.all(running.map(({ sync }) => sync.close()));
    },
  };
}
