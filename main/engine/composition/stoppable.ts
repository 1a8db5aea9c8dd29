import type { LiveThing, LiveThings } from '../removal/index.ts';
import type { Sync } from '../sync/index.ts';

interface Stoppable {
  readonly sync: Pick<Sync, 'isOn' | 'switch' | 'automatic'>;
}

/** What this engine keeps running for a project, to be stopped before what it leads to is removed. */
export function stoppable(projectId: string, { sync }: Stoppable): LiveThings {
  return {
    async list(): Promise<readonly LiveThing[]> {
      return (await sync.isOn({ projectId }))
        ? [{ id: 'sync', kind: 'Live sync', name: 'of the containers', where: null }]
        : [];
    },
    async stop() {
      await sync.automatic({ projectId, on: false });
      await sync.switch({ projectId, scope: { level: 'project' }, on: false });
    },
  };
}
