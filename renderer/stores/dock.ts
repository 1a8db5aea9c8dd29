import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Layout } from './layout.ts';

export type DockTab =
  | { readonly id: string; readonly kind: 'job'; readonly jobId: string; readonly image: string | null }
  | { readonly id: string; readonly kind: 'terminal'; readonly terminalId: string }
  | ({ readonly id: string; readonly kind: 'run' } & RunTab)
  | { readonly id: 'logs'; readonly kind: 'logs' }
  | { readonly id: 'sync'; readonly kind: 'sync' }
  | { readonly id: 'problems'; readonly kind: 'problems' };

/** A container that was started by hand. */
export interface RunTab {
  readonly projectId: string;
  readonly runId: string;
  readonly image: string;
}

export interface DockState {
  readonly tabs: readonly DockTab[];
  readonly active: string;
}
export interface Dock {
  readonly store: StoreApi<DockState>;
  /** Shows a job's log; `image` narrows it to the build of one image. */
  openJob(jobId: string, image?: string | null): void;
  /** Adds the tab without opening the dock: a job that started elsewhere does not cover what is looked at. */
  addJob(jobId: string, insteadOf?: readonly string[]): void;
  /** One tab for each terminal; it is there for as long as the terminal is. */
  addTerminal(terminalId: string): void;
  /** Shows the log of a container that was started by hand. */
  openRun(run: RunTab): void;
  close(id: string): void;
  activate(id: string): void;
}

const mostTabs = 8;
const problems: DockTab = { id: 'problems', kind: 'problems' };
const logs: DockTab = { id: 'logs', kind: 'logs' };
const sync: DockTab = { id: 'sync', kind: 'sync' };
const tabOf = (jobId: string, image: string | null): DockTab => ({
  id: image === null ? jobId : `${jobId}/${image}`,
  kind: 'job',
  jobId,
  image,
});

export function createDock(layout: StoreApi<Layout>): Dock {
  const store = createStore<DockState>(() => ({ tabs: [logs, sync, problems], active: 'problems' }));
  const add = (tab: DockTab) =>
    store.setState(state => {
      if (state.tabs.some(one => one.id === tab.id)) return state;
      const jobs = [...state.tabs.filter(one => one.kind === 'job'), tab].slice(-mostTabs);
      const rest = state.tabs.filter(one => one.kind !== 'job' && one.id !== logs.id);
      return { ...state, tabs: [logs, ...jobs, ...rest] };
    });
  return {
    store,
    openJob(jobId, image = null) {
      const tab = tabOf(jobId, image);
      add(tab);
      store.setState({ active: tab.id });
      layout.setState({ dockOpen: true });
    },
    addJob(jobId, insteadOf = []) {
      const tab = tabOf(jobId, null);
      const isOpen = layout.getState().dockOpen;
      store.setState(state => ({
        ...state,
        tabs: state.tabs.filter(
          one => one.kind !== 'job' || !insteadOf.includes(one.jobId) || (isOpen && one.id === state.active),
        ),
      }));
      add(tab);
      if (!isOpen) store.setState({ active: tab.id });
    },
    addTerminal: terminalId =>
      store.setState(state => {
        const id = `terminal-${terminalId}`;
        if (state.tabs.some(tab => tab.id === id)) return state;
        const at = state.tabs.findIndex(tab => tab.id === sync.id);
        return { ...state, tabs: state.tabs.toSpliced(at, 0, { id, kind: 'terminal', terminalId }) };
      }),
    openRun(run) {
      const id = `run-${run.runId}`;
      store.setState(state => {
        if (state.tabs.some(tab => tab.id === id)) return { ...state, active: id };
        const at = state.tabs.findIndex(tab => tab.id === sync.id);
        return { tabs: state.tabs.toSpliced(at, 0, { id, kind: 'run', ...run }), active: id };
      });
      layout.setState({ dockOpen: true });
    },
    close: id =>
      store.setState(state => {
        const tabs = state.tabs.filter(tab => tab.id !== id);
        const active = state.active === id ? (tabs[0]?.id ?? problems.id) : state.active;
        return { tabs, active };
      }),
    activate(id) {
      store.setState({ active: id });
      layout.setState({ dockOpen: true });
    },
  };
}
