import { memo } from 'react';
import { useStore } from 'zustand';
import type { SyncImage, SyncSnapshot } from '../../../preload/contract/sync.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Skeleton, waitingState } from '../../components/list-state.tsx';
import { Status } from '../../components/status.tsx';
import { Switch } from '../../components/switch.tsx';
import { SyncNotices } from '../../shell/sync/notices.tsx';
import { ProjectSwitch } from '../../shell/sync/project-switch.tsx';
import { ScopeSwitch } from '../../shell/sync/scope-switch.tsx';
import { useNow, useStores } from '../../stores/react.ts';
import { pendingKey } from '../../stores/sync.ts';
import { useSync } from '../../stores/use-sync.ts';
import { viewOfPending } from '../../text/sync.ts';
import { count, joined } from '../../text/words.ts';

interface Props {
  readonly projectId: string;
  /** Stands above already, as the reason why there is no plan: not said a second time here. */
  readonly said: string | null;
}

/** Live sync of the project: on or off, kept up to date, held, and what is in its way. */
export function SyncPanel({ projectId, said }: Props) {
  const { sync, dock } = useStores();
  const live = useSync(projectId);
  const snapshot = live.value;
  if (snapshot === null && live.error !== null && live.error.message === said) return null;
  return (
    <section className="panel sync-panel" aria-label="Live sync">
      <header>
        <h2>Live sync</h2>
        <span className="grow" />
        <ProjectSwitch projectId={projectId} />
        {snapshot !== null && <Automatic projectId={projectId} on={snapshot.automatic} />}
        {snapshot !== null && <Pause projectId={projectId} snapshot={snapshot} />}
        <Button small icon="scroll-text" onClick={() => dock.activate('sync')}>
          Feed
        </Button>
      </header>
      <SyncNotices snapshot={snapshot} error={live.error} onRetry={() => sync.snapshots.retry(projectId)} />
      {snapshot === null ? (
        live.error === null && <Waiting since={live.waitingSince} />
      ) : snapshot.images.length === 0 ? (
        <p className="t2 pad">No image is built here: there is nothing to sync.</p>
      ) : (
        <table className="list boxed sync-images" aria-label="Live sync of the images">
          <colgroup>
            <col style={{ width: '18%' }} />
            <col style={{ width: 156 }} />
            <col />
            <col style={{ width: 110 }} />
          </colgroup>
          <tbody>
            {snapshot.images.map(image => (
              <ImageLine key={image.name} projectId={projectId} image={image} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Waiting({ since }: { since: number | null }) {
  const now = useNow(true, 250);
  const waiting = waitingState(since ?? now, now);
  if (waiting === 'slow') {
    return (
      <p className="pad" role="status">
        <Status tone="working">{`The engine is slow to answer, ${Math.floor((now - (since ?? now)) / 1000)} s`}</Status>
      </p>
    );
  }
  return waiting === 'skeleton' ? <Skeleton rows={2} /> : <div className="blink" aria-busy="true" />;
}

/** Sync for what the rules cover, a build and a deploy for the rest. */
function Automatic({ projectId, on }: { projectId: string; on: boolean }) {
  const { sync, connection } = useStores();
  const connected = useStore(connection, state => state.connected);
  const to = useStore(sync.pending, state => state[pendingKey(projectId, 'automatic')]?.to ?? null);
  const view = {
    look: on ? ('on' as const) : ('off' as const),
    word: 'Keep up to date',
    checked: on ? ('on' as const) : ('off' as const),
    title: 'What the copy rules cover is synced; whatever else changes is built and deployed',
  };
  return (
    <Switch
      view={to === null ? view : { ...viewOfPending(view, to), word: view.word }}
      label={on ? 'Automatic, on' : 'Automatic, off'}
      off={connected ? null : 'The engine does not answer'}
      onPress={() => sync.automatic(projectId, to === null ? !on : !to)}
    />
  );
}

function Pause({ projectId, snapshot }: { projectId: string; snapshot: SyncSnapshot }) {
  const { sync, connection } = useStores();
  const connected = useStore(connection, state => state.connected);
  const to = useStore(sync.pending, state => state[pendingKey(projectId, 'paused')]?.to ?? null);
  const { paused } = snapshot;
  const off = !connected
    ? 'The engine does not answer'
    : to !== null
      ? 'The engine was asked'
      : snapshot.switch === 'off' && !paused
        ? 'Sync is off'
        : null;
  return (
    <Button
      small
      icon={paused ? 'play' : 'clock'}
      off={off}
      title={paused ? 'Sends what changed meanwhile' : 'Changes wait until you resume'}
      onClick={() => sync.pause(projectId, !paused)}
    >
      {paused ? 'Resume' : 'Pause'}
    </Button>
  );
}

const ImageLine = memo(function ImageLine({ projectId, image }: { projectId: string; image: SyncImage }) {
  const names = image.outside.map(({ file }) => file);
  return (
    <tr>
      <td className="b" title={image.name}>
        {image.name}
      </td>
      <td className="sync-cell">
        <ScopeSwitch
          projectId={projectId}
          scope={{ level: 'image', image: image.name }}
          label={`Sync of image ${image.name}`}
        />
      </td>
      <td>
        {image.outside.length > 0 ? (
          <span title={names.slice(0, 20).join('\n')}>
            <Status tone="warn">Needs a build</Status>
            <span className="t2">{`  ${joined(names, 2)} outside the synced folders`}</span>
          </span>
        ) : (
          <Rules image={image} />
        )}
      </td>
      <td className="num t2">{count(image.files, 'file')}</td>
    </tr>
  );
});

function Rules({ image }: { image: SyncImage }) {
  const [first] = image.rules;
  if (first === undefined) return <span className="t3">Its Dockerfile copies nothing of the folder</span>;
  return (
    <span className="row tight" title={image.rules.map(rule => `${rule.source} → ${rule.target}`).join('\n')}>
      <span className="mono cut">{first.source === '.' ? './' : first.source}</span>
      <Icon name="arrow-right" size={12} />
      <span className="mono cut">{first.target}</span>
      {image.rules.length > 1 && <span className="t3 nw">{`and ${image.rules.length - 1} more`}</span>}
    </span>
  );
}
