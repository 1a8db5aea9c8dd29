import { useStore } from 'zustand';
import type { ObjectRow } from '../../../preload/contract/objects.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { IconButton } from '../../components/button.tsx';
import { Splitter } from '../../components/splitter.tsx';
import { Status } from '../../components/status.tsx';
import { limits } from '../../stores/layout.ts';
import { useStores } from '../../stores/react.ts';
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
  const { layout } = useStores();
  const width = useStore(layout, state => state.inspectorWidth);
  const row = rows.find(one => objectRowKey(one) === rowKey) ?? null;
  const close = () => {
    onClose();
    document.querySelector<HTMLElement>(`[data-row="${CSS.escape(rowKey)}"]`)?.focus();
  };
  useShortcut('back', close);
  return (
    <aside className="inspector" aria-label="Inspector" data-region="Inspector" style={{ width }}>
      <Splitter
        label="Width of the inspector"
        orientation="vertical"
        grows="left"
        value={width}
        range={limits.inspectorWidth}
        onChange={inspectorWidth => layout.setState({ inspectorWidth })}
      />
      <header>
        <div className="row">
          <h2 className="h2 big cut">{row?.ref.name ?? 'Gone'}</h2>
          {row !== null && row.state !== null && (
            <Status tone={toneOf(row.state)} fill>
              {stateWord(row.state)}
            </Status>
          )}
          <span className="grow" />
          <IconButton icon="x" label="Close the inspector" onClick={close} />
        </div>
        <div className="mono t3 cut">
          {row === null
            ? 'It is gone.'
            : `${row.ref.kind}, ${row.ref.apiVersion}, ${row.ref.namespace === null ? 'no namespace' : `namespace ${row.ref.namespace}`}`}
        </div>
        {row !== null && (
          <div className="acts">
            <ObjectActions key={rowKey} projectId={projectId} target={row.ref} />
          </div>
        )}
      </header>
      {row !== null && <ObjectSections key={rowKey} projectId={projectId} target={row.ref} />}
    </aside>
  );
}
