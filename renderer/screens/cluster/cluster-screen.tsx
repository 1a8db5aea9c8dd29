import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { LogLines } from '../../components/log-lines.tsx';
import { Status } from '../../components/status.tsx';
import type { Tone } from '../../components/icon.tsx';
import { useShortcut } from '../../app/use-shortcut.ts';
import type { WireError } from '../../../preload/contract/errors.ts';
import { useProject, useRunningJob } from '../../shell/current.ts';
import { toFailure } from '../../stores/failure.ts';
import { useJobView, useNow, usePeek, useResource, useStores } from '../../stores/react.ts';
import type { ClusterState } from '../../stores/stores.ts';
import { duration } from '../../text/time.ts';
import { DashboardButton } from './dashboard-button.tsx';
import { DeleteClusterDialog } from './delete-cluster-dialog.tsx';
import { Nodes } from './nodes.tsx';

const states: Record<ClusterState['state'], readonly [Tone, string]> = {
  ready: ['ok', 'Ready'],
  'not-answering': ['bad', 'Does not answer'],
  stopped: ['stopped', 'Stopped'],
  missing: ['stopped', 'Not made yet'],
  unknown: ['warn', 'Unknown'],
};

export function ClusterScreen({ projectId }: { projectId: string | null }) {
  if (projectId !== null) return <ProjectCluster projectId={projectId} />;
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Cluster</h1>
      </header>
      <div className="body">
        <Empty
          icon="server"
          title="No project chosen"
          line="Each project has its own Kind cluster. Choose a project at the left to see it."
        />
      </div>
    </main>
  );
}

function ProjectCluster({ projectId }: { projectId: string }) {
  const { client, clusters, dock, activity } = useStores();
  const project = useProject(projectId);
  const cluster = useResource(clusters, projectId);
  const job = useRunningJob(projectId, ['cluster-create', 'cluster-delete']);
  const deploy = useRunningJob(projectId, ['deploy']);
  const view = useJobView(job?.id ?? null);
  const lastFailed =
    usePeek(activity.jobs, '').data?.find(
      one => one.kind === 'cluster-create' && one.project === projectId && one.state === 'failed',
    ) ?? null;
  const now = useNow(job !== null);
  const [deleting, setDeleting] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const state = cluster.data;
  const create = () => {
    setError(null);
    client.request('cluster.create', { projectId }).catch(thrown => setError(toFailure(thrown)));
  };
  const cancel = () => job !== null && void activity.cancel(job.id).catch(() => undefined);
  const canCreate = state !== null && state.state === 'missing' && job === null;
  useShortcut('primary', create, canCreate);
  useShortcut('cancel', cancel, job !== null);
  const off = deploy === null ? null : 'A deploy is running';
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Cluster</h1>
        <span className="sub">
          {[state?.cluster.name, project === null ? null : `of ${project.name}`].filter(Boolean).join(' ')}
        </span>
        {state !== null && (
          <Status tone={states[state.state][0]} fill>
            {states[state.state][1]}
          </Status>
        )}
        <span className="grow" />
        {state?.createJob != null && (
          <Button
            kind="quiet"
            icon="scroll-text"
            onClick={() => state.createJob !== null && dock.openJob(state.createJob)}
          >
            Log of its making
          </Button>
        )}
        {state !== null && state.cluster.exists && (
          <DashboardButton
            projectId={projectId}
            off={state.state !== 'ready' && 'The cluster does not answer'}
          />
        )}
        <Button icon="refresh-cw" onClick={() => void clusters.load(projectId)}>
          Read again
        </Button>
        {job !== null ? (
          <Button shortcut="cancel" onClick={cancel}>
            Cancel
          </Button>
        ) : state !== null && state.cluster.exists ? (
          <Button kind="danger" icon="trash-2" off={off} onClick={() => setDeleting(true)}>
            Delete cluster…
          </Button>
        ) : (
          <Button
            kind="primary"
            icon="plus"
            shortcut="primary"
            off={off ?? (state === null && 'It is being read')}
            onClick={create}
          >
            {state === null ? 'Create cluster' : `Create ${state.cluster.name}`}
          </Button>
        )}
      </header>
      <div className="body">
        {error !== null && (
          <div className="strip bad" role="alert">
            <Status tone="bad">{error.message}</Status>
            {error.hint !== null && <span className="t2">{error.hint}</span>}
          </div>
        )}
        {job === null && state?.state === 'missing' && lastFailed?.error != null && (
          <div className="strip bad" role="alert">
            <Status tone="bad">{lastFailed.error.message}</Status>
            {lastFailed.error.hint !== null && <span className="t2">{lastFailed.error.hint}</span>}
            <span className="grow" />
            <Button small icon="scroll-text" onClick={() => dock.openJob(lastFailed.id)}>
              Log
            </Button>
          </div>
        )}
        {job !== null && (
          <section className="panel job-panel" aria-label={job.title}>
            <header>
              <Status tone="working">{job.title}</Status>
              <span className="t2 cut">{job.status}</span>
              <span className="grow" />
              <span className="t3">{duration(now - Date.parse(job.startedAt))}</span>
            </header>
            <LogLines
              lines={view?.lines.items ?? []}
              startedAt={view?.startedAt ?? null}
              showSource={false}
              wrap={false}
              label={job.title}
            />
          </section>
        )}
        <ListState
          of={cluster}
          who="Docker"
          rows={4}
          onRetry={() => void clusters.load(projectId)}
          onStop={() => clusters.stopWaiting(projectId)}
        >
          {data => <Facts cluster={data} />}
        </ListState>
      </div>
      {deleting && state !== null && (
        <DeleteClusterDialog
          projectId={projectId}
          cluster={state}
          onClose={() => setDeleting(false)}
          onFailed={thrown => {
            setDeleting(false);
            setError(toFailure(thrown));
          }}
        />
      )}
    </main>
  );
}

function Facts({ cluster }: { cluster: ClusterState }) {
  const { cluster: planned } = cluster;
  return (
    <>
      <section className="panel" aria-label="About the cluster">
        <header>
          <h2 className="mono">{planned.context}</h2>
          <span className="t2 cut">{cluster.message}</span>
        </header>
        <div className="cluster-facts">
          <dl className="kv">
            <dt>Server</dt>
            <dd className="mono">{cluster.server ?? '–'}</dd>
            <dt>Version</dt>
            <dd>{cluster.version === null ? '–' : `Kubernetes ${cluster.version.replace(/^v/, '')}`}</dd>
          </dl>
          <dl className="kv">
            <dt>Nodes</dt>
            <dd>{cluster.nodes.length === 0 ? '–' : cluster.nodes.length}</dd>
            <dt>Node image</dt>
            <dd className="mono" title={planned.nodeImage?.reference ?? cluster.nodes[0]?.image}>
              {planned.nodeImage?.reference ?? cluster.nodes[0]?.image ?? '–'}
            </dd>
          </dl>
        </div>
        {planned.configChanged && (
          <div className="foot">
            <Status tone="warn">The Kind configuration changed after it was made</Status>
            <span className="t2"> Overview offers to make it anew.</span>
          </div>
        )}
      </section>
      {cluster.state === 'missing' ? (
        <Empty
          icon="server"
          title={`No Kind cluster ${planned.name}`}
          line={
            planned.nodeImage?.from === 'local'
              ? `Deploy makes it, or make it here. Its node image ${planned.nodeImage.reference} is on this machine.`
              : 'Deploy makes it, or make it here.'
          }
        />
      ) : (
        cluster.nodes.length > 0 && <Nodes nodes={cluster.nodes} />
      )}
    </>
  );
}
