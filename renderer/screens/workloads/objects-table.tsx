import { clsx } from 'clsx';
import type { ObjectRow } from '../../../preload/contract/objects.ts';
import { useRows } from '../../components/rows.ts';
import { Status } from '../../components/status.tsx';
import { refKey } from '../../stores/job-view.ts';
import { useNow } from '../../stores/react.ts';
import { age } from '../../text/time.ts';
import { stateWord, toneOf } from './tree.ts';

export const objectRowKey = (row: Pick<ObjectRow, 'ref'>): string => `object/${refKey(row.ref)}`;

/** What of the project is neither a workload nor a Service. */
export function ObjectsTable({
  objects,
  inspected,
  onInspect,
}: {
  objects: readonly ObjectRow[];
  inspected: string | null;
  onInspect: (key: string | null) => void;
}) {
  const now = useNow(true, 10_000);
  const list = useRows(objects.map(objectRowKey), {
    selected: inspected,
    onOpen: onInspect,
    onMove: key => inspected !== null && onInspect(key),
    onKey: (_, event) => {
      if (event.key !== 'Escape' || inspected === null) return false;
      onInspect(null);
      return true;
    },
  });
  return (
    <table className="list wl others" role="grid" aria-label="Other objects" onKeyDown={list.onKeyDown}>
      <colgroup>
        <col />
        <col style={{ width: 130 }} />
        <col style={{ width: 64 }} />
        <col style={{ width: '32%' }} />
      </colgroup>
      <thead>
        <tr>
          <th>Other objects</th>
          <th>State</th>
          <th className="num">Age</th>
          <th className="spaced">What it holds</th>
        </tr>
      </thead>
      <tbody>
        {objects.map(row => {
          const key = objectRowKey(row);
          return (
            <tr
              key={key}
              {...list.row(key)}
              aria-selected={key === inspected}
              className={clsx('opens')}
              onClick={() => onInspect(key)}
            >
              <td>
                <div className="row tight">
                  <span className="b cut" title={row.ref.name}>
                    {row.ref.name}
                  </span>
                  <span className="t3 cut kind" title={row.ref.kind}>
                    {row.ref.kind}
                  </span>
                </div>
              </td>
              <td>
                {row.state !== null && <Status tone={toneOf(row.state)}>{stateWord(row.state)}</Status>}
              </td>
              <td className="num t2">{age(now - Date.parse(row.createdAt))}</td>
              <td className="spaced">
                <span className="cut" title={row.summary}>
                  {row.summary}
                </span>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
