import type { Project } from '../project/index.ts';
import type { RemovalEffects } from './effects.ts';
import type { InsideCluster, RemovalWorld } from './world.ts';

/** What the plan reads of a project. */
export function removalProject(name = 'shop'): Project {
  return {
    root: `/home/me/${name}`,
    name,
    clusterName: 'dev',
    config: { namespace: name, buildOutput: '.build' },
  } as unknown as Project;
}

export function insideCluster(change: Partial<InsideCluster> = {}): InsideCluster {
  return {
    otherFolder: null,
    inventory: { parents: [], members: [] },
    claims: [],
    storage: new Map(),
    nodeImages: [],
    unreadNodes: [],
    imageUsers: new Map(),
    releases: [],
    contents: new Map(),
    strangers: [],
    otherProjects: [],
    record: { project: 'shop' },
    ...change,
  };
}

export function removalWorld(change: Partial<RemovalWorld> = {}): RemovalWorld {
  return {
    readAt: '2026-01-02T03:04:05.000Z',
    live: [],
    docker: { images: [], containers: [] },
    dockerMessage: '',
    cluster: { name: 'dev', state: 'ready', message: 'It answers' },
    inside: insideCluster(),
    output: null,
    neighbours: [],
    ...change,
  };
}

/** Effects that only note what they were asked for. */
export function fakeEffects(
  world: RemovalWorld,
  change: Partial<RemovalEffects> = {},
): RemovalEffects & { readonly done: readonly string[] } {
  const done: string[] = [];
  const note = (text: string) => Promise.resolve(void done.push(text));
  return {
    done,
    gather: () => Promise.resolve(world),
    async hold() {
      await note('hold');
      return () => note('release');
    },
    stopLive: id => note(`stop ${id}`),
    async removeObjects(_, objects, onOutcome) {
      for (const object of objects) {
        await note(`delete ${object.ref.kind} ${object.ref.name}`);
        onOutcome(object, { failure: null, gone: false });
      }
    },
    keepClaims: claims => note(`keep ${claims.map(({ name }) => name).join(' ')}`),
    imageUsers: () => Promise.resolve(new Map()),
    async forgetNodeImages(node, references) {
      await note(`${node} forgets ${references.join(' ')}`);
      return new Map();
    },
    removeImage: name => note(`docker rmi ${name}`),
    removeOutput: () => note('remove output'),
    deleteCluster: () => note('delete cluster'),
    forgetNotes: () => note('forget notes'),
    ...change,
  };
}
