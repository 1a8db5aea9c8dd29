import '../../theme/images.css';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Status } from '../../components/status.tsx';
import { useRows } from '../../components/rows.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { ImageState } from '../../../preload/contract/images.ts';
import { useProject, useRunningJob } from '../../shell/current.ts';
import { useHints, type Hint } from '../../shell/hints.ts';
import { ProblemList } from '../../components/problem-list.tsx';
import { toFailure } from '../../stores/failure.ts';
import { useNow, useResource, useStores } from '../../stores/react.ts';
import { toggleScope, useSync } from '../../stores/use-sync.ts';
import { count } from '../../text/words.ts';
import { BuildPanel } from './build-panel.tsx';
import { ImageFacts } from './image-facts.tsx';
import { ImageRow } from './image-row.tsx';
import { LayersPanel } from './layers-panel.tsx';
import { PanelSwitch, type ImagePanel } from './panel-switch.tsx';
import { RunPanel } from './run-panel.tsx';
import { TagsPanel } from './tags-panel.tsx';

const hints: readonly Hint[] = [
  { keys: 'ArrowUp+ArrowDown', word: 'move' },
  { keys: 'Ctrl+Enter', word: 'build' },
  { keys: '/', word: 'search' },
  { keys: 'S', word: 'sync' },
];

export function ImagesScreen({ projectId }: { projectId: string }) {
  const { client, images, projectDetails } = useStores();
  const project = useProject(projectId);
  const list = useResource(images, projectId);
  const pattern = useResource(projectDetails, projectId).data?.config?.dockerfiles ?? null;
  const running = useRunningJob(projectId, ['build', 'deploy']);
  const [filter, setFilter] = useState('');
  const [error, setError] = useState<WireError | null>(null);
  useHints(hints);
  useSync(projectId);
  const all = list.data?.images ?? [];
  const stale = all.filter(image => image.state === 'stale' || image.state === 'failed');
  const build = (names: readonly string[], force: boolean) => {
    setError(null);
    client
      .request('images.build', { projectId, names: [...names], force })
      .catch(thrown => setError(toFailure(thrown)));
  };
  const off = running === null ? null : `${running.title} is running`;
  const buildStale = () =>
    build(
      stale.map(image => image.name),
      false,
    );
  useShortcut('primary', buildStale, stale.length > 0 && off === null);
  const counts = list.data === null ? null : `${all.length} built here, ${stale.length} stale`;
  const sub = [project?.name, counts].filter(Boolean).join(', ');
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Images</h1>
        <span className="sub" title={sub}>
          {sub}
        </span>
        <span className="grow" />
        <SearchField label="Filter images" width={176} value={filter} onChange={setFilter} />
        <Button
          icon="hammer"
          off={off ?? (all.length === 0 && 'No image here')}
          onClick={() =>
            build(
              all.map(image => image.name),
              true,
            )
          }
        >
          Build all again
        </Button>
        {stale.length > 0 && (
          <Button kind="primary" icon="hammer" shortcut="primary" off={off} onClick={buildStale}>
            {`Build ${count(stale.length, 'image')}`}
          </Button>
        )}
      </header>
      <div className="body flush">
        {error !== null && (
          <div className="strip bad" role="alert">
            <Status tone="bad">{error.message}</Status>
            {error.hint !== null && <span className="t2">{error.hint}</span>}
          </div>
        )}
        <ListState
          of={list}
          who="Docker"
          rows={4}
          isEmpty={data => data.images.length === 0 && data.problems.length === 0}
          empty={
            <Empty
              icon="layers"
              title="No images"
              line={
                pattern === null ? (
                  'No Dockerfile of this folder matches the pattern dockerfiles in ptah.yml.'
                ) : (
                  <>
                    No Dockerfile matches the pattern <span className="mono">{pattern}</span>
                  </>
                )
              }
            />
          }
          onRetry={() => void images.load(projectId)}
          onStop={() => images.stopWaiting(projectId)}
        >
          {data => (
            <>
              {data.problems.length > 0 && <ProblemList problems={data.problems} />}
              <ImageTable
                projectId={projectId}
                images={data.images.filter(image =>
                  `${image.name} ${image.dockerfile}`.toLowerCase().includes(filter.toLowerCase()),
                )}
                all={data.images}
                off={off}
                onBuild={(name, force) => build([name], force)}
              />
            </>
          )}
        </ListState>
      </div>
    </main>
  );
}

function ImageTable({
  projectId,
  images,
  all,
  off,
  onBuild,
}: {
  projectId: string;
  images: readonly ImageState[];
  all: readonly ImageState[];
  off: string | null;
  onBuild: (name: string, force: boolean) => void;
}) {
  const { sync } = useStores();
  const now = useNow(true, 30_000);
  const running = useRunningJob(projectId, ['build', 'deploy']);
  const [chosen, setChosen] = useState<string | null>(null);
  const [panel, setPanel] = useState<ImagePanel>('build');
  const panels = <PanelSwitch value={panel} onChange={setPanel} />;
  const selected =
    images.find(image => image.name === chosen) ??
    images.find(image => image.state === 'building') ??
    images[0] ??
    null;
  const rows = useRows(
    images.map(image => image.name),
    {
      selected: selected?.name ?? null,
      onMove: setChosen,
      onOpen: setChosen,
      onKey: (name, event) => {
        if (event.key.toLowerCase() !== 's' || event.ctrlKey || event.metaKey || event.altKey) return false;
        toggleScope(sync, projectId, { level: 'image', image: name });
        return true;
      },
    },
  );
  return (
    <>
      <table className="list imt" role="grid" aria-label="Images" onKeyDown={rows.onKeyDown}>
        <colgroup>
          <col style={{ width: '19%' }} />
          <col style={{ width: 196 }} />
          <col />
          <col className="wide-only" style={{ width: 76 }} />
          <col className="wide-only" style={{ width: 76 }} />
          <col style={{ width: 160 }} />
          <col style={{ width: 148 }} />
        </colgroup>
        <thead>
          <tr>
            <th>Image</th>
            <th>Tag</th>
            <th>Why</th>
            <th className="num wide-only">Size</th>
            <th className="num wide-only">Build</th>
            <th className="spaced">Where loaded</th>
            <th>Sync</th>
          </tr>
        </thead>
        <tbody>
          {images.map(image => (
            <ImageRow
              key={image.name}
              projectId={projectId}
              image={image}
              now={now}
              row={rows.row(image.name)}
              onSelect={() => setChosen(image.name)}
            />
          ))}
        </tbody>
      </table>
      {selected !== null && (
        <div className="split">
          {panel === 'layers' ? (
            <LayersPanel key={selected.name} projectId={projectId} name={selected.name} panels={panels} />
          ) : panel === 'run' ? (
            <RunPanel key={selected.name} projectId={projectId} image={selected} panels={panels} />
          ) : panel === 'tags' ? (
            <TagsPanel projectId={projectId} panels={panels} />
          ) : (
            <BuildPanel
              key={selected.name}
              image={selected}
              // A job that runs may be building it before the list was read again.
              runningJob={running?.id ?? null}
              off={off}
              panels={panels}
              onBuild={force => onBuild(selected.name, force)}
            />
          )}
          <ImageFacts image={selected} all={all} now={now} />
        </div>
      )}
    </>
  );
}
