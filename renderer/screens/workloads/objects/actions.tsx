import { useState } from 'react';
import type { ObjectRef } from '../../../../preload/contract/deploy.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { toFailure } from '../../../stores/failure.ts';
import { refKey } from '../../../stores/job-view.ts';
import { objectKey } from '../../../stores/objects.ts';
import { useLive, useStores } from '../../../stores/react.ts';
import { YamlDialog } from '../yaml/yaml-dialog.tsx';

/** What can be done to one object; each says what came of it. */
export function ObjectActions({ projectId, target }: { projectId: string; target: ObjectRef }) {
  const { client, objects, toasts } = useStores();
  const [asking, setAsking] = useState<'scale' | 'delete' | 'yaml' | null>(null);
  const [busy, setBusy] = useState(false);
  const { value } = useLive(objects.inspections, objectKey(projectId, target));
  const detail = value?.detail ?? null;
  const name = `${target.kind} ${target.name}`;
  const off = detail === null ? 'Not read yet' : detail.ending ? 'It is ending' : busy && 'Under way';

  const run = async (verb: string, ask: () => Promise<{ readonly message: string }>) => {
    setAsking(null);
    setBusy(true);
    const key = `object ${refKey(target)}`;
    try {
      const { message } = await ask();
      toasts.show({ key, tone: 'done', title: message, line: '', action: null });
    } catch (thrown) {
      const { message, hint } = toFailure(thrown);
      toasts.show({
        key,
        tone: 'bad',
        title: `${verb} of ${name} failed`,
        line: `${message} ${hint ?? ''}`,
        action: null,
      });
    } finally {
      setBusy(false);
    }
  };
  const of = { projectId, ref: target };
  return (
    <>
      {detail?.can.scale && (
        <Button small icon="layers" off={off} onClick={() => setAsking('scale')}>
          Scale…
        </Button>
      )}
      <Button small icon="file-code" onClick={() => setAsking('yaml')}>
        YAML
      </Button>
      {detail?.can.delete && (
        <Button small icon="trash-2" off={off} onClick={() => setAsking('delete')}>
          Delete pod…
        </Button>
      )}
      {asking === 'scale' && (
        <ScaleDialog
          name={name}
          replicas={detail?.replicas ?? 1}
          onClose={() => setAsking(null)}
          onScale={replicas =>
            void run('Scaling', () => client.request('objects.scale', { ...of, replicas }))
          }
        />
      )}
      {asking === 'delete' && detail !== null && (
        <Dialog
          title={`Delete pod ${target.name}?`}
          tone="warn"
          lead={
            detail.owners[0] === undefined
              ? 'Nothing makes it anew: what it ran and its temporary files are gone for good.'
              : `${detail.owners[0].kind} ${detail.owners[0].name} makes another. Temporary files in this one are lost.`
          }
          onClose={() => setAsking(null)}
          buttons={
            <>
              <Button onClick={() => setAsking(null)}>Cancel</Button>
              <Button
                kind="danger"
                onClick={() =>
                  void run('Deleting', () => client.request('objects.deletePod', { ...of, uid: detail.uid }))
                }
              >
                Delete pod
              </Button>
            </>
          }
        />
      )}
      {asking === 'yaml' && (
        <YamlDialog projectId={projectId} target={target} onClose={() => setAsking(null)} />
      )}
    </>
  );
}

function ScaleDialog({
  name,
  replicas,
  onScale,
  onClose,
}: {
  name: string;
  replicas: number;
  onScale: (replicas: number) => void;
  onClose: () => void;
}) {
  const [typed, setTyped] = useState(String(replicas));
  const wanted = /^\d{1,4}$/.test(typed) ? Number(typed) : null;
  const off =
    wanted === null ? 'A whole number from 0 to 9999' : wanted === replicas && 'That is what it has';
  return (
    <Dialog
      title={`Scale ${name}?`}
      lead="Until the next deploy, which sets what the folder says. An autoscaler may change it sooner."
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind={wanted === 0 ? 'danger' : 'primary'}
            off={off}
            onClick={() => wanted !== null && onScale(wanted)}
          >
            {wanted === 0 ? 'End all pods' : 'Scale'}
          </Button>
        </>
      }
    >
      <label className="row">
        Pods
        <span className="field" style={{ width: 90 }}>
          <input
            type="text"
            inputMode="numeric"
            value={typed}
            onChange={event => setTyped(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Enter' && off === false && wanted !== null) onScale(wanted);
            }}
          />
        </span>
        <span className="t3">{`now ${replicas}`}</span>
      </label>
    </Dialog>
  );
}
