import { useState } from 'react';
import { useStore } from 'zustand';
import type { PastDeploy } from '../../../preload/contract/deploy.ts';
import { ListState } from '../../components/list-state.tsx';
import { Button } from '../../components/button.tsx';
import { onDemand } from '../../components/on-demand.tsx';
import { ProblemList } from '../../components/problem-list.tsx';
import { Status } from '../../components/status.tsx';
import { PruneDialog, RecreateDialog } from '../../shell/consent-dialogs.tsx';
import { useProject, useRunningJob } from '../../shell/current.ts';
import { DeployButton, useDeploying } from '../../shell/deploy-button.tsx';
import { useHints, type Hint } from '../../shell/hints.ts';
import { wordOfStep } from '../../stores/job-view.ts';
import { useJobView, useNow, usePeek, useResource, useStores } from '../../stores/react.ts';
import { duration } from '../../text/time.ts';
import { shortPath } from '../../text/words.ts';
import { DeploysPanel } from './deploys-panel.tsx';
import { FailedDeploy } from './failed-deploy.tsx';
import { ImagesPanel } from './images-panel.tsx';
import { LivePanel } from './live-panel.tsx';
import { ObjectsPanel } from './objects-panel.tsx';
import { Pipeline } from './pipeline.tsx';
import { PlanNotices } from './plan-notices.tsx';
import { PlanSentence } from './plan-sentence.tsx';

// Below the plan: it need not stand before the first picture of the window.
const SyncPanel = onDemand(
  async () => (await import('./sync-panel.tsx')).SyncPanel,
  <div className="panel sync-panel" />,
);

const hints: readonly Hint[] = [
  { keys: 'Ctrl+Enter', word: 'deploy' },
  { keys: 'Ctrl+D', word: 'changes' },
  { keys: 'Ctrl+J', word: 'dock' },
];
const runningHints: readonly Hint[] = [{ keys: 'Ctrl+.', word: 'cancel' }, ...hints.slice(1)];

export function OverviewScreen({ projectId }: { projectId: string }) {
  const { deploys, info, removal } = useStores();
  const project = useProject(projectId);
  const home = usePeek(info, '').data?.userHome ?? null;
  const plan = useResource(deploys.plans, projectId);
  const history = useResource(deploys.histories, projectId);
  const running = useRunningJob(projectId, ['deploy']);
  const refusal = useStore(deploys.refusals, state => state[projectId] ?? null);
  const deploying = useDeploying(projectId);
  const shown = useShownJob(projectId, running?.id ?? null, history.data ?? []);
  const job = useJobView(shown);
  const now = useNow(running !== null);
  const [dialog, setDialog] = useState<'prune' | 'recreate' | null>(null);
  useHints(running === null ? hints : runningHints);
  const result = job?.result ?? null;
  const failed = running === null && result?.state === 'failed' ? result : null;
  const finished = running === null && result !== null && result.state !== 'failed' ? result : null;

  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>{project?.name ?? 'Project'}</h1>
        <span className="sub mono" title={project?.root}>
          {project === null ? '' : shortPath(project.root, home)}
        </span>
        {finished !== null && (
          <Status tone={finished.state === 'cancelled' ? 'stopped' : 'done'} fill>
            {`${{ deployed: 'Deployed', unchanged: 'Nothing had changed', cancelled: 'Cancelled', failed: 'Failed' }[finished.state]}, ${duration(finished.durationMs)}`}
          </Status>
        )}
        <span className="grow" />
        {plan.data !== null && plan.data.prune.length > 0 && running === null && (
          <Button kind="quiet" icon="trash-2" onClick={() => setDialog('prune')}>
            Prune…
          </Button>
        )}
        {running === null && (
          <Button
            kind="quiet"
            icon="trash-2"
            title="Take away what is this project’s in the cluster and in Docker"
            onClick={() => removal.ask(projectId)}
          >
            Remove…
          </Button>
        )}
        <DeployButton
          projectId={projectId}
          deploying={deploying}
          {...(failed !== null
            ? {
                label: `Retry${failed.failedStep === null ? '' : ` from ${wordOfStep(failed.failedStep)}`}`,
                icon: 'rotate-cw' as const,
              }
            : {})}
        />
      </header>
      <div className="body">
        {refusal !== null && (
          <div className="strip bad" role="alert">
            <Status tone="bad">{refusal.message}</Status>
            {refusal.hint !== null && <span className="t2">{refusal.hint}</span>}
          </div>
        )}
        <ListState
          of={plan.data === null && job?.plan != null ? { ...plan, data: job.plan, error: null } : plan}
          who="Docker or the cluster"
          rows={3}
          onRetry={() => void deploys.plans.load(projectId)}
          onStop={() => deploys.plans.stopWaiting(projectId)}
        >
          {data => {
            const said = running !== null && job?.plan != null ? job.plan : data;
            return (
              <>
                {deploying.outdated ? (
                  <p className="plan t3">Reading what is left to do</p>
                ) : (
                  <PlanSentence plan={said} />
                )}
                <PlanNotices plan={data} onRecreate={() => setDialog('recreate')} />
                <Pipeline plan={said} job={job} history={history.data ?? []} now={now} />
                {failed !== null && job !== null && (
                  <FailedDeploy
                    projectId={projectId}
                    job={job}
                    result={failed}
                    onForce={() => deploying.deploy({ force: true })}
                  />
                )}
                {data.problems.length > 0 && (
                  <section className="panel" aria-label="Problems" role="alert">
                    <header>
                      <h2>In the way</h2>
                      <span className="t3">Deploy is off until these are solved</span>
                    </header>
                    <ProblemList problems={data.problems} />
                  </section>
                )}
                <div className="now">
                  {running !== null && job !== null ? (
                    <LivePanel job={job} />
                  ) : (
                    <ObjectsPanel projectId={projectId} plan={data} />
                  )}
                  <ImagesPanel projectId={projectId} plan={said} job={running === null ? null : job} />
                </div>
              </>
            );
          }}
        </ListState>
        <SyncPanel projectId={projectId} said={plan.error?.message ?? null} />
        <DeploysPanel
          projectId={projectId}
          history={history}
          context={plan.data?.cluster.context ?? null}
          live={running === null ? null : job}
        />
      </div>
      {deploying.asking}
      {dialog === 'prune' && plan.data !== null && (
        <PruneDialog
          plan={plan.data}
          onClose={() => setDialog(null)}
          onAgree={prune => {
            setDialog(null);
            deploying.deploy({ prune });
          }}
        />
      )}
      {dialog === 'recreate' && plan.data !== null && (
        <RecreateDialog
          plan={plan.data}
          onClose={() => setDialog(null)}
          onAgree={() => {
            setDialog(null);
            deploying.deploy({ recreateCluster: true });
          }}
        />
      )}
    </main>
  );
}

/** The deploy whose steps are shown: the one that runs, the one just seen, or the last when it failed. */
function useShownJob(
  projectId: string,
  running: string | null,
  history: readonly PastDeploy[],
): string | null {
  const { deploys } = useStores();
  const [seen, setSeen] = useState<string | null>(null);
  if (running !== null && seen !== running) setSeen(running);
  const plan = usePeek(deploys.plans, projectId);
  const [last] = history;
  if (running !== null) return running;
  if (last?.result?.state === 'failed') return last.jobId;
  const stillTrue = plan.data === null || plan.data.nothingToDo || plan.loadingSince !== null;
  return stillTrue || last?.jobId !== seen ? seen : last?.result?.state === 'cancelled' ? seen : null;
}
