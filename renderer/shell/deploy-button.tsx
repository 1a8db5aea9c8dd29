import { useState } from 'react';
import type { Job } from '../../preload/contract/activity.ts';
import type { DeployConsent, Plan } from '../../preload/contract/deploy.ts';
import { useShortcut } from '../app/use-shortcut.ts';
import { Busy, Button } from '../components/button.tsx';
import type { IconName } from '../components/icon.tsx';
import { isLocalContext } from '../stores/plan-words.ts';
import { useNow, usePeek, useResource, useStores } from '../stores/react.ts';
import { duration } from '../text/time.ts';
import { useStore } from 'zustand';
import { GuardDialog, ReplaceDialog } from './consent-dialogs.tsx';
import { useRunningJob } from './current.ts';

type Consent = Partial<DeployConsent>;
/** Jobs that a deploy would be refused beside. */
const blockingJobs: readonly Job['kind'][] = ['deploy', 'cluster-create', 'cluster-delete', 'remove'];

export interface Deploying {
  readonly plan: Plan | null;
  /** Why it can't be started now. */
  readonly off: string | null;
  readonly busy: boolean;
  /** A deploy ended after the plan was read: what it says is done. It is being read again. */
  readonly outdated: boolean;
  /** Asks what has to be asked, then starts. */
  readonly deploy: (consent?: Consent) => void;
  /** The dialog that is asking, to be drawn by the caller. */
  readonly asking: React.ReactNode;
}

/** Starting a deploy, with everything that may have to be asked first: whose cluster it is, and what has to be replaced. */
export function useDeploying(projectId: string): Deploying {
  const { deploys, projects, connection, activity } = useStores();
  const plan = useResource(deploys.plans, projectId);
  const connected = useStore(connection, state => state.connected);
  const isStarting = useStore(deploys.starting, ids => ids.has(projectId));
  const project = usePeek(projects, '').data?.find(one => one.id === projectId) ?? null;
  const running = useRunningJob(projectId, blockingJobs);
  const endedAt = useStore(activity.jobs.store, state => lastEnd(state['']?.data ?? [], projectId));
  const outdated = plan.loadingSince !== null && plan.at !== null && endedAt > plan.at;
  const [step, setStep] = useState<{ at: 'guard' | 'replace'; consent: Consent } | null>(null);
  const { data } = plan;
  const asked = data?.objects.filter(object => object.action === 'ask') ?? [];

  const start = (consent: Consent) => {
    setStep(null);
    void deploys.start(projectId, consent);
  };
  const afterGuard = (consent: Consent) => {
    if (asked.length > 0 && consent.replace === undefined) setStep({ at: 'replace', consent });
    else start(consent);
  };
  const deploy = (consent: Consent = {}) => {
    if (data === null || running !== null || outdated) return;
    if (isLocalContext(data.cluster.context)) afterGuard(consent);
    else setStep({ at: 'guard', consent });
  };
  const asking =
    step === null || data === null ? null : step.at === 'guard' ? (
      <GuardDialog
        name={project?.name ?? 'the project'}
        plan={data}
        onClose={() => setStep(null)}
        onAgree={() => afterGuard(step.consent)}
      />
    ) : (
      <ReplaceDialog
        objects={asked}
        onClose={() => setStep(null)}
        onAgree={replace => start({ ...step.consent, replace })}
      />
    );
  return {
    plan: data,
    off: outdated ? 'The plan is being read' : reasonOff(plan, connected, project?.state ?? 'ok'),
    outdated,
    busy: isStarting || running !== null,
    deploy,
    asking,
  };
}

const lastEnd = (jobs: readonly Job[], projectId: string): number =>
  Math.max(
    0,
    ...jobs
      .filter(
        job =>
          job.project === projectId &&
          (job.kind === 'deploy' || job.kind === 'remove') &&
          job.finishedAt !== null,
      )
      .map(job => Date.parse(job.finishedAt ?? '')),
  );

function reasonOff(
  plan: { readonly data: Plan | null; readonly error: { readonly message: string } | null },
  connected: boolean,
  state: string,
): string | null {
  if (!connected) return 'The engine does not answer';
  if (state === 'missing') return 'The folder is missing';
  if (plan.data === null) return plan.error?.message ?? 'The plan is being read';
  if (plan.data.runnable) return null;
  return plan.data.problems[0]?.message ?? 'The plan can’t be run';
}

/** Deploy, or, while one runs, its progress and Cancel in the same place. */
export function DeployButton({
  projectId,
  deploying,
  label = 'Deploy',
  icon = 'play',
}: {
  projectId: string;
  deploying: Deploying;
  label?: string;
  icon?: IconName;
}) {
  const { activity } = useStores();
  const job = useRunningJob(projectId, blockingJobs);
  const isStopping = useStore(activity.stopping, ids => job !== null && ids.has(job.id));
  const now = useNow(job !== null);
  const cancel = () => job !== null && void activity.cancel(job.id).catch(() => undefined);
  const { plan, off, busy, deploy } = deploying;
  const foreign = plan !== null && !isLocalContext(plan.cluster.context);
  const title = foreign ? `${label} to ${plan.cluster.context}…` : label;
  useShortcut('primary', () => deploy(), off === null && !busy);
  useShortcut('cancel', cancel, job !== null);
  if (job !== null) {
    return (
      <>
        <Button shortcut="cancel" off={isStopping && 'It is stopping'} onClick={cancel}>
          Cancel
        </Button>
        <Busy progress={job.progress} width={160}>
          <span className="cut" title={job.title}>
            {isStopping ? 'Stopping' : job.kind === 'deploy' ? 'Deploying' : job.title}
          </span>
          <span className="grow" />
          <span className="t2">{duration(now - Date.parse(job.startedAt))}</span>
        </Busy>
      </>
    );
  }
  if (busy) return <Busy progress={null}>Starting</Busy>;
  const nothing = plan?.nothingToDo === true;
  return (
    <>
      {nothing && off === null && <span className="t3">Nothing to deploy</span>}
      {off !== null && (
        <span className="t3 cut off-reason" title={off}>
          {off}
        </span>
      )}
      <Button
        {...(nothing || off !== null ? {} : { kind: 'primary' as const })}
        icon={icon}
        shortcut="primary"
        off={off}
        onClick={() => deploy()}
      >
        {title}
      </Button>
    </>
  );
}
