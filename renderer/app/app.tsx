import { clsx } from 'clsx';
import { useEffect, type ComponentType } from 'react';
import { useStore } from 'zustand';
import { Dock } from '../shell/dock.tsx';
import { DropTarget } from '../shell/drop.tsx';
import { useCurrentContext, useProject } from '../shell/current.ts';
import { PaletteWait } from '../shell/palette-wait.tsx';
import { nextRegion } from '../shell/regions.ts';
import { Sidebar } from '../shell/sidebar.tsx';
import { StatusBar } from '../shell/status-bar.tsx';
import { TitleBar } from '../shell/title-bar.tsx';
import { Toasts } from '../shell/toasts.tsx';
import { ProjectsScreen } from '../screens/projects/projects-screen.tsx';
import { OverviewScreen } from '../screens/overview/overview-screen.tsx';
import { OpeningDialogs } from '../screens/projects/opening-dialogs.tsx';
import type { Place } from '../stores/location.ts';
import { isLocalContext } from '../stores/plan-words.ts';
import { StoresContext, useNow, useResource, useStores } from '../stores/react.ts';
import type { Stores } from '../stores/stores.ts';
import { applyTheme } from '../theme/apply.ts';
import { age } from '../text/time.ts';
import { onDemand } from '../components/on-demand.tsx';
import { Status } from '../components/status.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import { dispatchKey, useShortcut } from './use-shortcut.ts';

const screen = <P extends object = object>(load: () => Promise<ComponentType<P>>) =>
  onDemand(load, <main className="main" data-region="Main" />);
interface OfProject {
  readonly projectId: string;
}
const Images = screen<OfProject>(
  async () => (await import('../screens/images/images-screen.tsx')).ImagesScreen,
);
const Changes = screen<OfProject>(
  async () => (await import('../screens/changes/changes-screen.tsx')).ChangesScreen,
);
const Workloads = screen<OfProject>(
  async () => (await import('../screens/workloads/workloads-screen.tsx')).WorkloadsScreen,
);
const Cluster = screen(async () => (await import('../screens/cluster/cluster-screen.tsx')).ClusterScreen);
const Activity = screen(async () => (await import('../screens/activity/activity-screen.tsx')).ActivityScreen);
const Setup = screen(async () => (await import('../screens/setup/setup-screen.tsx')).SetupScreen);
const Settings = screen(async () => (await import('../screens/settings/settings-screen.tsx')).SettingsScreen);
const Palette = onDemand(async () => (await import('../shell/palette.tsx')).Palette, <PaletteWait />);
const RemovalDialog = onDemand(
  async () => (await import('../shell/removal/removal-dialog.tsx')).RemovalDialog,
);
const KeySheet = onDemand(async () => (await import('../shell/key-sheet.tsx')).KeySheet);

/** Fetches what a project's window is nearly always asked for next, when there is nothing else to do. */
function useReadAhead(projectId: string | null): void {
  const wanted = projectId !== null;
  useEffect(() => {
    if (!wanted || typeof requestIdleCallback === 'undefined') return undefined;
    // should it fail, the click on it says so
    const idle = requestIdleCallback(() => void Workloads.ahead().catch(() => {}));
    return () => cancelIdleCallback(idle);
  }, [wanted]);
}

export function App({ stores }: { stores: Stores }) {
  return (
    <StoresContext value={stores}>
      <Window />
    </StoresContext>
  );
}

function Window() {
  const { location, layout, opening, dialogs, projects, settings, info, deploys, removal } = useStores();
  const place = useStore(location.store, state => state.place);
  const projectId = useStore(location.store, state => state.place.projectId ?? state.lastProject);
  useReadAhead(projectId);
  const sidebar = useStore(layout, state => state.sidebarShown);
  const sidebarWidth = useStore(layout, state => state.sidebarWidth);
  const { palette, sheet } = useStore(dialogs);
  const removing = useStore(removal.asking, state => state.projectId);
  const current = useCurrentContext(projectId);
  const theme = useResource(settings, '').data?.theme ?? 'system';
  const list = useResource(projects, '').data;
  useResource(info, '');
  // Every screen of a project shows counts and the cluster in the frame: its plan is read wherever one stands.
  useResource(deploys.plans, place.projectId);
  useEffect(() => applyTheme(theme), [theme]);
  useTitle(place);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey && /^[1-9]$/.test(event.key)) {
        const project = list?.[Number(event.key) - 1];
        if (project === undefined) return;
        event.preventDefault();
        location.go({ screen: 'overview', projectId: project.id });
        return;
      }
      dispatchKey(event);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [list, location]);
  useShortcut('palette', () => dialogs.setState(state => ({ palette: !state.palette, paletteText: '' })));
  useShortcut('sheet', () => dialogs.setState({ sheet: true }));
  useShortcut('open', () => void opening.choose());
  useShortcut('sidebar', () => layout.setState({ sidebarShown: !sidebar }));
  useShortcut('nextRegion', () => nextRegion(1));
  useShortcut('previousRegion', () => nextRegion(-1));
  useShortcut(
    'changes',
    () => projectId !== null && location.go({ screen: 'changes', projectId }),
    projectId !== null,
  );

  const guarded = current !== null && place.projectId !== null && !isLocalContext(current.context);
  return (
    <div
      className={clsx('app', guarded && 'guard', !sidebar && 'no-sidebar')}
      style={{ ['--w-side' as string]: `${sidebarWidth}px` }}
    >
      <TitleBar />
      {sidebar && <Sidebar />}
      <div className="work">
        <ErrorBoundary key={`${place.screen} ${place.projectId ?? ''}`}>
          <Disconnected />
          <Screen place={place} />
        </ErrorBoundary>
        <Dock />
        <Toasts />
      </div>
      <StatusBar />
      <OpeningDialogs />
      <DropTarget />
      {palette && <Palette />}
      {removing !== null && <RemovalDialog key={removing} projectId={removing} />}
      {sheet && <KeySheet onClose={() => dialogs.setState({ sheet: false })} />}
    </div>
  );
}

function Screen({ place }: { place: Place }) {
  switch (place.screen) {
    case 'projects':
      return <ProjectsScreen />;
    case 'activity':
      return <Activity />;
    case 'setup':
      return <Setup />;
    case 'settings':
      return <Settings />;
    case 'cluster':
      return <Cluster key={place.projectId} projectId={place.projectId} />;
    case 'overview':
      return <OverviewScreen key={place.projectId} projectId={place.projectId} />;
    case 'images':
      return <Images key={place.projectId} projectId={place.projectId} />;
    case 'changes':
      return <Changes key={place.projectId} projectId={place.projectId} />;
    case 'workloads':
      return <Workloads key={place.projectId} projectId={place.projectId} />;
  }
}

/** What stands below stays, greyed, with its age. */
function Disconnected() {
  const { connection } = useStores();
  const { connected, lostAt } = useStore(connection);
  const now = useNow(!connected, 1000);
  if (connected) return null;
  return (
    <div className="strip bad lost" role="alert">
      <Status tone="bad">The engine does not answer, trying again</Status>
      <span className="t3">{`What stands below is ${age(now - (lostAt ?? now))} old. Actions are off until it is back.`}</span>
    </div>
  );
}

const titles: Record<Place['screen'], string> = {
  projects: 'Projects',
  overview: 'Overview',
  images: 'Images',
  changes: 'Changes',
  workloads: 'Workloads',
  cluster: 'Cluster',
  activity: 'Activity',
  setup: 'Setup',
  settings: 'Settings',
};

function useTitle(place: Place): void {
  const name = useProject(place.projectId)?.name ?? null;
  useEffect(() => {
    const screen = titles[place.screen];
    document.title = `${name === null ? screen : `${name}, ${screen}`} · Ptah Desktop`;
  }, [place, name]);
}
