import type { Forwards } from '../forwards/index.ts';
import type { LiveThing, LiveThings } from '../removal/index.ts';
import type { Sync } from '../sync/index.ts';
import type { ImagesByHand } from './images-by-hand.ts';

interface Stoppable {
  readonly sync: Pick<Sync, 'isOn' | 'switch' | 'automatic'>;
  readonly forwards: Pick<Forwards, 'list' | 'remove' | 'api'>;
  readonly images: Pick<ImagesByHand, 'runs' | 'stopRun'>;
}

/** What this engine keeps running for a project, to be stopped before what it leads to is removed. */
export function stoppable(projectId: string, { sync, forwards, images }: Stoppable): LiveThings {
  return {
    async list(): Promise<readonly LiveThing[]> {
      const [isOn, forwarded, runs] = await Promise.all([
        sync.isOn({ projectId }),
        forwards.list({ projectId }).catch(() => null),
        // without Docker nothing of it runs
        images.runs({ projectId }).catch(() => []),
      ]);
      return [
        ...(isOn ? [{ id: 'sync', kind: 'Live sync', name: 'of the containers', where: null }] : []),
        ...(forwarded?.forwards ?? []).map(({ id, address, target }) => ({
          id: `forward ${id}`,
          kind: 'Forward',
          name: address.replace(/^https?:\/\//, ''),
          where: `${target.kind} ${target.name}`,
        })),
        ...(forwarded?.api.on
          ? [{ id: 'api', kind: 'API proxy', name: forwarded.api.address, where: null }]
          : []),
        ...runs
          .filter(({ state }) => state === 'running')
          .map(({ id, name }) => ({ id: `run ${id}`, kind: 'Container', name, where: 'Docker' })),
      ];
    },
    async stop(thing) {
      const [what, id = ''] = thing.split(/ (.*)/s);
      if (what === 'forward') await forwards.remove({ projectId, id });
      else if (what === 'api') await forwards.api({ projectId, on: false });
      else if (what === 'run') await images.stopRun({ projectId, id });
      else {
        await sync.automatic({ projectId, on: false });
        await sync.switch({ projectId, scope: { level: 'project' }, on: false });
      }
    },
  };
}
