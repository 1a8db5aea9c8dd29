import type { PtahClient } from '../../preload/contract/client.ts';
import type { ForwardsSnapshot, ForwardTarget, ForwardView } from '../../preload/contract/forwards.ts';
import { toFailure } from './failure.ts';
import { createLives, type Lives } from './live.ts';
import type { Toasts } from './toasts.ts';

export interface Forwards {
  readonly snapshots: Lives<ForwardsSnapshot>;
  start(projectId: string, target: ForwardTarget, port: number | string): void;
  turn(projectId: string, forward: ForwardView, on: boolean): void;
  move(projectId: string, forward: ForwardView, localPort: number): void;
  remove(projectId: string, forward: ForwardView): void;
  api(projectId: string, on: boolean): void;
  startAll(projectId: string): void;
  withProject(projectId: string, on: boolean): void;
  /** In the system's browser, through the guard of addresses. */
  open(address: string): void;
}

const everyMs = 150;

export function createForwards(client: PtahClient, toasts: Toasts): Forwards {
  const tell = (work: Promise<unknown>) => {
    work.catch((thrown: unknown) => {
      const { message, hint } = toFailure(thrown);
      toasts.show({ key: 'forward', tone: 'bad', title: message, line: hint ?? '', action: null });
    });
  };
  return {
    snapshots: createLives(
      (projectId, signal) => client.stream('forwards.watch', { projectId }, { signal }),
      { everyMs, merge: (_, next) => next },
    ),
    start: (projectId, target, port) =>
      tell(client.request('forwards.start', { projectId, target, port, localPort: null })),
    turn: (projectId, { id }, on) => tell(client.request('forwards.switch', { projectId, id, on })),
    move: (projectId, { id }, localPort) =>
      tell(client.request('forwards.move', { projectId, id, localPort })),
    remove: (projectId, { id }) => tell(client.request('forwards.remove', { projectId, id })),
    api: (projectId, on) => tell(client.request('forwards.api', { projectId, on })),
    startAll: projectId => tell(client.request('forwards.startAll', { projectId })),
    withProject: (projectId, on) => tell(client.request('forwards.startWithProject', { projectId, on })),
    open: url => tell(client.request('app.openExternal', { url })),
  };
}

/** The forward of that port, whatever its state. */
export const forwardOf = (
  snapshot: ForwardsSnapshot | null,
  target: ForwardTarget,
  ports: readonly (number | string | null)[],
): ForwardView | null =>
  snapshot?.forwards.find(
    ({ target: own, port }) =>
      own.kind === target.kind &&
      own.namespace === target.namespace &&
      own.name === target.name &&
      ports.includes(port),
  ) ?? null;
