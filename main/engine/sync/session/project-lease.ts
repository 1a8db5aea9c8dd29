import type { Cluster } from '../../cluster/index.ts';
import type { Project } from '../../project/index.ts';
import type { SessionDeps } from './deps.ts';
import { keepLease, type KeptLease } from './keep-lease.ts';

interface ProjectLeaseDeps extends Pick<SessionDeps, 'hold' | 'heldBy'> {
  readonly everyMs: number;
  readonly changed: () => void;
}

/** The lease of the project in the cluster that it is synced into, or none. */
export function createProjectLease({ hold, heldBy, everyMs, changed }: ProjectLeaseDeps) {
  let kept: KeptLease | null = null;
  return {
    held: () => kept?.held() === true,
    /** Who has it instead, in a sentence. */
    blocked: () => kept?.blocked() ?? null,
    /** Holds it from now on, where that is not done yet. */
    keep(cluster: Cluster, project: Project, signal: AbortSignal): void {
      kept ??= keepLease({
        hold: held => hold(cluster, held, signal),
        heldBy: held => heldBy(cluster, held, signal),
        project,
        everyMs,
        changed,
      });
    },
    /** Gives it back. */
    async drop(): Promise<void> {
      const held = kept;
      kept = null;
      await held?.close();
    },
  };
}
