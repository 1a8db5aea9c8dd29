import { useEffect, useMemo, useRef, useState } from 'react';
import type { ObjectRef } from '../../../../preload/contract/deploy.ts';
import type { WireError } from '../../../../preload/contract/errors.ts';
import type { EditOutcome, ObjectText } from '../../../../preload/contract/objects.ts';
import { Busy, Button } from '../../../components/button.tsx';
import { CopyButton } from '../../../components/copy-button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { FailureNote } from '../../../components/failure.tsx';
import { Skeleton } from '../../../components/list-state.tsx';
import { Status } from '../../../components/status.tsx';
import { goToLine, TextEditor } from '../../../components/text-editor.tsx';
import { toFailure } from '../../../stores/failure.ts';
import { useStores } from '../../../stores/react.ts';
import { ChangePreview, ConflictNotes, RefusalNotes } from './outcome.tsx';

type Refused = Extract<EditOutcome, { outcome: 'refused' }>;

/** An object as YAML: read, edited, tried by the API server, and only then applied. */
export function YamlDialog({
  projectId,
  target,
  onClose,
}: {
  projectId: string;
  target: ObjectRef;
  onClose: () => void;
}) {
  const { client } = useStores();
  const [read, setRead] = useState<ObjectText | null>(null);
  const [error, setError] = useState<WireError | null>(null);
  /** What the edit began from, and the edit. */
  const [base, setBase] = useState('');
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState<EditOutcome | null>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);
  const name = `${target.kind} ${target.name}`;

  const load = async (reveal: boolean) => {
    setError(null);
    setBusy('Reading');
    try {
      const answer = await client.request('objects.read', { projectId, ref: target, reveal });
      setRead(answer);
      setBase(answer.text);
      setText(answer.text);
      setOutcome(null);
    } catch (thrown) {
      setError(toFailure(thrown));
    } finally {
      setBusy(null);
    }
  };
  // Read once, when it opens: an editor whose text changes under the hands is of no use.
  // oxlint-disable-next-line react/exhaustive-deps
  useEffect(() => void load(false), []);

  const send = async (dryRun: boolean) => {
    setError(null);
    setBusy(dryRun ? 'Checking' : 'Applying');
    try {
      const answer = await client.request('objects.edit', { projectId, ref: target, base, text, dryRun });
      setOutcome(answer);
      if (answer.outcome === 'applied') {
        setBase(answer.after);
        setText(answer.after);
      }
    } catch (thrown) {
      setError(toFailure(thrown));
    } finally {
      setBusy(null);
    }
  };
  const begin = (from: string, next: string) => {
    setBase(from);
    setText(next);
    setOutcome(null);
  };
  const refused: Refused | null = outcome?.outcome === 'refused' ? outcome : null;
  const marked = useMemo(
    () => new Set((refused?.problems ?? []).flatMap(({ line }) => line ?? [])),
    [refused],
  );
  const isPreview = outcome?.outcome === 'would-change';
  const isDirty = text !== base;
  return (
    <Dialog
      title={`YAML of ${name}`}
      lead={`${target.namespace === null ? 'No namespace' : `Namespace ${target.namespace}`}. Status and managedFields are not shown.${
        read === null || read.managers.length === 0 ? '' : ` Written by ${read.managers.join(', ')}.`
      }`}
      width={1080}
      onClose={onClose}
      buttons={
        <>
          {read?.masked === true && (
            <Button off={busy} onClick={() => void load(true)}>
              Show the values
            </Button>
          )}
          <CopyButton label="Copy" text={() => text} outlined />
          <span className="grow" />
          {busy !== null && <Busy progress={null}>{busy}</Busy>}
          {isPreview ? (
            <>
              <Button onClick={() => setOutcome(null)}>Back to the text</Button>
              <Button kind="primary" off={busy} onClick={() => void send(false)}>
                Apply
              </Button>
            </>
          ) : (
            <>
              <Button onClick={onClose}>{isDirty ? 'Cancel' : 'Close'}</Button>
              <Button
                kind="primary"
                shortcut="primary"
                off={
                  busy ??
                  (read?.masked === true
                    ? 'Show the values first'
                    : outcome?.outcome === 'conflict'
                      ? 'Decide about the conflict first'
                      : !isDirty && 'Nothing is changed')
                }
                onClick={() => void send(true)}
              >
                Check the change
              </Button>
            </>
          )}
        </>
      }
    >
      <div className="yaml">
        {error !== null && <FailureNote error={error} />}
        {outcome?.outcome === 'applied' && <Said tone="done">{`Applied to ${name}`}</Said>}
        {outcome?.outcome === 'unchanged' && <Said tone="wait">The server sees no change in it</Said>}
        {outcome?.outcome === 'gone' && <Said tone="bad">{`${name} is gone`}</Said>}
        {refused !== null && (
          <RefusalNotes
            refused={refused}
            onGo={line => area.current !== null && goToLine(area.current, line)}
          />
        )}
        {outcome?.outcome === 'conflict' && (
          <ConflictNotes
            base={base}
            conflict={outcome}
            onTake={() => begin(outcome.live, outcome.live)}
            onMerge={() => begin(outcome.live, outcome.merged)}
          />
        )}
        {outcome?.outcome === 'would-change' ? (
          <ChangePreview outcome={outcome} />
        ) : read === null ? (
          error === null && <Skeleton rows={8} />
        ) : (
          <TextEditor
            ref={area}
            label={`YAML of ${name}`}
            value={text}
            readOnly={read.masked || busy !== null}
            marked={marked}
            onChange={next => {
              setText(next);
              if (outcome !== null && outcome.outcome !== 'conflict') setOutcome(null);
            }}
          />
        )}
      </div>
    </Dialog>
  );
}

function Said({ tone, children }: { tone: 'done' | 'wait' | 'bad'; children: string }) {
  return (
    <div className="strip" role="status">
      <Status tone={tone}>{children}</Status>
    </div>
  );
}
