import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { DeployConsent, PastDeploy, Plan } from '../../preload/contract/deploy.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { toFailure } from './failure.ts';
import { createResource, type Resource } from './resource.ts';

export interface Deploys {
  readonly plans: Resource<Plan>;
  readonly histories: Resource<readonly PastDeploy[]>;
  /** The last start that was refused, by project. */
  readonly refusals: StoreApi<Readonly<Record<string, WireError | null>>>;
  /** Projects whose start is on its way. */
  readonly starting: StoreApi<ReadonlySet<string>>;
  /** Starts what the plan at hand says; nothing that the user has not read. Gives the job, or null when refused. */
  start(projectId: string, consent?: Partial<DeployConsent>): Promise<string | null>;
}

export const noConsent: DeployConsent = { prune: [], replace: [], force: false, recreateCluster: false };

export function createDeploys(client: PtahClient): Deploys {
  const plans = createResource<Plan>((projectId, signal) =>
    client.request('deploy.plan', { projectId }, { signal }),
  );
  const histories = createResource<readonly PastDeploy[]>(projectId =>
    client.request('deploy.history', { projectId }),
  );
  const refusals = createStore<Readonly<Record<string, WireError | null>>>(() => ({}));
  const starting = createStore<ReadonlySet<string>>(() => new Set<string>());

  return {
    plans,
    histories,
    refusals,
    starting,
    async start(projectId, consent) {
      if (starting.getState().has(projectId)) return null;
      starting.setState(ids => new Set([...ids, projectId]), true);
      refusals.setState({ [projectId]: null });
      try {
        const fingerprint = plans.get(projectId).data?.fingerprint ?? null;
        const { jobId } = await client.request('deploy.start', {
          projectId,
          fingerprint,
          consent: { ...noConsent, ...consent },
        });
        histories.invalidate(projectId);
        return jobId;
      } catch (thrown) {
        refusals.setState({ [projectId]: toFailure(thrown) });
        plans.invalidate(projectId);
        return null;
      } finally {
        starting.setState(ids => new Set([...ids].filter(id => id !== projectId)), true);
      }
    },
  };
}
