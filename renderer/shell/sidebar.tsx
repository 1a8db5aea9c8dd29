import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import { Icon, Shape, type IconName } from '../components/icon.tsx';
import { Keys } from '../components/keys.tsx';
import { Splitter } from '../components/splitter.tsx';
import { limits } from '../stores/layout.ts';
import { toHash, type Place, type ProjectScreen } from '../stores/location.ts';
import { changeCount, staleCount } from '../stores/plan-words.ts';
import { usePeek, useResource, useStores } from '../stores/react.ts';
import type { ProjectSummary } from '../../preload/contract/projects.ts';
import { stateOfProject, useDeployedElsewhere } from './current.ts';

export function Sidebar() {
  const { location, projects, opening, layout } = useStores();
  const place = useStore(location.store, state => state.place);
  const lastProject = useStore(location.store, state => state.lastProject);
  const width = useStore(layout, state => state.sidebarWidth);
  const list = usePeek(projects, '').data ?? null;
  const current = place.projectId ?? lastProject;
  const cluster: Place =
    current === null ? { screen: 'cluster', projectId: null } : { screen: 'cluster', projectId: current };

  return (
    <nav className="sidebar" aria-label="Projects and tools" data-region="Sidebar">
      <Item
        place={{ screen: 'projects', projectId: null }}
        at={place}
        icon="layout-grid"
        label="Projects"
        project
        note={list === null ? undefined : String(list.length)}
      />
      {list?.length === 0 && <div className="side quiet">No projects yet</div>}
      <div className="side-projects">
        {list?.map(project => (
          <ProjectItem key={project.id} project={project} at={place} current={current} />
        ))}
      </div>
      <button
        type="button"
        className="side"
        aria-keyshortcuts="Control+O"
        onClick={() => void opening.choose()}
      >
        <Icon name="plus" />
        <span className="name">Add folder</span>
        <Keys of="Ctrl+O" />
      </button>
      <span className="fill" />
      <hr />
      <Item place={cluster} at={place} icon="server" label="Cluster" />
      <ActivityItem at={place} />
      <SetupItem at={place} />
      <Item place={{ screen: 'settings', projectId: null }} at={place} icon="settings" label="Settings" />
      <Splitter
        label="Width of the sidebar"
        orientation="vertical"
        grows="right"
        value={width}
        range={limits.sidebarWidth}
        onChange={sidebarWidth => layout.setState({ sidebarWidth })}
      />
    </nav>
  );
}

const views: readonly { readonly screen: ProjectScreen; readonly label: string; readonly icon: IconName }[] =
  [
    { screen: 'overview', label: 'Overview', icon: 'activity' },
    { screen: 'images', label: 'Images', icon: 'layers' },
    { screen: 'changes', label: 'Changes', icon: 'git-compare' },
    { screen: 'workloads', label: 'Workloads', icon: 'boxes' },
  ];

/** A project; the one that is looked at shows its screens. Two levels, never three. */
function ProjectItem({
  project,
  at,
  current,
}: {
  project: ProjectSummary;
  at: Place;
  current: string | null;
}) {
  const isOpen = current === project.id;
  const { tone, word } = stateOfProject(project, useDeployedElsewhere(project));
  return (
    <>
      <a
        className="side project"
        href={toHash({ screen: 'overview', projectId: project.id })}
        aria-expanded={isOpen}
        title={`${word}, ${project.root}`}
      >
        <Icon name={isOpen ? 'chevron-down' : 'chevron-right'} className="twist" />
        <span className="name">{project.name}</span>
        <span title={word}>
          <Shape tone={tone} />
        </span>
      </a>
      {isOpen &&
        views.map(({ screen, label, icon }) => (
          <Item
            key={screen}
            view
            place={{ screen, projectId: project.id }}
            at={at}
            icon={icon}
            label={label}
            note={<ViewNote projectId={project.id} screen={screen} />}
          />
        ))}
    </>
  );
}

function ViewNote({ projectId, screen }: { projectId: string; screen: ProjectScreen }) {
  const { deploys, workloads } = useStores();
  const plan = usePeek(deploys.plans, projectId).data;
  const watched = useStore(workloads.store, state => state[projectId]?.snapshot?.workloads.length ?? 0);
  if (screen === 'workloads') return watched > 0 ? String(watched) : null;
  if (plan === null) return null;
  const stale = staleCount(plan);
  const changed = changeCount(plan);
  if (screen === 'images') return stale > 0 ? `${stale} stale` : null;
  return screen === 'changes' && changed > 0 ? String(changed) : null;
}

function ActivityItem({ at }: { at: Place }) {
  const { activity } = useStores();
  const running = useResource(activity.jobs, '').data?.filter(job => job.state === 'running').length ?? 0;
  return (
    <Item
      place={{ screen: 'activity', projectId: null }}
      at={at}
      icon="history"
      label="Activity"
      note={running > 0 ? `${running} running` : undefined}
    />
  );
}

function SetupItem({ at }: { at: Place }) {
  const { setup } = useStores();
  const wanting = useStore(
    setup.results.store,
    state =>
      Object.values(state).filter(
        result => result.data?.state === 'failed' || result.data?.state === 'warning',
      ).length,
  );
  return (
    <Item
      place={{ screen: 'setup', projectId: null }}
      at={at}
      icon="stethoscope"
      label="Setup"
      note={
        wanting > 0 ? (
          <>
            {wanting} <Shape tone="warn" />
          </>
        ) : undefined
      }
      description={wanting > 0 ? `${wanting} checks want attention` : undefined}
    />
  );
}

function Item({
  place,
  at,
  icon,
  label,
  note,
  description,
  project = false,
  view = false,
}: {
  place: Place;
  at: Place;
  icon: IconName;
  label: string;
  note?: ReactNode;
  description?: string | undefined;
  project?: boolean;
  view?: boolean;
}) {
  const isHere =
    place.screen === at.screen && (place.screen === 'cluster' || place.projectId === at.projectId);
  return (
    // The count stands beside the link, not in it: its name stays the word alone.
    <span className="side-cell">
      <a
        className={clsx('side', project && 'project', view && 'view', isHere && 'on')}
        href={toHash(place)}
        aria-current={isHere ? 'page' : undefined}
        title={description}
      >
        <Icon name={icon} />
        <span className="name">{label}</span>
      </a>
      <span className="count">{note}</span>
    </span>
  );
}
