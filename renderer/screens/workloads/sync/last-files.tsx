import { memo } from 'react';
import type { SyncContainer, SyncEvent } from '../../../../preload/contract/sync.ts';
import { useStores } from '../../../stores/react.ts';
import { took } from '../../../text/sync.ts';
import { clockSeconds } from '../../../text/time.ts';
import { grouped, size } from '../../../text/words.ts';
import { useStore } from 'zustand';

const shown = 8;

/** What went last, newest first; the feed has all of it. */
export const LastFiles = memo(function LastFiles({ synced }: { synced: SyncContainer }) {
  const { sync, dock, location } = useStores();
  const projectId = useStore(location.store, state => state.place.projectId);
  const last = synced.last.toSorted((a, b) => b.at.localeCompare(a.at));
  const openAll = () => {
    if (projectId !== null) sync.feeds.filter.setState({ [projectId]: synced.key });
    dock.activate('sync');
  };
  return (
    <section aria-label="Last files">
      <h3>
        Last files
        <span className="grow" />
        <button type="button" className="link" onClick={openAll}>
          {`All ${grouped(last.length)}`}
        </button>
      </h3>
      <table className="last-files" aria-label="Last files">
        <tbody>
          {last.slice(0, shown).map(one => (
            <tr key={`${one.at} ${one.file} ${one.action}`}>
              <td className="mono t3">{clockSeconds(Date.parse(one.at))}</td>
              <td className="mono cut" title={one.file}>
                {one.count > 1 ? `${one.file} and ${grouped(one.count - 1)} more` : one.file}
              </td>
              <td className="num t2">{wordOfAction(one.action, one.bytes)}</td>
              <td className="num">{took(one.durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
});

export const wordOfAction = (action: SyncEvent['files'][number]['action'], bytes: number): string =>
  action === 'deleted' ? 'deleted' : action === 'mode' ? 'mode' : size(bytes);
