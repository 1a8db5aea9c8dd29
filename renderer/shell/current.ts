import { useStore } from 'zustand';
import type { Job } from '../../preload/contract/activity.ts';
import type { ProjectSummary } from '../../preload/contract/projects.ts';
import type { Tone } from '../components/icon.tsx';
import { usePeek, useStores } from '../stores/react.ts';

export interface CurrentContext {
  readonly context: string;
  readonly tone: Tone;
  readonly word: string;
  readonly nodes: number;
}

/** What was last read of a project's cluster, by whichever screen read it. */
export function useCurrentContext(projectId: string | null): CurrentContext | null {
  const { deploys, clusters, projects } = useStores();
  const plan = usePeek(deploys.plans, projectId);
  const cluster = usePeek(clusters, projectId);
  const summary = usePeek(projects, '').data?.find(project => project.id === projectId) ?? null;
  if (cluster.data !== null && (cluster.at ?? 0) >= (plan.at ?? 0)) {
    const { state } = cluster.data;
    const words: Record<typeof state, readonly [Tone, string]> = {
      ready: ['ok', 'ready'],
      'not-answering': ['bad', 'does not answer'],
      stopped: ['stopped', 'stopped'],
      missing: ['stopped', 'not made yet'],
      unknown: ['warn', 'unknown'],
    };
    const [tone, word] = words[state];
    return { context: cluster.data.cluster.context, tone, word, nodes: cluster.data.nodes.length };
  }
  if (plan.data !== null) {
    const { context, exists, nodes } = plan.data.cluster;
    return {
      context,
      tone: exists ? 'ok' : 'stopped',
      word: exists ? 'ready' : 'not made yet',
      nodes: nodes.length,
    };
  }
  if (summary === null || summary.clusterName === null) return null;
  return { context: `kind-${summary.clusterName}`, tone: 'wait', word: 'not read yet', nodes: 0 };
}

export function useProject(projectId: string | null): ProjectSummary | null {
  const { projects } = useStores();
  return usePeek(projects, '').data?.find(project => project.id === projectId) ?? null;
}

/** The job of a kind that runs for a project now. */
export function useRunningJob(projectId: string | null, kinds: readonly Job['kind'][]): Job | null {
  const { activity } = useStores();
  return useStore(
    activity.jobs.store,
    state =>
      state['']?.data?.find(
        job => job.state === 'running' && job.project === projectId && kinds.includes(job.kind),
      ) ?? null,
  );
}

/**
 * Whether the cluster was found equal to the folder without a record of a deploy here: somebody deployed from another machine, or
 * with another home of the application.
 */
export function useDeployedElsewhere({ id, lastDeploy }: ProjectSummary): boolean {
  const { deploys } = useStores();
  const { data: plan } = usePeek(deploys.plans, id);
  return lastDeploy === null && plan !== null && plan.nothingToDo && plan.objects.length > 0;
}

/** The state of a project in one shape and one word. */
export function stateOfProject(
  project: ProjectSummary,
  deployedElsewhere: boolean,
): { readonly tone: Tone; readonly word: string } {
  if (project.runningJob !== null) return { tone: 'working', word: 'Deploying' };
  if (project.state === 'missing') return { tone: 'warn', word: 'Folder missing' };
  if (project.state === 'invalid') return { tone: 'bad', word: 'Cannot be read' };
  if (project.state === 'unconfigured') return { tone: 'warn', word: 'No ptah.yml' };
  switch (project.lastDeploy?.state) {
    case 'deployed':
    case 'unchanged':
      return { tone: 'ok', word: 'Deployed' };
    case 'failed':
      return { tone: 'bad', word: 'Failed' };
    case 'cancelled':
      return { tone: 'stopped', word: 'Cancelled' };
    case undefined:
      return deployedElsewhere ? { tone: 'ok', word: 'Deployed' } : { tone: 'stopped', word: 'Not deployed' };
  }
}
