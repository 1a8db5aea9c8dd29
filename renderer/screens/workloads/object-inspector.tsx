import type { ObjectRow } from '../../../preload/contract/objects.ts';
import { Status } from '../../components/status.tsx';
import { InspectorFrame } from './inspector-frame.tsx';
import { ObjectActions } from './objects/actions.tsx';
import { ObjectSections } from './objects/object-sections.tsx';
import { objectRowKey } from './objects-table.tsx';
import { stateWord, toneOf } from './tree.ts';

/** An object that is no workload, in full. Esc closes it and gives the focus back to the row. */
export function ObjectInspector({
  projectId,
  rowKey,
  rows,
  onClose,
}: {
  projectId: string;
  rowKey: string;
  rows: readonly ObjectRow[];
  onClose: () => void;
}) {
  const row = rows.find(one => objectRowKey(one) === rowKey) ?? null;
  return (
    <InspectorFrame
      rowKey={rowKey}
      title={row?.ref.name ?? 'Gone'}
      status={
        row !== null &&
        row.state !== null && (
          <Status tone={toneOf(row.state)} fill>
            {stateWord(row.state)}
          </Status>
        )
      }
      place={
        row === null
          ? 'It is gone.'
          : `${row.ref.kind}, ${row.ref.apiVersion}, ${row.ref.namespace === null ? 'no namespace' : `namespace ${row.ref.namespace}`}`
      }
      acts={row !== null && <ObjectActions key={rowKey} projectId={projectId} target={row.ref} />}
      onClose={onClose}
    >
      {row !== null && <ObjectSections key={rowKey} projectId={projectId} target={row.ref} />}
    </InspectorFrame>
  );
}
