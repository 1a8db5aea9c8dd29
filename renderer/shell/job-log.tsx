import { useMemo, useState } from 'react';
import { useShortcut } from '../app/use-shortcut.ts';
import { BuildSteps } from '../components/build-steps.tsx';
import { Button } from '../components/button.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { LogLines } from '../components/log-lines.tsx';
import { SearchField } from '../components/search-field.tsx';
import { Segmented } from '../components/segmented.tsx';
import { Status } from '../components/status.tsx';
import { useJobView, usePeek, useStores } from '../stores/react.ts';
import { count } from '../text/words.ts';
import { Icon } from '../components/icon.tsx';

/** What a job printed, replayed or live: the raw lines, or a build's steps. */
export function JobLog({ jobId, image }: { jobId: string; image: string | null }) {
  const { activity } = useStores();
  const view = useJobView(jobId);
  const job = usePeek(activity.jobs, '').data?.find(one => one.id === jobId) ?? null;
  const builds = useMemo(() => Object.values(view?.builds ?? {}), [view]);
  const [chosen, setChosen] = useState<string | null>(image);
  const [mode, setMode] = useState<'raw' | 'steps'>(image === null ? 'raw' : 'steps');
  const [wrap, setWrap] = useState(false);
  const [search, setSearch] = useState('');
  const [hitIndex, setHitIndex] = useState(0);
  const build = chosen === null ? null : (view?.builds[chosen] ?? null);
  const lines = (build ?? view)?.lines.items ?? [];
  const hits = search === '' ? [] : hitsIn(lines, search);
  const hit =
    hits.length === 0 ? null : (hits[((hitIndex % hits.length) + hits.length) % hits.length] ?? null);
  useShortcut('nextHit', () => setHitIndex(hitIndex + 1), hits.length > 0);
  useShortcut('previousHit', () => setHitIndex(hitIndex - 1), hits.length > 0);
  const text = () => lines.map(line => line.text).join('\n');

  return (
    <>
      <div className="logbar">
        {builds.length > 0 && (
          <>
            <button
              type="button"
              className={chosen === null ? 'chip' : 'chip off'}
              aria-pressed={chosen === null}
              onClick={() => setChosen(null)}
            >
              Everything
            </button>
            {builds.map(one => (
              <button
                key={one.image}
                type="button"
                className={chosen === one.image ? 'chip' : 'chip off'}
                aria-pressed={chosen === one.image}
                onClick={() => setChosen(one.image)}
              >
                {one.image}
              </button>
            ))}
            <span className="sep" />
          </>
        )}
        {build !== null && (
          <Segmented
            label="How the build is shown"
            value={mode}
            onChange={setMode}
            options={[
              { value: 'steps', label: 'Steps' },
              { value: 'raw', label: 'Raw log' },
            ]}
          />
        )}
        <span className="grow" />
        {job?.state === 'running' && (
          <Button small onClick={() => void activity.cancel(jobId).catch(() => undefined)}>
            Cancel
          </Button>
        )}
        <SearchField
          label="Search the log"
          value={search}
          width={212}
          onChange={value => {
            setSearch(value);
            setHitIndex(0);
          }}
          note={
            hits.length === 0
              ? 'no hit'
              : `${(((hitIndex % hits.length) + hits.length) % hits.length) + 1} of ${hits.length}`
          }
        />
        <button
          type="button"
          className={wrap ? 'tgl on' : 'tgl'}
          aria-pressed={wrap}
          aria-label="Wrap lines"
          title="Wrap lines"
          onClick={() => setWrap(!wrap)}
        >
          <Icon name="wrap-text" />
        </button>
        <CopyButton text={text} label="Copy all" />
      </div>
      {view?.error != null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{view.error.message}</Status>
        </div>
      )}
      {build !== null && mode === 'steps' ? (
        <div className="log-box scroll">
          <BuildSteps build={build} />
        </div>
      ) : (
        <LogLines
          lines={lines}
          startedAt={view?.startedAt ?? null}
          showSource={build === null}
          wrap={wrap}
          search={search}
          hit={hit}
          label={job?.title ?? 'Log'}
        />
      )}
      <div className="logfoot">
        <span>
          {lines.length === 0
            ? view?.ended === true
              ? 'No output was kept'
              : 'No output yet'
            : count(lines.length, 'line')}
        </span>
        {job !== null && <span>{job.status}</span>}
      </div>
    </>
  );
}

function hitsIn(lines: readonly { readonly text: string }[], search: string): readonly number[] {
  const wanted = search.toLowerCase();
  const hits: number[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    if (lines[index]?.text.toLowerCase().includes(wanted) === true) hits.push(index);
  }
  return hits;
}
