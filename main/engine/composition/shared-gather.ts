import { gatherWorld, type Gathered } from '../deploy/index.ts';
import type { Project } from '../project/index.ts';
import type { Parts } from './parts.ts';

export interface SharedGather {
  /**
   * A screen asks for plan, images and cluster at once, and all need the same look at the world: who asks while one is
   * under way gets that one. A look that has ended is never given again.
   */
  (project: Project): Promise<Gathered>;
  /** Something changed: a look that is under way may have passed it by, and is given to nobody new. */
  outdate(): void;
}

export function createSharedGather(parts: Parts): SharedGather {
  const running = new Map<string, Promise<Gathered>>();
  const gather = (project: Project): Promise<Gathered> => {
    const known = running.get(project.root);
    if (known) return known;
    const gathering = gatherWorld(project, parts, parts.closing).finally(() => {
      if (running.get(project.root) === gathering) running.delete(project.root);
    });
    running.set(project.root, gathering);
    return gathering;
  };
  return Object.assign(gather, { outdate: () => running.clear() });
}

/** Whoever gives up waiting stops waiting; the look itself goes on for the others. */
export function abortable<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
