import { useStore } from 'zustand';
import type { ReactNode } from 'react';
import { useShortcut } from '../../app/use-shortcut.ts';
import { IconButton } from '../../components/button.tsx';
import { Splitter } from '../../components/splitter.tsx';
import { limits } from '../../stores/layout.ts';
import { useStores } from '../../stores/react.ts';

/** What every inspector has: a width, a name with its state, where it is, what can be done. Esc closes it and gives the focus back to the row. */
export function InspectorFrame({
  rowKey,
  title,
  status,
  place,
  acts,
  children,
  onClose,
}: {
  rowKey: string;
  title: string;
  status: ReactNode;
  place: string;
  acts: ReactNode;
  children: ReactNode;
  onClose: () => void;
}) {
  const { layout } = useStores();
  const width = useStore(layout, state => state.inspectorWidth);
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
          <h2 className="h2 big cut">{title}</h2>
          {status}
          <span className="grow" />
          <IconButton icon="x" label="Close the inspector" onClick={close} />
        </div>
        <div className="mono t3 cut">{place}</div>
        {acts !== false && <div className="acts">{acts}</div>}
      </header>
      {children}
    </aside>
  );
}
