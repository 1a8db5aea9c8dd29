import type { PtahClient } from '../../preload/contract/client.ts';
import type { ImageLayers } from '../../preload/contract/image-details.ts';
import type { RunPlan, RunView } from '../../preload/contract/image-runs.ts';
import type { MethodOutput } from '../../preload/contract/index.ts';
import type { Dock } from './dock.ts';
import { toFailure } from './failure.ts';
import { createResource, type Resource } from './resource.ts';
import type { Terminals } from './terminals.ts';
import type { Toasts } from './toasts.ts';

export type ImageTags = MethodOutput<'images.tags'>;

/** What the Images screen shows beside building. Layers and plans by `imageKey`, the rest by project. */
export interface ImagesByHand {
  readonly layers: Resource<ImageLayers>;
  readonly plans: Resource<RunPlan>;
  readonly runs: Resource<readonly RunView[]>;
  readonly tags: Resource<ImageTags>;
  /** Its log in the dock. */
  openLog(projectId: string, run: RunView): void;
  openTerminal(projectId: string, run: RunView): Promise<void>;
  stop(projectId: string, run: RunView): Promise<void>;
  dismiss(projectId: string, run: RunView): Promise<void>;
  /** The folder, Docker or the cluster changed; without a project all may have. */
  invalidate(projectId?: string): void;
}

export const imageKey = (projectId: string, name: string): string => JSON.stringify([projectId, name]);
const readKey = (key: string): { readonly projectId: string; readonly name: string } => {
  const [projectId, name] = JSON.parse(key) as [string, string];
  return { projectId, name };
};
export const runTab = (id: string): string => `run-${id}`;

export function createImagesByHand(
  client: PtahClient,
  dock: Dock,
  terminals: Terminals,
  toasts: Toasts,
): ImagesByHand {
  const layers = createResource<ImageLayers>((key, signal) =>
    client.request('images.layers', readKey(key), { signal }),
  );
  const plans = createResource<RunPlan>((key, signal) =>
    client.request('images.runPlan', readKey(key), { signal }),
  );
  const runs = createResource<readonly RunView[]>((projectId, signal) =>
    client.request('images.runs', { projectId }, { signal }),
  );
  const tags = createResource<ImageTags>((projectId, signal) =>
    client.request('images.tags', { projectId }, { signal }),
  );
  client.on('images.runsChanged', ({ projectId }) => {
    runs.invalidate(projectId);
    tags.invalidate(projectId);
  });
  const attempt = async (title: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const { message } = toFailure(thrown);
      toasts.show({ key: `run ${title}`, tone: 'bad', title, line: message, action: null });
    }
  };
  return {
    layers,
    plans,
    runs,
    tags,
    openLog: (projectId, run) => dock.openRun({ projectId, runId: run.id, image: run.image }),
    openTerminal: (projectId, { id }) =>
      attempt('No terminal was opened', async () => {
        const opened = await client.request('images.runTerminal', { projectId, id, cols: 80, rows: 24 });
        dock.addTerminal(opened.id);
        terminals.show(opened.id);
      }),
    stop: (projectId, { id, image }) =>
      attempt(`${image} was not stopped`, () => client.request('images.stopRun', { projectId, id })),
    dismiss: (projectId, { id }) =>
      attempt('It was not dismissed', async () => {
        await client.request('images.dismissRun', { projectId, id });
        dock.close(runTab(id));
      }),
    invalidate(projectId) {
      if (projectId === undefined) for (const one of [layers, plans, runs, tags]) one.invalidate();
      else {
        tags.invalidate(projectId);
        for (const one of [layers, plans])
          for (const key of Object.keys(one.store.getState()))
            if (readKey(key).projectId === projectId) one.invalidate(key);
      }
    },
  };
}
