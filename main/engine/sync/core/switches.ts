import type { SwitchState, SyncScope } from '../types.ts';

/** One turn of a switch; a list of them is in the order of turning. */
export interface SwitchTurn {
  readonly scope: SyncScope;
  readonly on: boolean;
}

/** What a switch may be for. */
export interface SwitchSubject {
  readonly image: string;
  readonly namespace: string;
  readonly workload: { readonly kind: string; readonly name: string };
  readonly pod: string;
  readonly container: string;
}

/** Turns of pods that are long gone are forgotten by then. */
const mostTurns = 500;

/** The list after one more turn. The project's switch takes all others with it. */
export function turned(turns: readonly SwitchTurn[], scope: SyncScope, on: boolean): readonly SwitchTurn[] {
  if (scope.level === 'project') return on ? [{ scope, on }] : [];
  const key = keyOf(scope);
  const kept = turns.filter(turn => keyOf(turn.scope) !== key && !isWithin(turn.scope, scope));
  return [...kept, { scope, on }].slice(-mostTurns);
}

/**
 * Whether a container is on. The most specific switch wins, and a wider one that is set later takes the narrower ones with
 * it: together that is the switch that was set last of those that mean this container.
 */
export function isOn(turns: readonly SwitchTurn[], subject: SwitchSubject): boolean {
  return turns.findLast(({ scope }) => means(scope, subject))?.on ?? false;
}

/** What a container of this image that comes tomorrow would be. */
export function imageIsOn(turns: readonly SwitchTurn[], image: string): boolean {
  return (
    turns.findLast(
      ({ scope }) => scope.level === 'project' || (scope.level === 'image' && scope.image === image),
    )?.on ?? false
  );
}

/** One switch for several. `otherwise` where there are none. */
export function combined(states: readonly boolean[], otherwise: boolean): SwitchState {
  const all = states.length === 0 ? [otherwise] : states;
  const on = all.filter(Boolean).length;
  return on === 0 ? 'off' : on === all.length ? 'on' : 'mixed';
}

/** Whether anything may be on, also of what does not run at the moment. */
export function anyOn(turns: readonly SwitchTurn[]): boolean {
  return turns.some(({ on }) => on);
}

function means(scope: SyncScope, subject: SwitchSubject): boolean {
  switch (scope.level) {
    case 'project':
      return true;
    case 'image':
      return scope.image === subject.image;
    case 'workload':
      return (
        scope.namespace === subject.namespace &&
        scope.kind === subject.workload.kind &&
        scope.name === subject.workload.name
      );
    case 'pod':
      return scope.namespace === subject.namespace && scope.pod === subject.pod;
    case 'container':
    default:
      return (
        scope.namespace === subject.namespace &&
        scope.pod === subject.pod &&
        scope.container === subject.container
      );
  }
}

/** What is certain from the names alone: a pod's switch takes those of its containers. */
function isWithin(inner: SyncScope, outer: SyncScope): boolean {
  return (
    outer.level === 'pod' &&
    inner.level === 'container' &&
    inner.namespace === outer.namespace &&
    inner.pod === outer.pod
  );
}

function keyOf(scope: SyncScope): string {
  switch (scope.level) {
    case 'project':
      return 'project';
    case 'image':
      return JSON.stringify(['image', scope.image]);
    case 'workload':
      return JSON.stringify(['workload', scope.namespace, scope.kind, scope.name]);
    case 'pod':
      return JSON.stringify(['pod', scope.namespace, scope.pod]);
    case 'container':
    default:
      return JSON.stringify(['container', scope.namespace, scope.pod, scope.container]);
  }
}
