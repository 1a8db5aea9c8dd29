import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import { createObjectWatches } from './object-watches.ts';
import type { ObjectWatches } from './object-watches.ts';
import { proposedPort } from './local-port.ts';
import { isWeb, objectOffers, projectOffers } from './offers.ts';
import { portHolder } from './port-holder.ts';
import { createProjectForwards } from './project-forwards.ts';
import type { ProjectForwards } from './project-forwards.ts';
import { nameOf } from './resolve-target.ts';
import { readSaved, savedFile, writeSaved } from './saved.ts';
import type { ForwardOffer, Forwards, ForwardProject, PortHolder, StartForward } from './types.ts';

export interface CreateForwardsOptions {
  /** Where what is saved lies. */
  readonly folder: string;
  readonly read: (projectId: string) => Promise<ForwardProject>;
  readonly cluster: (project: ForwardProject, signal: AbortSignal) => Promise<Cluster>;
  /** Helm releases that the project's Helmfile brought, as `namespace/name`. */
  readonly releases: (
    project: ForwardProject,
    cluster: Cluster,
    signal: AbortSignal,
  ) => Promise<readonly string[]>;
  readonly closing: AbortSignal;
  readonly holder?: (port: number) => Promise<PortHolder>;
}

export interface LiveForwards extends Forwards {
  /** How many are on, of all projects: an engine without a window lives for them. */
  active(): number;
  close(): Promise<void>;
}

/** Forwards of all projects of one engine. They belong to it: a window that goes does not end them. */
export function createForwards(options: CreateForwardsOptions): LiveForwards {
  const { folder, read, closing } = options;
  const projects = new Map<string, ProjectForwards>();
  const watches = new WeakMap<Cluster, ObjectWatches>();
  const done = { ok: true } as const;

  const connect = async (projectId: string, signal: AbortSignal): Promise<Cluster> =>
    options.cluster(await read(projectId), signal);

  const watchesOf = (cluster: Cluster): ObjectWatches => {
    const known = watches.get(cluster) ?? createObjectWatches(cluster, closing);
    watches.set(cluster, known);
    return known;
  };

  const of = async (projectId: string): Promise<ProjectForwards> => {
    if (closing.aborted) throw new PtahError('cancelled', 'The engine is closing.');
    const known = projects.get(projectId);
    if (known) return known;
    const { apiPort } = await read(projectId);
    // meanwhile somebody else may have asked
    const made = projects.get(projectId) ?? open(projectId, apiPort);
    projects.set(projectId, made);
    return made;
  };

  function open(projectId: string, apiPort: number): ProjectForwards {
    const file = savedFile(folder, projectId);
    return createProjectForwards({
      saved: readSaved(file),
      save: saved => writeSaved(file, saved),
      apiPort,
      closing,
      async cluster(signal) {
        const cluster = await connect(projectId, signal);
        return { cluster, watches: watchesOf(cluster) };
      },
      holder: port => holderOf(port),
      isReserved: port => [...projects.values()].some(each => each.reserves(port)),
    });
  }

  async function holderOf(port: number): Promise<PortHolder> {
    for (const [projectId, each] of projects) {
      const by = each.listensAt(port);
      if (by === null) continue;
      const name = await read(projectId).then(
        project => project.name,
        () => projectId,
      );
      const what = by === 'api' ? 'the API proxy' : `the forward of ${nameOf(by)}`;
      return { pid: process.pid, name: `${what} of ${name}` };
    }
    return (options.holder ?? portHolder)(port);
  }

  /** What the target declares of that port; a cluster that can't be asked now is no reason not to begin. */
  async function offerFor(
    projectId: string,
    { target, port }: StartForward,
  ): Promise<ForwardOffer | undefined> {
    try {
      const object = await (await connect(projectId, closing)).get(target, closing);
      const offers = object ? objectOffers(object) : [];
      return offers.find(offer => offer.portName === port || offer.number === port);
    } catch {
      return undefined;
    }
  }

  const allOffers = async (project: ForwardProject, cluster: Cluster, signal: AbortSignal) =>
    projectOffers(
      cluster,
      { name: project.name, releases: await options.releases(project, cluster, signal) },
      signal,
    );

  return {
    async *watch({ projectId }, signal) {
      const project = await of(projectId);
      yield* project.watch(AbortSignal.any([signal, closing]));
    },
    list: async ({ projectId }) => (await of(projectId)).snapshot(),
    async offers({ projectId, target }, signal = closing) {
      const project = await read(projectId);
      const cluster = await options.cluster(project, signal);
      if (target === null) return { offers: await allOffers(project, cluster, signal) };
      const object = await cluster.get(target, signal);
      if (object === null)
        throw new PtahError('not-found', `${nameOf(target)} is not there.`, {
          hint: 'Deploy first, or refresh the list.',
        });
      return { offers: objectOffers(object) };
    },
    async start({ projectId, ...wanted }) {
      const forwards = await of(projectId);
      const offer = await offerFor(projectId, wanted);
      return forwards.start({
        ...wanted,
        proposed: offer?.localPort ?? proposedPort(typeof wanted.port === 'number' ? wanted.port : 8000),
        web: offer?.web ?? isWeb(typeof wanted.port === 'number' ? wanted.port : 0, null),
        fromAll: false,
      });
    },
    async switch({ projectId, id, on }) {
      await (await of(projectId)).switch(id, on);
      return done;
    },
    move: async ({ projectId, id, localPort }) => (await of(projectId)).move(id, localPort),
    async remove({ projectId, id }) {
      await (await of(projectId)).remove(id);
      return done;
    },
    api: async ({ projectId, on }) => (await of(projectId)).switchApi(on, (await read(projectId)).apiPort),
    async startAll({ projectId }) {
      const forwards = await of(projectId);
      const project = await read(projectId);
      const cluster = await options.cluster(project, closing);
      const offers = (await allOffers(project, cluster, closing)).filter(({ covered }) => !covered);
      await forwards.startAll(
        offers.map(({ target, port, localPort, web }) => ({
          target,
          port,
          localPort: null,
          proposed: localPort,
          web,
          fromAll: true,
        })),
      );
      await forwards.switchApi(true, project.apiPort);
      return forwards.snapshot();
    },
    stopAll: async ({ projectId }) => ({ stopped: await (await of(projectId)).stopAll() }),
    async startWithProject({ projectId, on }) {
      (await of(projectId)).startWithProject(on);
      return done;
    },
    active: () => [...projects.values()].reduce((sum, each) => sum + each.active(), 0),
    async close() {
      await Promise.all([...projects.values()].map(each => each.close()));
      projects.clear();
    },
  };
}
