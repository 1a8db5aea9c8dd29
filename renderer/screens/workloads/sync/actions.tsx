import { useState } from 'react';
import { useStore } from 'zustand';
import type { SyncContainer } from '../../../../preload/contract/sync.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Status } from '../../../components/status.tsx';
import { useNow, useStores } from '../../../stores/react.ts';
import { useContainerWork } from '../../../stores/use-sync.ts';
import { differenceWords, took } from '../../../text/sync.ts';
import { age } from '../../../text/time.ts';
import { count, size } from '../../../text/words.ts';

const shown = 50;

/** Verify, send all, restart; each says in place what came of it. */
export function SyncActions({ projectId, synced }: { projectId: string; synced: SyncContainer }) {
  const { sync, connection } = useStores();
  const connected = useStore(connection, state => state.connected);
  const work = useContainerWork(projectId, synced.key);
  const [asks, setAsks] = useState<'sendAll' | 'restart' | null>(null);
  const off = !connected
    ? 'The engine does not answer'
    : work.busy !== null
      ? 'It is at work'
      : synced.containerId === null
        ? 'The container does not run'
        : null;
  const onlyOn = synced.on ? null : 'Turn sync on first';
  const overwrites = synced.drift.length > 0;
  const agree = (action: 'sendAll' | 'restart') => {
    setAsks(null);
    sync[action](projectId, synced.key);
  };
  return (
    <>
      <div className="acts">
        <Button
          small
          icon="check"
          off={off}
          title="Reads every byte in the container and compares it with the folder"
          onClick={() => sync.verify(projectId, synced.key)}
        >
          Verify
        </Button>
        <Button
          small
          icon="refresh-cw"
          off={off ?? onlyOn}
          title="Sends every file again"
          onClick={() => (overwrites ? setAsks('sendAll') : agree('sendAll'))}
        >
          {overwrites ? 'Send all…' : 'Send all'}
        </Button>
        <Button small icon="rotate-cw" off={off} onClick={() => setAsks('restart')}>
          Restart…
        </Button>
      </div>
      <FailedWork projectId={projectId} container={synced.key} />
      <Verified projectId={projectId} container={synced.key} />
      {asks === 'sendAll' && (
        <Dialog
          title={`Send all files to ${synced.container}?`}
          tone="warn"
          lead={`${count(synced.drift.length, 'file')} changed inside the container ${synced.drift.length === 1 ? 'is' : 'are'} overwritten by the folder's. What was written there is lost.`}
          onClose={() => setAsks(null)}
          buttons={
            <>
              <Button onClick={() => setAsks(null)}>Cancel</Button>
              <Button kind="danger" onClick={() => agree('sendAll')}>
                Send all
              </Button>
            </>
          }
        >
          <ul className="file-list">
            {synced.drift.slice(0, shown).map(one => (
              <li key={one.path}>{one.path}</li>
            ))}
          </ul>
        </Dialog>
      )}
      {asks === 'restart' && (
        <Dialog
          title={`Restart ${synced.container}?`}
          tone="warn"
          lead="Its first process is ended and Kubernetes starts it again. What it holds in memory and what it wrote outside its volumes is lost; the synced files are brought up to date by themselves."
          onClose={() => setAsks(null)}
          buttons={
            <>
              <Button onClick={() => setAsks(null)}>Cancel</Button>
              <Button kind="danger" onClick={() => agree('restart')}>
                Restart
              </Button>
            </>
          }
        />
      )}
    </>
  );
}

/** The answer of *Verify*: with numbers where it is equal, file by file where it is not. */
function Verified({ projectId, container }: { projectId: string; container: string }) {
  const { sync } = useStores();
  const { verified } = useContainerWork(projectId, container);
  const now = useNow(verified !== null, 1000);
  if (verified === null) return null;
  const { result, at } = verified;
  const numbers = `${count(result.files, 'file')}, ${size(result.bytes)} read in ${took(result.durationMs)}, ${age(now - at)} ago`;
  const hidden = result.differences.length - shown;
  return (
    <div className={`sync-result ${result.equal ? 'ok' : 'bad'}`} role="status" aria-label="Verified">
      <Status tone={result.equal ? 'done' : 'bad'}>
        {result.equal ? 'Equal, byte for byte' : count(result.differences.length, 'difference')}
      </Status>
      <p className="t2 numbers">{numbers}</p>
      {result.differences.length > 0 && (
        <ul className="differences" aria-label="Differences">
          {result.differences.slice(0, shown).map(one => (
            <li key={`${one.path} ${one.problem}`}>
              <span className="mono cut" title={one.path}>
                {one.path}
              </span>
              <span className="t2 nw">{differenceWords[one.problem]}</span>
            </li>
          ))}
          {hidden > 0 && <li className="t3">{`and ${count(hidden, 'more', 'more')}`}</li>}
        </ul>
      )}
      <Button small kind="quiet" onClick={() => sync.forget(projectId, container)}>
        Dismiss
      </Button>
    </div>
  );
}

/** What failed stays until it is read. */
function FailedWork({ projectId, container }: { projectId: string; container: string }) {
  const { sync } = useStores();
  const { failed } = useContainerWork(projectId, container);
  if (failed === null) return null;
  return (
    <div className="sync-result bad" role="alert">
      <Status tone="bad">{failed.error.message}</Status>
      {failed.error.hint !== null && <p className="t2">{failed.error.hint}</p>}
      <Button small kind="quiet" onClick={() => sync.forget(projectId, container)}>
        Dismiss
      </Button>
    </div>
  );
}
