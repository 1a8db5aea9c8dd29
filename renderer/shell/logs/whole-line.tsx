import { useEffect, useMemo, useState } from 'react';
import type { LogRow } from '../../../preload/contract/logs.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { toFailure } from '../../stores/failure.ts';
import { useStores } from '../../stores/react.ts';
import { size } from '../../text/words.ts';
import { segmentsOf } from '../../components/ansi-segments.ts';
import { jsonLines } from './json-lines.ts';

/** What is drawn of a line that was opened; more of it by a press. */
const atOnce = 16 * 1024;

/** An opened line: JSON as its members, anything else in full. */
export function WholeLine({ projectId, row }: { projectId: string; row: LogRow }) {
  const { client } = useStores();
  const [text, setText] = useState(row.cut ? null : row.text);
  const [next, setNext] = useState<number | null>(row.cut ? 0 : null);
  const [failed, setFailed] = useState<string | null>(null);
  const [most, setMost] = useState(atOnce);
  const { seq } = row;

  useEffect(() => {
    if (next === null || (text !== null && text.length >= most)) return undefined;
    const controller = new AbortController();
    client.request('logs.line', { projectId, seq, offset: next }, { signal: controller.signal }).then(
      piece => {
        setText((text ?? '') + piece.text);
        setNext(piece.next);
        return piece;
      },
      (error: unknown) => !controller.signal.aborted && setFailed(toFailure(error).message),
    );
    return () => controller.abort();
  }, [client, projectId, seq, next, text, most]);

  const members = useMemo(
    () => (row.json && text !== null && next === null ? jsonLines(text) : null),
    [row.json, text, next],
  );
  if (failed !== null) return <div className="log-whole t2">{failed}</div>;
  if (text === null) return <div className="log-whole t3">Reading the line</div>;
  const plain = () =>
    segmentsOf(text)
      .map(part => part.text)
      .join('');
  const isLong = text.length > most || next !== null;
  return (
    <div className="log-whole" role="gridcell">
      <span className="log-whole-acts">
        <CopyButton label="Copy line" text={plain} />
      </span>
      {members !== null ? (
        members.map((line, at) => (
          // members of one text have no identity but their place
          // oxlint-disable-next-line react/no-array-index-key
          <div key={at} style={{ paddingLeft: line.depth * 16 }}>
            {line.name !== null && <span className="syn-key">{line.name}</span>}
            {line.name !== null && ': '}
            <span className={`syn-${line.kind}`}>{line.text}</span>
          </div>
        ))
      ) : (
        <>
          {plain().slice(0, most)}
          {isLong && (
            <div className="row">
              <span className="t3">{`${size(Math.min(most, text.length))} of ${size(row.length)}`}</span>
              <Button small onClick={() => setMost(most * 4)}>
                Show more
              </Button>
            </div>
          )}
        </>
      )}
    </div>
  );
}
