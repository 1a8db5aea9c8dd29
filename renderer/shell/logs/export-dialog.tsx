import { useEffect, useId, useRef, useState } from 'react';
import type { LogView } from '../../../preload/contract/logs.ts';
import { Busy, Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { MonoField } from '../../components/mono-field.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { toFailure } from '../../stores/failure.ts';
import { usePeek, useStores } from '../../stores/react.ts';
import { count, size } from '../../text/words.ts';

const two = (value: number) => String(value).padStart(2, '0');

/** `~/shop-20260102-030405.log`: a name that is not there yet. */
export function proposedPath(name: string, now: Date): string {
  const day = `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}`;
  const hour = `${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
  const safe = name.replace(/[^\w.-]+/g, '-').replace(/^[-.]+|-+$/g, '');
  return `~/${safe === '' ? 'log' : safe}-${day}-${hour}.log`;
}

/** Everything, or what matches, into a file. The engine writes it: what memory had no room for is in it, too. */
export function ExportDialog({
  projectId,
  name,
  view,
  matches,
  lines,
  onClose,
}: {
  projectId: string;
  name: string;
  view: LogView;
  matches: number;
  lines: number;
  /** With what came of it. */
  onClose: (said: string | null) => void;
}) {
  const { client, info } = useStores();
  const hasNativeDialog = usePeek(info, '').data?.host === 'electron';
  const isWhole = view.filter === null && view.levels === null && view.hidden.length === 0;
  const [what, setWhat] = useState<'all' | 'shown'>(isWhole ? 'all' : 'shown');
  const [timestamps, setTimestamps] = useState(true);
  const [names, setNames] = useState(true);
  const fileId = useId();
  const [path, setPath] = useState(() => proposedPath(name, new Date()));
  const [written, setWritten] = useState<number | null>(null);
  const [problem, setProblem] = useState<{ readonly message: string; readonly isThere: boolean } | null>(
    null,
  );
  /** What the system's dialog gave: it has asked already whether a file is replaced. */
  const [agreed, setAgreed] = useState<string | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const choose = async () => {
    try {
      const chosen = await client.request('app.chooseFile', {
        title: `Export the log of ${name}`,
        proposed: path.trim() === '' ? proposedPath(name, new Date()) : path.trim(),
      });
      if (chosen.path === null) return;
      setPath(chosen.path);
      setAgreed(chosen.path);
      setProblem(null);
    } catch (thrown) {
      setProblem({ message: toFailure(thrown).message, isThere: false });
    }
  };

  const save = async (overwrite: boolean) => {
    const controller = new AbortController();
    running.current = controller;
    setProblem(null);
    setWritten(0);
    const exported: LogView = what === 'all' ? { ...view, filter: null, levels: null, hidden: [] } : view;
    try {
      for await (const item of client.stream(
        'logs.save',
        {
          projectId,
          view: exported,
          timestamps,
          names,
          path: path.trim(),
          overwrite: overwrite || path === agreed,
        },
        { signal: controller.signal },
      )) {
        if (item.done) return onClose(`${count(item.lines, 'line')} written to ${item.path}`);
        setWritten(item.bytes);
      }
      if (!controller.signal.aborted) setProblem({ message: 'The engine ended it.', isThere: false });
    } catch (thrown) {
      if (controller.signal.aborted) return undefined;
      const { code, message, hint } = toFailure(thrown);
      setProblem({
        message: hint === null ? message : `${message} ${hint}`,
        isThere: code === 'already-there',
      });
    } finally {
      setWritten(null);
    }
    return undefined;
  };

  return (
    <Dialog
      title={`Export the log of ${name}`}
      width={520}
      onClose={() => onClose(null)}
      buttons={
        <>
          <Button onClick={() => (written === null ? onClose(null) : running.current?.abort())}>
            Cancel
          </Button>
          {problem?.isThere === true && <Button onClick={() => void save(true)}>Replace it</Button>}
          {written === null ? (
            <Button
              kind="primary"
              off={path.trim() === '' && 'It needs a file'}
              onClick={() => void save(false)}
            >
              Export
            </Button>
          ) : (
            <Busy progress={null}>{size(written)}</Busy>
          )}
        </>
      }
    >
      <div className="logs-export">
        <Segmented
          label="What is exported"
          value={what}
          onChange={setWhat}
          options={[
            { value: 'all', label: `Everything, ${count(lines, 'line')}` },
            {
              value: 'shown',
              label: `What is shown, ${count(matches, 'line')}`,
              off: isWhole ? 'Nothing is hidden' : null,
            },
          ]}
        />
        <label className="row">
          <input type="checkbox" checked={timestamps} onChange={() => setTimestamps(!timestamps)} />
          Begin each line with its time, in UTC
        </label>
        <label className="row">
          <input type="checkbox" checked={names} onChange={() => setNames(!names)} />
          and with its source
        </label>
        <div className="logs-export-file">
          <label htmlFor={fileId} className="t2">
            File
          </label>
          <span className="row">
            <MonoField
              id={fileId}
              value={path}
              onChange={setPath}
              onSubmit={() => {
                if (written === null && path.trim() !== '') void save(false);
              }}
            />
            {hasNativeDialog && (
              <Button off={written !== null && 'It is being written'} onClick={() => void choose()}>
                Choose…
              </Button>
            )}
          </span>
        </div>
        {problem !== null && (
          <p className="st-bad" role="alert">
            {problem.message}
          </p>
        )}
      </div>
    </Dialog>
  );
}
