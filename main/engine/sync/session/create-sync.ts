import { PtahError } from '../../errors/index.ts';
import type { Sync } from './door.ts';
import { createSession, type Session } from './session.ts';
import type { SessionDeps } from './deps.ts';

export interface CreateSyncOptions {
  /** What one project's session reaches the world by. */
  readonly session: (projectId: string) => SessionDeps;
  readonly closing: AbortSignal;
}

/** Live sync of all projects: a session for each one that is looked at or on. */
export function createSyncOf({ session, closing }: CreateSyncOptions): Sync {
  const sessions = new Map<string, Session>();
  const of = (projectId: string): Session => {
    if (closing.aborted) throw new PtahError('cancelled', 'The engine is closing.');
    const known = sessions.get(projectId) ?? createSession(session(projectId));
    sessions.set(projectId, known);
    return known;
  };
  const done = { ok: true } as const;
  return {
    watch: ({ projectId, hold }, signal) => of(projectId).watch(signal, hold),
    feed: ({ projectId, after }, signal) =>
      of(projectId).feed.follow(after, AbortSignal.any([signal, closing])),
    isOn: ({ projectId }) => of(projectId).isOn(),
    async switch({ projectId, scope, on }) {
      await of(projectId).turn(scope, on);
      return done;
    },
    async automatic({ projectId, on }) {
      await of(projectId).setAutomatic(on);
      return done;
    },
    async pause({ projectId, paused }) {
      await Promise.resolve();
      of(projectId).pause(paused);
      return done;
    },
    verify: async ({ projectId, container }, signal) => of(projectId).container(container).verify(signal),
    async sendAll({ projectId, container }, signal) {
      await of(projectId).container(container).sendAll(signal);
      return done;
    },
    async resolve({ projectId, container, paths, choice }, signal) {
      await of(projectId).container(container).resolve(paths, choice, signal);
      return done;
    },
    async restart({ projectId, container }, signal) {
      await of(projectId).container(container).restart(signal);
      return done;
    },
    async close() {
      await Promise.all([...sessions.values()].map(each => each.close()));
      sessions.clear();
    },
  };
}
