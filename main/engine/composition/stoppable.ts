import type { LiveThing, LiveThings } from '../removal/index.ts';
import type { Sync } from '../sync/index.ts';
import type { ImagesByHand } from './images-by-hand.ts';

interface Stoppable {
  readonly sync: Pick<Sync, 'isOn' | 'switch' | 'automatic'>;
  readonly images: Pick<ImagesByHand, 'runs' | 'stopRun'>;
}

/** What this engine keeps running for a project, to be stopped before what it leads to is removed. */
export function stoppable(projectId: string, { sync, images }: Stoppable): LiveThings {
  return {
    async list(): Promise<readonly LiveThing[]> {
      const [isOn, runs] = await Promise.all([
        sync.isOn({ projectId }),
        // without Docker nothing of it runs
        images.runs({ projectId }).catch(() => []),
      ]);
      return [
        ...(isOn ? [{ id: 'sync', kind: 'Live sync', name: 'of the containers', where: null }] : []),
        ...runs
          .filter(({ state }) => state === 'running')
          .map(({ id, name }) => ({ id: `run ${id}`, kind: 'Container', name, where: 'Docker' })),
      ];
    },
    async stop(id) {
      if (id.startsWith('run ')) {
        await images.stopRun({ projectId, id: id.slice('run '.length) });
        return;
      }
      await sync.automatic({ projectId, on: false });
      await sync.switch({ projectId, scope: { level: 'project' }, on: false });
    },
  };
}
