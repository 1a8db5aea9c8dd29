import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { RemovalGroupId, RemovalPlan } from '../../preload/contract/removal.ts';
import { createResource, type Resource } from './resource.ts';

export interface Removal {
  readonly plans: Resource<RemovalPlan>;
  /** The project whose dialog is open. */
  readonly asking: StoreApi<{ readonly projectId: string | null }>;
  /** Opens the dialog; what it shows is read anew. */
  ask(projectId: string): void;
  close(): void;
  /** Starts what the list at hand says, and nothing that was not read. */
  start(
    projectId: string,
    plan: RemovalPlan,
    groups: readonly RemovalGroupId[],
  ): Promise<{ readonly jobId: string }>;
}

export function createRemoval(client: PtahClient): Removal {
  const asking = createStore<{ projectId: string | null }>(() => ({ projectId: null }));
  const plans = createResource<RemovalPlan>((projectId, signal) =>
    client.request('removal.plan', { projectId }, { signal }),
  );
  return {
    plans,
    asking,
    ask(projectId) {
      plans.store.setState(
        read => Object.fromEntries(Object.entries(read).filter(([key]) => key !== projectId)),
        true,
      );
      asking.setState({ projectId });
    },
    close: () => asking.setState({ projectId: null }),
    start: (projectId, { fingerprint, cluster }, groups) =>
      client.request('removal.start', {
        projectId,
        fingerprint,
        groups: [...groups],
        clusterName: groups.includes('cluster') ? cluster.name : null,
      }),
  };
}
