import { PtahError } from '../errors/index.ts';
import type { Project } from '../project/index.ts';
import type { Sync } from './session/door.ts';
import type { SyncEvent, SyncSnapshot } from './types.ts';

export type { Sync } from './session/door.ts';
export type * from './types.ts';

export interface SyncDeps {
  readonly read: (projectId: string) => Promise<Project>;
  readonly closing: AbortSignal;
}

/** Live sync; it answers that it is off. */
export function createSync({ read, closing }: SyncDeps): Sync {
  const refuse = async (): Promise<never> => {
    await Promise.resolve();
    throw new PtahError('sync-off', 'Live sync is off.');
  };
  const until = (signal: AbortSignal) =>
    new Promise<void>(resolve => {
      const both = AbortSignal.any([signal, closing]);
      if (both.aborted) resolve();
      both.addEventListener('abort', () => resolve(), { once: true });
    });
  return {
    async *watch({ projectId }, signal): AsyncGenerator<SyncSnapshot> {
      await read(projectId);
      yield {
        at: new Date().toISOString(),
        switch: 'off',
        automatic: false,
        paused: false,
        blocked: null,
        watching: { mode: 'off', message: null, hint: null },
        images: [],
        containers: [],
      };
      await until(signal);
    },
    // eslint-disable-next-line require-yield
    async *feed({ projectId }, signal): AsyncGenerator<SyncEvent> {
      await read(projectId);
      await until(signal);
    },
    switch: refuse,
    automatic: refuse,
    pause: refuse,
    verify: refuse,
    sendAll: refuse,
    resolve: refuse,
    restart: refuse,
    close: () => Promise.resolve(),
  };
}
