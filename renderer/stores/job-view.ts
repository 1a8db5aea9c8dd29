import type { JobEvent } from '../../preload/contract/activity.ts';
import type {
  DeployEvent,
  DeployResult,
  ObjectResult,
  Plan,
  RemovedItem,
  RolloutStatus,
  StepName,
} from '../../preload/contract/deploy.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { addBuildEvent, finishBuild, startBuild, type BuildView } from './build-view.ts';
import { appendText, createLines, type Lines } from './lines.ts';

export interface StepView {
  readonly state: 'running' | 'done' | 'failed' | 'skipped' | 'cancelled';
  readonly message: string;
  readonly startedAt: number;
  readonly finishedAt: number | null;
}
export interface LoadView {
  readonly image: string;
  readonly node: string;
  readonly sentBytes: number;
  readonly totalBytes: number;
  readonly state: 'running' | 'done' | 'failed';
}

/** A job as its events told it so far. Made anew for every batch; the lines inside grow in place. */
export interface JobView {
  readonly jobId: string;
  readonly seq: number;
  readonly ended: boolean;
  /** Following it failed; what was read stays. */
  readonly error: WireError | null;
  readonly startedAt: number | null;
  readonly plan: Plan | null;
  readonly steps: Readonly<Partial<Record<StepName, StepView>>>;
  readonly builds: Readonly<Record<string, BuildView>>;
  readonly loads: Readonly<Record<string, LoadView>>;
  readonly objects: readonly ObjectResult[];
  readonly rollouts: Readonly<Record<string, RolloutStatus>>;
  readonly removed: readonly RemovedItem[];
  readonly result: DeployResult | null;
  readonly lines: Lines;
}

export const emptyJobView = (jobId: string): JobView => ({
  jobId,
  seq: 0,
  ended: false,
  error: null,
  startedAt: null,
  plan: null,
  steps: {},
  builds: {},
  loads: {},
  objects: [],
  rollouts: {},
  removed: [],
  result: null,
  lines: createLines(),
});

export const refKey = (ref: {
  apiVersion: string;
  kind: string;
  namespace: string | null;
  name: string;
}): string => `${ref.apiVersion}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;

const stepWord: Record<StepName, string> = {
  scan: 'Scan',
  cluster: 'Cluster',
  build: 'Build',
  helmfile: 'Helmfile',
  load: 'Load',
  diff: 'Diff',
  apply: 'Apply',
  rollout: 'Rollout',
  prune: 'Prune',
};
export const wordOfStep = (step: StepName): string => stepWord[step];

const isOver = (state: StepView['state']) => state !== 'running';

/** Pure but for the lines, which are appended to in place: a build may print a hundred thousand of them. */
export function addEvents(view: JobView, events: readonly JobEvent[]): JobView {
  let next = view;
  for (const { seq, at, event } of events) {
    if (seq <= next.seq) continue;
    const time = Date.parse(at);
    next = addEvent({ ...next, seq, startedAt: next.startedAt ?? time }, event, time);
  }
  return next;
}

function addEvent(view: JobView, event: DeployEvent, at: number): JobView {
  const say = (source: string, text: string, tone: 'event' | 'error' = 'event') =>
    appendText(view.lines, { at, source, tone, stream: `ptah/${source}` }, `${text}\n`);
  switch (event.type) {
    case 'plan':
      say('plan', event.plan.summary);
      return { ...view, plan: event.plan };
    case 'step': {
      const word = wordOfStep(event.step);
      const isBad = event.state === 'failed';
      if (event.message !== '') say(event.step, `${word}: ${event.message}`, isBad ? 'error' : 'event');
      const before = view.steps[event.step];
      const step: StepView = {
        state: event.state,
        message: event.message,
        startedAt: before?.startedAt ?? at,
        finishedAt: isOver(event.state) ? at : null,
      };
      return { ...view, steps: { ...view.steps, [event.step]: step } };
    }
    case 'build-started':
      say(event.image, `Build of ${event.image} as ${event.reference}`);
      return { ...view, builds: { ...view.builds, [event.image]: startBuild(event, at) } };
    case 'build': {
      const build =
        view.builds[event.image] ?? startBuild({ image: event.image, reference: '', reason: null }, at);
      const next = addBuildEvent(build, event.event, at, view.lines);
      return { ...view, builds: { ...view.builds, [event.image]: next } };
    }
    case 'build-finished': {
      const build =
        view.builds[event.image] ?? startBuild({ image: event.image, reference: '', reason: null }, at);
      if (event.error !== null) say(event.image, event.error, 'error');
      else say(event.image, `Build of ${event.image} ${event.state}`);
      return { ...view, builds: { ...view.builds, [event.image]: finishBuild(build, event) } };
    }
    case 'load': {
      const key = `${event.image} ${event.node}`;
      if (event.state !== 'running' && view.loads[key]?.state !== event.state) {
        const word = event.state === 'done' ? 'is on' : 'could not be loaded to';
        say('load', `${event.image} ${word} ${event.node}`, event.state === 'failed' ? 'error' : 'event');
      }
      const { image, node, sentBytes, totalBytes, state } = event;
      return { ...view, loads: { ...view.loads, [key]: { image, node, sentBytes, totalBytes, state } } };
    }
    case 'object': {
      const { ref, result, message } = event.object;
      const text = `${ref.kind} ${ref.name} ${result}${message === '' ? '' : `: ${message}`}`;
      say('apply', text, result === 'failed' ? 'error' : 'event');
      const others = view.objects.filter(one => refKey(one.ref) !== refKey(ref));
      return { ...view, objects: [...others, event.object] };
    }
    case 'rollout': {
      const { ref, state, message } = event.status;
      const key = refKey(ref);
      if (view.rollouts[key]?.message !== message || view.rollouts[key]?.state !== state) {
        say('rollout', `${ref.kind} ${ref.name}: ${message}`, state === 'failed' ? 'error' : 'event');
      }
      return { ...view, rollouts: { ...view.rollouts, [key]: event.status } };
    }
    case 'removed': {
      const { title, where, outcome, message } = event.item;
      const place = where === null ? '' : ` (${where})`;
      const text = `${title}${place}: ${outcome === 'failed' ? `not removed, ${message}` : outcome}`;
      say('remove', text, outcome === 'failed' ? 'error' : 'event');
      return { ...view, removed: [...view.removed, event.item] };
    }
    case 'log':
      appendText(
        view.lines,
        { at, source: event.step, tone: 'plain', stream: `log/${event.step}` },
        event.text.endsWith('\n') ? event.text : `${event.text}\n`,
      );
      return view;
    case 'result':
      say('deploy', event.result.summary, event.result.state === 'failed' ? 'error' : 'event');
      return { ...view, result: event.result };
  }
}
