import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Status } from '../../components/status.tsx';
import type { HeldTag } from '../../../preload/contract/image-details.ts';
import type { MethodOutput } from '../../../preload/contract/index.ts';
import { toFailure } from '../../stores/failure.ts';
import { useStores } from '../../stores/react.ts';
import { count, size } from '../../text/words.ts';

/** The list first; then what was removed, and what was not, with the reason. */
export function RemoveTagsDialog({
  projectId,
  tags,
  onClose,
}: {
  projectId: string;
  tags: readonly HeldTag[];
  onClose: () => void;
}) {
  const { client } = useStores();
  // the list stays as it was asked, whatever is read meanwhile
  const [asked] = useState(tags);
  const nodes = [...new Set(asked.flatMap(tag => tag.nodes))];
  const [copies, setCopies] = useState(nodes.length > 0);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [kept, setKept] = useState<MethodOutput<'images.removeTags'>['kept'] | null>(null);
  const remove = async () => {
    setBusy(true);
    try {
      const result = await client.request('images.removeTags', {
        projectId,
        references: asked.map(({ reference }) => reference),
        nodes: copies,
      });
      if (result.kept.length === 0) onClose();
      else setKept(result.kept);
    } catch (thrown) {
      setError(toFailure(thrown).message);
    } finally {
      setBusy(false);
    }
  };
  if (kept !== null)
    return (
      <Dialog
        title={`${count(kept.length, 'image was', 'images were')} kept`}
        tone="warn"
        onClose={onClose}
        buttons={<Button onClick={onClose}>Close</Button>}
      >
        <ul className="removal" aria-label="Kept">
          {kept.map(({ reference, reason }) => (
            <li key={reference}>
              <span className="mono">{reference}</span> <span className="t2">{reason}</span>
            </li>
          ))}
        </ul>
      </Dialog>
    );
  return (
    <Dialog
      title={`Remove ${count(asked.length, 'old tag')}?`}
      lead="From Docker on this machine. Nothing else is touched. A build brings a tag back."
      onClose={onClose}
      buttons={
        <>
          {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
          <Button autoFocus onClick={onClose}>
            Cancel
          </Button>
          <Button kind="danger" off={busy && 'It is being removed'} onClick={() => void remove()}>
            {busy ? 'Removing' : `Remove ${count(asked.length, 'tag')}`}
          </Button>
        </>
      }
    >
      <ul className="removal" aria-label="To be removed">
        {asked.map(tag => (
          <li key={tag.reference} className="row">
            <span className="mono cut" title={tag.reference}>
              {tag.reference}
            </span>
            <span className="grow" />
            <span className="t3 nw">{size(tag.size)}</span>
          </li>
        ))}
      </ul>
      {nodes.length > 0 && (
        <label className="row tight">
          <input
            type="checkbox"
            checked={copies}
            disabled={busy}
            onChange={event => setCopies(event.target.checked)}
          />
          {`Also the copies on ${nodes.length === 1 ? String(nodes[0]) : count(nodes.length, 'node')} that nothing needs`}
        </label>
      )}
      {error !== null && (
        <p role="alert">
          <Status tone="bad">{error}</Status>
        </p>
      )}
    </Dialog>
  );
}
