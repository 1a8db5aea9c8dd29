import { useEffect, useState } from 'react';
import type { DebugOffer, TerminalInfo } from '../../../preload/contract/terminals.ts';
import { Button } from '../../components/button.tsx';
import { Status } from '../../components/status.tsx';
import { toFailure } from '../../stores/failure.ts';
import { useStores } from '../../stores/react.ts';

/** Why no shell runs, and what can be done about it. Nothing while one runs. */
export function StateBar({ info, onFocus }: { info: TerminalInfo; onFocus: () => void }) {
  const { terminals } = useStores();
  const again = (label: string) => (
    <Button
      small
      icon="refresh-cw"
      onClick={() => {
        void terminals.reconnect(info.id);
        onFocus();
      }}
    >
      {label}
    </Button>
  );
  switch (info.state) {
    case 'running':
      return null;
    case 'starting':
      return info.message === null ? null : (
        <div className="strip" role="status">
          <Status tone="working">{info.message}</Status>
        </div>
      );
    case 'ended':
      return (
        <div className="strip" role="status">
          <Status tone="stopped">
            {info.exitCode === null
              ? (info.message ?? 'The shell ended')
              : `The shell ended with exit code ${info.exitCode}`}
          </Status>
          <span className="grow" />
          {again('Start again')}
        </div>
      );
    case 'lost':
    case 'failed':
      return (
        <div className="strip bad" role="alert">
          <Status tone="bad">{info.message ?? 'The connection broke'}</Status>
          <span className="grow" />
          {again('Connect again')}
        </div>
      );
    case 'no-shell':
      return <NoShell info={info} />;
  }
}

/** What a debug container would do, said before it is added. */
function NoShell({ info }: { info: TerminalInfo }) {
  const { client } = useStores();
  const [offer, setOffer] = useState<DebugOffer | null>(null);
  const [image, setImage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    client
      .request('terminals.debugOffer', { id: info.id }, { signal: controller.signal })
      .then(setOffer, error => {
        if (!controller.signal.aborted) setFailure(toFailure(error).message);
      });
    return () => controller.abort();
  }, [client, info.id]);
  const chosen = image ?? offer?.images[0] ?? null;
  const add = async () => {
    if (chosen === null) return;
    setBusy(true);
    setFailure(null);
    try {
      await client.request('terminals.debug', { id: info.id, image: chosen });
    } catch (error) {
      setFailure(toFailure(error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="no-shell" role="group" aria-label="No shell">
      <p className="b">{info.message ?? 'The image has no shell.'}</p>
      {offer !== null && (
        <>
          <p className="t2">A debug container brings one:</p>
          <ul className="t2">
            {offer.steps.map(step => (
              <li key={step}>{step}</li>
            ))}
          </ul>
          {chosen === null ? (
            <p className="t2">{`${offer.node ?? 'The node'} holds no image that could be used.`}</p>
          ) : (
            <div className="row">
              <label className="row tight">
                <span>Image</span>
                <select
                  className="field mono"
                  value={chosen}
                  onChange={event => setImage(event.target.value)}
                >
                  {offer.images.map(name => (
                    <option key={name}>{name}</option>
                  ))}
                </select>
              </label>
              <Button kind="primary" off={busy && 'It is being added'} onClick={() => void add()}>
                {busy ? 'Adding' : 'Add debug container'}
              </Button>
            </div>
          )}
        </>
      )}
      {failure !== null && (
        <p role="alert">
          <Status tone="bad">{failure}</Status>
        </p>
      )}
    </div>
  );
}
