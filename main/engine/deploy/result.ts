import { isAbort, toPtahError } from '../errors/index.ts';
import type { Steps } from './steps.ts';
import type { DeployEvent, DeployResult, ObjectResult } from './types.ts';

/** Counts what a deploy did, from its own events. */
export interface Tally {
  take(event: DeployEvent): void;
  readonly built: readonly string[];
  readonly loaded: ReadonlySet<string>;
  readonly cluster: string | null;
  /** The list of the project's objects, which the cluster had lost, was written. */
  readonly listedAgain: boolean;
  readonly objects: ReadonlyMap<ObjectResult['result'], number>;
}

export function tally(): Tally {
  const built: string[] = [];
  const loaded = new Set<string>();
  const objects = new Map<ObjectResult['result'], number>();
  let cluster: string | null = null;
  let name = '';
  let inventoryLost = false;
  let listedAgain = false;
  return {
    built,
    loaded,
    objects,
    get cluster() {
      return cluster;
    },
    get listedAgain() {
      return listedAgain;
    },
    take(event) {
      if (event.type === 'plan') {
        name = event.plan.cluster.name;
        inventoryLost = event.plan.inventoryLost;
      }
      if (event.type === 'step' && event.step === 'apply' && event.state === 'done')
        listedAgain = inventoryLost;
      if (event.type === 'build-finished' && event.state === 'done') built.push(event.image);
      if (event.type === 'load' && event.state === 'done') loaded.add(event.image);
      if (event.type === 'step' && event.step === 'cluster' && event.state === 'done') cluster = name;
      if (event.type === 'object')
        objects.set(event.object.result, (objects.get(event.object.result) ?? 0) + 1);
    },
  };
}

interface Ending {
  readonly durationMs: number;
  readonly steps: Steps;
  readonly done: Tally;
  readonly error: unknown;
  readonly unchanged: boolean;
  readonly cancelled: boolean;
}

export function finishResult(ending: Ending): DeployResult {
  const { steps, done, durationMs } = ending;
  const base = { durationMs, durations: { ...steps.durations } };
  const deeds = deedsOf(done);
  if (ending.error === null)
    return {
      ...base,
      state: ending.unchanged ? 'unchanged' : 'deployed',
      summary: ending.unchanged ? 'Nothing had changed' : capital(deeds || 'nothing had to be done'),
      failedStep: null,
      error: null,
    };
  if (ending.cancelled && isAbort(ending.error))
    return {
      ...base,
      state: 'cancelled',
      summary: deeds ? `Cancelled after this: ${deeds}` : 'Cancelled before anything was done',
      failedStep: null,
      error: null,
    };
  const { code, message, hint, details } = toPtahError(ending.error);
  return {
    ...base,
    state: 'failed',
    summary: message,
    failedStep: steps.failed,
    error: { code, message, hint: hint ?? null, details: { ...details } },
  };
}

function deedsOf(done: Tally): string {
  const number = (result: ObjectResult['result']) => done.objects.get(result) ?? 0;
  const verbs = (['created', 'changed', 'replaced', 'pruned'] as const).filter(verb => number(verb) > 0);
  const total = verbs.reduce((sum, verb) => sum + number(verb), 0);
  const clauses = [
    ...(done.cluster ? [`made the cluster ${done.cluster}`] : []),
    ...(done.built.length > 0 ? [`built ${done.built.join(', ')}`] : []),
    ...(done.loaded.size > 0 && done.built.length === 0 ? [`loaded ${[...done.loaded].join(', ')}`] : []),
    ...(verbs.length > 0
      ? [`${verbs.map(verb => `${verb} ${number(verb)}`).join(', ')} object${total === 1 ? '' : 's'}`]
      : []),
    ...(done.listedAgain ? ['listed the project’s objects again'] : []),
  ];
  return clauses.join(', ');
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
