import { createStore, type StoreApi } from 'zustand/vanilla';
import type { PtahClient } from '../../preload/contract/client.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import type { OpenResult, ProjectProposal, ProjectSummary } from '../../preload/contract/projects.ts';
import { toFailure } from './failure.ts';

/** What stands between a folder and the list: the dialogs that a folder can bring up, one at a time. */
export type Opening =
  | { readonly step: 'none' }
  | { readonly step: 'reading'; readonly path: string }
  | {
      readonly step: 'browse';
      readonly name: string | null;
      readonly why: string | null;
      readonly start: string | null;
    }
  | {
      readonly step: 'proposal';
      readonly proposal: ProjectProposal;
      readonly writing: boolean;
      readonly error: WireError | null;
    }
  | { readonly step: 'same-identity'; readonly project: ProjectSummary; readonly root: string }
  | { readonly step: 'failed'; readonly path: string; readonly error: WireError };

export interface DroppedFolder {
  readonly name: string;
  readonly entries: readonly string[];
}

export interface OpeningStore {
  readonly store: StoreApi<Opening>;
  /** The native dialog; our own folder browser where the host has none. */
  choose(): Promise<void>;
  browse(start?: string | null): void;
  open(path: string, asNew?: boolean): Promise<void>;
  /** A folder dropped in a browser brings no path: found by name and listing, else looked for by hand. */
  openDropped(folder: DroppedFolder): Promise<void>;
  accept(): Promise<void>;
  cancel(): void;
}

const none: Opening = { step: 'none' };
export const mostEntries = 5000;

export function createOpening(
  client: PtahClient,
  options: {
    readonly hasNativeDialog: () => boolean;
    readonly onOpened: (project: ProjectSummary) => void;
  },
): OpeningStore {
  const store = createStore<Opening>(() => none);
  const put = (opening: Opening) => store.setState(opening, true);

  function take(result: OpenResult): void {
    if (result.result === 'opened') {
      put(none);
      options.onOpened(result.project);
    } else if (result.result === 'proposal') {
      put({ step: 'proposal', proposal: result.proposal, writing: false, error: null });
    } else {
      put({ step: 'same-identity', project: result.project, root: result.root });
    }
  }

  async function open(path: string, asNew?: boolean): Promise<void> {
    put({ step: 'reading', path });
    try {
      take(await client.request('projects.open', asNew === undefined ? { path } : { path, asNew }));
    } catch (thrown) {
      put({ step: 'failed', path, error: toFailure(thrown) });
    }
  }

  return {
    store,
    open,
    async choose() {
      try {
        const { path } = await client.request('projects.chooseFolder', {});
        if (path !== null) await open(path);
        else if (!options.hasNativeDialog()) put({ step: 'browse', name: null, why: null, start: null });
      } catch (thrown) {
        put({ step: 'failed', path: '', error: toFailure(thrown) });
      }
    },
    browse: (start = null) => put({ step: 'browse', name: null, why: null, start }),
    async openDropped({ name, entries }) {
      put({ step: 'reading', path: name });
      try {
        const { candidates } = await client.request('projects.locate', {
          name,
          entries: entries.slice(0, mostEntries),
        });
        const [only] = candidates;
        if (candidates.length === 1 && only !== undefined) {
          await open(only);
          return;
        }
        const why =
          candidates.length === 0
            ? `A browser does not say where “${name}” lies. Choose it here.`
            : `${candidates.length} folders look like “${name}”. Choose the one that you mean.`;
        put({ step: 'browse', name, why, start: candidates[0]?.replace(/[\\/][^\\/]*$/, '') ?? null });
      } catch (thrown) {
        put({ step: 'failed', path: name, error: toFailure(thrown) });
      }
    },
    async accept() {
      const opening = store.getState();
      if (opening.step !== 'proposal') return;
      const { root, configText, edits } = opening.proposal;
      put({ ...opening, writing: true, error: null });
      try {
        take(await client.request('projects.accept', { root, configText, edits: [...edits] }));
      } catch (thrown) {
        put({ ...opening, writing: false, error: toFailure(thrown) });
      }
    },
    cancel: () => put(none),
  };
}
