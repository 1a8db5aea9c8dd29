import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { TypedName } from '../../components/typed-name.tsx';
import { useStores } from '../../stores/react.ts';
import type { ClusterState } from '../../stores/stores.ts';
import { count } from '../../text/words.ts';

export function DeleteClusterDialog({
  projectId,
  cluster,
  onClose,
  onFailed,
}: {
  projectId: string;
  cluster: ClusterState;
  onClose: () => void;
  onFailed: (thrown: unknown) => void;
}) {
  const { client } = useStores();
  const { name } = cluster.cluster;
  const [typed, setTyped] = useState('');
  const remove = () => {
    client.request('cluster.delete', { projectId, name }).then(onClose, onFailed);
  };
  return (
    <Dialog
      title={`Delete the cluster ${name}?`}
      tone="warn"
      lead="Everything in it goes: objects, volumes and the images on its nodes. The folder and the images in Docker stay."
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            off={typed !== name && 'Type the name first'}
            onClick={remove}
          >{`Delete ${name}`}</Button>
        </>
      }
    >
      <dl className="kv">
        <dt>Nodes</dt>
        <dd>{count(cluster.nodes.length, 'node')}</dd>
        <dt>Context</dt>
        <dd className="mono">{cluster.cluster.context}</dd>
      </dl>
      <TypedName name={name} allows="to delete it" value={typed} onChange={setTyped} onSubmit={remove} />
    </Dialog>
  );
}
