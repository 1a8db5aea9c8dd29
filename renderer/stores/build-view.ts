import type { BuildEvent, BuildStep } from '../../preload/contract/images.ts';
import { appendText, createLines, type Lines } from './lines.ts';

export interface BuildStepView {
  readonly step: BuildStep;
  readonly lines: Lines;
  /** Of the layer or blob at hand, where the engine tells. */
  readonly progress: { readonly name: string; readonly current: number; readonly total: number } | null;
}
export interface BuildView {
  readonly image: string;
  readonly reference: string;
  readonly why: string | null;
  readonly startedAt: number;
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly durationMs: number | null;
  readonly error: string | null;
  readonly method: { readonly name: string; readonly reason: string } | null;
  readonly order: readonly string[];
  readonly steps: Readonly<Record<string, BuildStepView>>;
  readonly warnings: readonly { readonly message: string; readonly line: number | null }[];
  readonly lines: Lines;
}

export function startBuild(
  event: { image: string; reference: string; reason: { message: string } | null },
  at: number,
): BuildView {
  return {
    image: event.image,
    reference: event.reference,
    why: event.reason?.message ?? null,
    startedAt: at,
    state: 'running',
    durationMs: null,
    error: null,
    method: null,
    order: [],
    steps: {},
    warnings: [],
    lines: createLines(),
  };
}

export function finishBuild(
  build: BuildView,
  event: { state: 'done' | 'failed' | 'cancelled'; durationMs: number; error: string | null },
): BuildView {
  return { ...build, state: event.state, durationMs: event.durationMs, error: event.error };
}

const unknownStep = (id: string): BuildStep => ({
  id,
  name: id,
  state: 'running',
  inputs: [],
  startedAt: null,
  finishedAt: null,
  error: null,
});

export function addBuildEvent(build: BuildView, event: BuildEvent, at: number, all: Lines): BuildView {
  const say = (text: string, tone: 'event' | 'warn' | 'error') => {
    const origin = { at, source: build.image, tone, stream: `ptah/${build.image}` };
    appendText(build.lines, origin, `${text}\n`, all);
  };
  switch (event.type) {
    case 'method':
      return { ...build, method: { name: event.method, reason: event.reason } };
    case 'step': {
      const { step } = event;
      const before = build.steps[step.id];
      if (before === undefined) say(step.name, 'event');
      if (step.state === 'failed' && before?.step.state !== 'failed' && step.error !== null)
        say(step.error, 'error');
      const view: BuildStepView = {
        step,
        lines: before?.lines ?? createLines(),
        progress: step.state === 'running' ? (before?.progress ?? null) : null,
      };
      return {
        ...build,
        order: before === undefined ? [...build.order, step.id] : build.order,
        steps: { ...build.steps, [step.id]: view },
      };
    }
    case 'output': {
      const id = event.step ?? '';
      const tone = 'plain' as const;
      const origin = { at, source: build.image, tone, stream: `${build.image}/${id}/${event.stream}` };
      if (event.step === null) {
        appendText(build.lines, origin, event.text, all);
        return { ...build };
      }
      const before = build.steps[id] ?? { step: unknownStep(id), lines: createLines(), progress: null };
      // One line object stands in the three lists, so that a line that comes in pieces grows in all of them.
      const from = build.lines.items.length;
      appendText(build.lines, origin, event.text, all);
      for (const line of build.lines.items.slice(from)) before.lines.items.push(line);
      return {
        ...build,
        order: build.steps[id] === undefined ? [...build.order, id] : build.order,
        steps: { ...build.steps, [id]: { ...before } },
      };
    }
    case 'progress': {
      const before = build.steps[event.step];
      if (before === undefined) return build;
      const { name, current, total } = event;
      return {
        ...build,
        steps: { ...build.steps, [event.step]: { ...before, progress: { name, current, total } } },
      };
    }
    case 'warning':
      say(event.line === null ? event.message : `Line ${event.line}: ${event.message}`, 'warn');
      return { ...build, warnings: [...build.warnings, { message: event.message, line: event.line }] };
  }
}

export interface StepTitle {
  /** `4/9`, null for a step that the builder does for itself. */
  readonly number: string | null;
  readonly stage: string | null;
  readonly text: string;
  readonly internal: boolean;
}

/** BuildKit names a step `[stage 4/9] RUN …`, its own ones `[internal] …`; the classic builder `Step 4/9 : RUN …`. */
export function titleOfStep(name: string): StepTitle {
  const classic = /^Step (\d+\/\d+) : (.*)$/s.exec(name);
  if (classic !== null) {
    return { number: classic[1] ?? null, stage: null, text: classic[2] ?? name, internal: false };
  }
  const kit = /^\[([^\]]*)\]\s*(.*)$/s.exec(name);
  if (kit === null) return { number: null, stage: null, text: name, internal: isInternal(name) };
  const [, label = '', text = ''] = kit;
  const numbered = /^(?:(.*?)\s+)?(\d+\/\d+)$/.exec(label.trim());
  if (numbered === null)
    return { number: null, stage: null, text: text === '' ? name : text, internal: label === 'internal' };
  return { number: numbered[2] ?? null, stage: numbered[1] ?? null, text, internal: false };
}

const isInternal = (name: string) => /^(exporting|importing|resolve image config|docker-image:)/.test(name);

export interface BuildCounts {
  readonly total: number;
  readonly finished: number;
  readonly cached: number;
  /** The step at hand: the one that runs, or that failed. */
  readonly current: BuildStepView | null;
}

export function countSteps(build: BuildView): BuildCounts {
  const views = build.order
    .map(id => build.steps[id])
    .filter(view => view !== undefined)
    .filter(view => !titleOfStep(view.step.name).internal);
  const totals = views.map(view => Number(titleOfStep(view.step.name).number?.split('/')[1] ?? 0));
  const is = (...states: readonly BuildStep['state'][]) =>
    views.filter(view => states.includes(view.step.state)).length;
  return {
    total: Math.max(views.length, ...totals),
    finished: is('done', 'cached'),
    cached: is('cached'),
    current:
      views.find(view => view.step.state === 'failed') ??
      views.findLast(view => view.step.state === 'running') ??
      null,
  };
}
