import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ListState } from '../../components/list-state.tsx';
import { Icon } from '../../components/icon.tsx';
import { useRows } from '../../components/rows.ts';
import { SearchField } from '../../components/search-field.tsx';
import type { ProjectSummary } from '../../../preload/contract/projects.ts';
import { useHints, type Hint } from '../../shell/hints.ts';
import { useNow, useResource, useStores } from '../../stores/react.ts';
import { count } from '../../text/words.ts';
import { NoProjects } from './no-projects.tsx';
import { ProjectRow } from './project-row.tsx';
import { RemoveDialog } from './remove-dialog.tsx';

const hints: readonly Hint[] = [
  { keys: 'ArrowUp+ArrowDown', word: 'move' },
  { keys: 'Enter', word: 'open' },
  { keys: 'Ctrl+O', word: 'open folder' },
];

export function ProjectsScreen() {
  const { projects, opening } = useStores();
  const list = useResource(projects, '');
  useHints(hints);
  const running = list.data?.filter(project => project.runningJob !== null).length ?? 0;
  const sub =
    list.data === null || list.data.length === 0
      ? null
      : `${count(list.data.length, 'folder')}${running > 0 ? `, ${running} deploying` : ''}`;
  const [filter, setFilter] = useState('');
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Projects</h1>
        {sub !== null && <span className="sub">{sub}</span>}
        <span className="grow" />
        {list.data !== null && list.data.length > 0 && (
          <>
            <SearchField label="Filter projects" value={filter} onChange={setFilter} />
            <Button icon="folder-open" shortcut="open" onClick={() => void opening.choose()}>
              Open folder…
            </Button>
          </>
        )}
      </header>
      <div className="body flush">
        <ListState
          of={list}
          who="The engine"
          rows={4}
          isEmpty={data => data.length === 0}
          empty={<NoProjects />}
          onRetry={() => void projects.load('')}
          onStop={() => projects.stopWaiting('')}
        >
          {data => <ProjectTable projects={data.filter(project => fits(project, filter))} />}
        </ListState>
      </div>
    </main>
  );
}

const fits = (project: ProjectSummary, filter: string) =>
  `${project.name} ${project.root}`.toLowerCase().includes(filter.toLowerCase());

function ProjectTable({ projects }: { projects: readonly ProjectSummary[] }) {
  const { location } = useStores();
  const [removing, setRemoving] = useState<ProjectSummary | null>(null);
  const now = useNow(true, 30_000);
  const rows = useRows(
    projects.map(project => project.id),
    { onOpen: projectId => location.go({ screen: 'overview', projectId }) },
  );
  return (
    <>
      <table className="list plist" role="grid" aria-label="Projects" onKeyDown={rows.onKeyDown}>
        <colgroup>
          <col />
          <col style={{ width: 200 }} />
          <col style={{ width: '30%' }} />
          <col style={{ width: 150 }} />
          <col style={{ width: 190 }} />
        </colgroup>
        <thead>
          <tr>
            <th>Project</th>
            <th>Folder holds</th>
            <th>State</th>
            <th>Last deploy</th>
            <th>
              <span className="sr">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {projects.map(project => (
            <ProjectRow
              key={project.id}
              project={project}
              now={now}
              row={rows.row(project.id)}
              onRemove={() => setRemoving(project)}
            />
          ))}
        </tbody>
      </table>
      <div className="drop-here">
        <div className="drop">
          <span className="drop-icon">
            <Icon name="folder-plus" />
          </span>
          <div>
            <div className="b big">Drop a project folder here</div>
            <div className="t2">
              A project holds a Dockerfile, Kubernetes manifests, a{' '}
              <span className="mono">helmfile.yaml</span> or a <span className="mono">ptah.yml</span>.
              Dropping only reads it.
            </div>
          </div>
        </div>
      </div>
      {removing !== null && <RemoveDialog project={removing} onClose={() => setRemoving(null)} />}
    </>
  );
}
