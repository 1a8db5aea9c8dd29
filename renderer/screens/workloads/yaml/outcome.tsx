import { useMemo } from 'react';
import { useStore } from 'zustand';
import type { EditOutcome } from '../../../../preload/contract/objects.ts';
import { Button } from '../../../components/button.tsx';
import { Segmented } from '../../../components/segmented.tsx';
import { Status } from '../../../components/status.tsx';
import { useStores } from '../../../stores/react.ts';
import { DiffView } from '../../changes/diff/diff-view.tsx';
import { diffRows } from '../../changes/diff/rows.ts';

type Of<T extends EditOutcome['outcome']> = Extract<EditOutcome, { outcome: T }>;

/** What the API server would make of the edit, before it does. */
export function ChangePreview({ outcome }: { outcome: Of<'would-change'> | Of<'applied'> }) {
  const { layout } = useStores();
  const mode = useStore(layout, state => state.diff);
  return (
    <>
      <div className="strip" role="status">
        <Status tone="ok">The server accepts it. This would become of the object:</Status>
        <span className="grow" />
        <Segmented
          label="Layout of the comparison"
          value={mode}
          onChange={value => layout.setState({ diff: value })}
          options={[
            { value: 'side', label: 'Side by side' },
            { value: 'inline', label: 'Inline' },
          ]}
        />
      </div>
      {outcome.warnings.map(warning => (
        <div key={warning} className="strip warn">
          <Status tone="warn">{warning}</Status>
        </div>
      ))}
      {outcome.takesOver.length > 0 && (
        <div className="strip warn">
          <Status tone="warn">
            {`Also written by others, who may set it back: ${outcome.takesOver
              .map(({ field, manager }) => `${field} (${manager})`)
              .join(', ')}`}
          </Status>
        </div>
      )}
      <Comparison before={outcome.before} after={outcome.after} mode={mode} label="What changes" />
    </>
  );
}

/** Somebody was quicker: what they changed, and what may become of the edit. */
export function ConflictNotes({
  base,
  conflict,
  onTake,
  onMerge,
}: {
  base: string;
  conflict: Of<'conflict'>;
  onTake: () => void;
  onMerge: () => void;
}) {
  return (
    <section className="conflict" aria-label="Changed meanwhile">
      <div className="strip warn" role="alert">
        <Status tone="warn">The object was changed since it was read. What others changed:</Status>
        <span className="grow" />
        <Button small onClick={onTake}>
          Drop my edit
        </Button>
        <Button small onClick={onMerge}>
          Bring my edit onto it
        </Button>
      </div>
      <Comparison before={base} after={conflict.live} mode="inline" label="What others changed" />
    </section>
  );
}

/** What the API server refused, each with its line. */
export function RefusalNotes({ refused, onGo }: { refused: Of<'refused'>; onGo: (line: number) => void }) {
  return (
    <div className="strip bad refusal" role="alert">
      <Status tone="bad">{refused.problems.length === 0 ? refused.message : 'Not accepted'}</Status>
      <ul>
        {refused.problems.map(({ field, line, message }) => (
          <li key={`${field ?? ''} ${line ?? ''} ${message}`}>
            {line !== null && (
              <button type="button" className="btn small" onClick={() => onGo(line)}>{`Line ${line}`}</button>
            )}{' '}
            {field !== null && <span className="mono">{field}</span>} {message}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Comparison({
  before,
  after,
  mode,
  label,
}: {
  before: string;
  after: string;
  mode: 'side' | 'inline';
  label: string;
}) {
  const rows = useMemo(() => diffRows(before, after, []), [before, after]);
  return <DiffView rows={rows} mode={mode} renderNote={() => null} label={label} />;
}
