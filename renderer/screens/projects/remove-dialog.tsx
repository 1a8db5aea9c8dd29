import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Status } from '../../components/status.tsx';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { ProjectSummary } from '../../../preload/contract/projects.ts';
import { toFailure } from '../../stores/failure.ts';
import { useStores } from '../../stores/react.ts';

export function RemoveDialog({ project, onClose }: { project: ProjectSummary; onClose: () => void }) {
  const { client, projects } = useStores();
  const [error, setError] = useState<WireError | null>(null);
  const remove = async () => {
    try {
      await client.request('projects.remove', { id: project.id });
      onClose();
      await projects.load('');
    } catch (thrown) {
      setError(toFailure(thrown));
    }
  };
  return (
    <Dialog
      title={`Remove ${project.name} from the list?`}
      lead="The folder and the cluster are left as they are. Opening the folder brings it back."
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={() => void remove()}>
            Remove
          </Button>
        </>
      }
    >
      {error === null ? (
        <p className="mono t2">{project.root}</p>
      ) : (
        <p role="alert">
          <Status tone="bad">{error.message}</Status>
        </p>
      )}
    </Dialog>
  );
}
