import type { BuildEvent, BuildMethod, BuildStep } from './types.ts';

/** A step as a view shows it. */
export interface BuildStepView extends BuildStep {
  /** Complete lines, then the open one if it is not empty. */
  readonly output: readonly string[];
  readonly durationMs: number | null;
  readonly progress: readonly { readonly name: string; readonly current: number; readonly total: number }[];
}

export interface BuildView {
  readonly method: BuildMethod | null;
  readonly methodReason: string;
  /** What a step needs stands before it; else in order of appearance (newer engines name the last step first). */
  readonly steps: readonly BuildStepView[];
  /** Output that belongs to no step. */
  readonly output: readonly string[];
  readonly warnings: readonly { readonly message: string; readonly line: number | null }[];
  readonly counts: {
    readonly total: number;
    readonly finished: number;
    readonly cached: number;
    readonly failed: number;
  };
  /** From the first start to the last end known. */
  readonly durationMs: number | null;
}

interface MutableStep {
  step: BuildStep;
  text: string;
  progress: Map<string, { name: string; current: number; total: number }>;
}

/** Folds the events of a build, all or the first of them, into what there is to see. Pure: the same events give the same view. */
export function replayBuild(events: Iterable<BuildEvent>): BuildView {
  let method: BuildMethod | null = null;
  let methodReason = '';
  let text = '';
  const steps = new Map<string, MutableStep>();
  const warnings: { message: string; line: number | null }[] = [];

  const stepOf = (id: string): MutableStep => {
    const known = steps.get(id);
    if (known) return known;
    // Output may come before the vertex is named.
    const fresh: MutableStep = {
      step: { id, name: '', state: 'running', inputs: [], startedAt: null, finishedAt: null, error: null },
      text: '',
      progress: new Map(),
    };
    steps.set(id, fresh);
    return fresh;
  };

  for (const event of events) {
    switch (event.type) {
      case 'method':
        // Another way of building starts over.
        ({ method, reason: methodReason } = event);
        steps.clear();
        text = '';
        break;
      case 'step':
        stepOf(event.step.id).step = event.step;
        break;
      case 'output':
        if (event.step === null) text += event.text;
        else stepOf(event.step).text += event.text;
        break;
      case 'progress':
        stepOf(event.step).progress.set(event.name, {
          name: event.name,
          current: event.current,
          total: event.total,
        });
        break;
      case 'warning':
        warnings.push({ message: event.message, line: event.line });
        break;
    }
  }

  const views = inputsFirst(steps).map(viewOf);
  return {
    method,
    methodReason,
    steps: views,
    output: linesOf(text),
    warnings,
    counts: {
      total: views.length,
      finished: views.filter(({ state }) => state === 'done' || state === 'cached').length,
      cached: views.filter(({ state }) => state === 'cached').length,
      failed: views.filter(({ state }) => state === 'failed').length,
    },
    durationMs: span(views),
  };
}

function inputsFirst(steps: ReadonlyMap<string, MutableStep>): readonly MutableStep[] {
  const ordered = new Set<MutableStep>();
  const visiting = new Set<string>();
  const visit = (id: string): void => {
    const step = steps.get(id);
    if (!step || visiting.has(id)) return;
    visiting.add(id);
    for (const input of step.step.inputs) visit(input);
    ordered.add(step);
  };
  for (const id of steps.keys()) visit(id);
  return [...ordered];
}

function viewOf({ step, text, progress }: MutableStep): BuildStepView {
  return { ...step, output: linesOf(text), durationMs: span([step]), progress: [...progress.values()] };
}

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function span(steps: readonly BuildStep[]): number | null {
  const starts = steps.flatMap(({ startedAt }) => (startedAt === null ? [] : [Date.parse(startedAt)]));
  const ends = steps.flatMap(({ finishedAt }) => (finishedAt === null ? [] : [Date.parse(finishedAt)]));
  if (starts.length === 0 || ends.length === 0) return null;
  return Math.max(0, ends.reduce((a, b) => Math.max(a, b)) - starts.reduce((a, b) => Math.min(a, b)));
}
