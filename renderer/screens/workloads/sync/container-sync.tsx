import { memo, useState } from 'react';
import { useStore } from 'zustand';
import type { SyncContainer, SyncImage } from '../../../../preload/contract/sync.ts';
import type { ContainerView, PodView } from '../../../../preload/contract/workloads.ts';
import { Keys } from '../../../components/keys.tsx';
import { ProblemList } from '../../../components/problem-list.tsx';
import { Status } from '../../../components/status.tsx';
import type { Deploying } from '../../../shell/deploy-button.tsx';
import { ScopeSwitch } from '../../../shell/sync/scope-switch.tsx';
import { useNow, useResource, useStores } from '../../../stores/react.ts';
import { keyOf } from '../../../stores/sync.ts';
import { useContainerWork, useSyncContainer } from '../../../stores/use-sync.ts';
import { channelWords, sentenceOf, stateOf, stateTone, took } from '../../../text/sync.ts';
import { count } from '../../../text/words.ts';
import { nameOfRow, scopeOf, withoutSwitch, type TreeRow } from '../tree.ts';
import { SyncActions } from './actions.tsx';
import { DriftList } from './drift-list.tsx';
import { FolderRules } from './folder-rules.tsx';
import { LastFiles } from './last-files.tsx';
import { NeedsBuild } from './needs-build.tsx';

/** Of a workload or a pod: its switch alone; the containers have the rest. */
export function SyncOf({
  projectId,
  row,
}: {
  projectId: string;
  row: Extract<TreeRow, { kind: 'workload' | 'pod' }>;
}) {
  return (
    <section>
      <h3>
        Sync
        <span className="grow" />
        <ScopeSwitch
          projectId={projectId}
          scope={scopeOf(row)}
          label={`Sync of ${nameOfRow(row)}, in the inspector`}
          otherwise={withoutSwitch(row)}
        />
        <Keys of="S" />
      </h3>
    </section>
  );
}

/** Everything that sync says of one container, and what can be asked of it. */
export function ContainerSync({
  projectId,
  pod,
  container,
  otherwise,
  deploying,
}: {
  projectId: string;
  pod: PodView;
  container: ContainerView;
  otherwise: string;
  deploying: Deploying;
}) {
  const { sync } = useStores();
  const of = { namespace: pod.namespace, pod: pod.name, container: container.name };
  const key = keyOf(of);
  const synced = useSyncContainer(projectId, key);
  const image = useStore(
    sync.snapshots.store,
    state =>
      (synced === null
        ? undefined
        : state[projectId]?.value?.images.find(one => one.name === synced.image)) ?? null,
  );
  return (
    <>
      <section aria-label="Sync">
        <h3>
          Sync
          <span className="grow" />
          <ScopeSwitch
            projectId={projectId}
            scope={{ level: 'container', ...of }}
            label={`Sync of ${container.name}, in the inspector`}
            otherwise={otherwise}
          />
          {synced !== null && <Keys of="S" />}
        </h3>
        {synced !== null && <Facts projectId={projectId} synced={synced} image={image} />}
        {synced !== null && <SyncActions projectId={projectId} synced={synced} />}
      </section>
      {synced !== null && synced.drift.length > 0 && synced.on && (
        <DriftList projectId={projectId} synced={synced} />
      )}
      {image !== null && image.outside.length > 0 && (
        <NeedsBuild projectId={projectId} image={image} deploying={deploying} />
      )}
      {synced !== null && synced.last.length > 0 && <LastFiles synced={synced} />}
    </>
  );
}

/** Says where it stands, through which way, and with which files. */
const Facts = memo(function Facts({
  projectId,
  synced,
  image,
}: {
  projectId: string;
  synced: SyncContainer;
  image: SyncImage | null;
}) {
  const { images } = useStores();
  const now = useNow(true, 1000);
  const [why, setWhy] = useState(false);
  const work = useContainerWork(projectId, synced.key);
  const state = stateOf(synced);
  const skipped = image?.problems.length ?? 0;
  // what keeps it from being equal is said unasked, whatever else of it is
  const errors = image?.problems.filter(({ severity }) => severity === 'error') ?? [];
  const described =
    useResource(images, projectId).data?.images.find(one => one.name === synced.image) ?? null;
  return (
    <>
      <div className={`sync-state ${stateTone[state]}`} role="status">
        <Status tone={work.busy === null ? stateTone[state] : 'working'}>
          {work.busy === null ? sentenceOf(synced, now) : busyWords[work.busy]}
        </Status>
        {state !== 'off' && state !== 'equal' && synced.reason !== null && (
          <p className="t2">{synced.reason}</p>
        )}
        {state !== 'off' && state !== 'equal' && synced.hint !== null && <p className="t3">{synced.hint}</p>}
      </div>
      <dl className="kv sync-facts">
        {image !== null && (
          <FolderRules
            image={image}
            context={described?.context ?? null}
            dockerfile={described?.dockerfile ?? null}
          />
        )}
        <dt>Files</dt>
        <dd className="wraps">
          {`${count(image?.files ?? synced.files, 'file')} synced`}
          {skipped > 0 && (
            <>
              {`, ${skipped} skipped `}
              <button type="button" className="link" aria-expanded={why} onClick={() => setWhy(!why)}>
                why
              </button>
            </>
          )}
        </dd>
        {!why && errors.length > 0 && (
          <dd className="wide">
            <ProblemList problems={errors.slice(0, 3)} />
          </dd>
        )}
        {why && image !== null && (
          <dd className="wide">
            <ProblemList problems={image.problems.slice(0, 50)} />
            {skipped > 50 && <p className="t3">{`and ${count(skipped - 50, 'more', 'more')}`}</p>}
          </dd>
        )}
        <dt>Channel</dt>
        <dd className="wraps" title={synced.channel?.reason}>
          {synced.channel === null ? (
            <span className="t3">{synced.on ? 'none yet' : 'opened when it is on'}</span>
          ) : synced.channel.reason.startsWith(channelWords[synced.channel.kind]) ? (
            synced.channel.reason
          ) : (
            channelWords[synced.channel.kind]
          )}
        </dd>
        {synced.channel !== null && !synced.channel.reason.startsWith(channelWords[synced.channel.kind]) && (
          <>
            <dt />
            <dd className="wraps t3">{synced.channel.reason}</dd>
          </>
        )}
        <dt>Takes</dt>
        <dd className="numbers">
          {synced.p50 === null || synced.p95 === null ? (
            <span className="t3">nothing sent yet</span>
          ) : (
            `p50 ${took(synced.p50)}, p95 ${took(synced.p95)}`
          )}
        </dd>
      </dl>
    </>
  );
});

const busyWords = {
  verify: 'Reading every file in the container',
  sendAll: 'Sending every file',
  restart: 'Ending the process',
  resolve: 'Carrying it out',
} as const;
