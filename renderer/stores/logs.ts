import { createStore, type StoreApi } from 'zustand/vanilla';
import type { LogLevel, LogScope } from '../../preload/contract/logs.ts';
import type { Dock } from './dock.ts';

/** What was typed into the search or the filter box. */
export interface TypedPattern {
  readonly text: string;
  readonly regex: boolean;
  readonly matchCase: boolean;
}

/** How one project's log is looked at; kept while the window stands, so that another screen or tab loses nothing. */
export interface LogLook {
  readonly scope: LogScope;
  /** Keys or groups of sources that are switched off. */
  readonly hidden: readonly string[];
  /** Levels that are switched off. */
  readonly quiet: readonly LogLevel[];
  readonly search: TypedPattern;
  readonly filter: TypedPattern & {
    readonly context: 0 | 2 | 5;
    /** Marks what matches and hides nothing. */
    readonly onlyMark: boolean;
  };
}

const nothing: TypedPattern = { text: '', regex: false, matchCase: false };
export const firstLook: LogLook = {
  scope: { kind: 'project' },
  hidden: [],
  quiet: [],
  search: nothing,
  filter: { ...nothing, context: 0, onlyMark: false },
};

export interface Logs {
  /** By project; the log of one run by hand is a look of its own. */
  readonly looks: StoreApi<Readonly<Record<string, LogLook>>>;
  /** The log takes the focus as soon as it is shown. */
  readonly wanted: StoreApi<{ readonly focus: boolean }>;
  /** `first`: what is looked at before anything was changed. */
  look(key: string, change: Partial<LogLook>, first?: LogLook): void;
  /** Shows the log of a scope in the dock. */
  open(projectId: string, scope: LogScope): void;
}

export function createLogs(dock: Dock): Logs {
  const looks = createStore<Readonly<Record<string, LogLook>>>(() => ({}));
  const wanted = createStore<{ readonly focus: boolean }>(() => ({ focus: false }));
  const look = (key: string, change: Partial<LogLook>, first = firstLook): void =>
    looks.setState(state => ({ ...state, [key]: { ...(state[key] ?? first), ...change } }));
  return {
    looks,
    wanted,
    look,
    open(projectId, scope) {
      const before = looks.getState()[projectId] ?? firstLook;
      // what was hidden or filtered elsewhere would hide what was asked for now
      if (JSON.stringify(before.scope) !== JSON.stringify(scope))
        look(projectId, { scope, hidden: [], quiet: [], filter: firstLook.filter });
      wanted.setState({ focus: true });
      dock.activate('logs');
    },
  };
}
