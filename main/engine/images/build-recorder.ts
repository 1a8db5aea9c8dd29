import { StringDecoder } from 'node:string_decoder';
import type { BuildStatus, Vertex } from './buildkit/status.ts';
import type { BuildEvent, BuildStep, StepState } from './types.ts';

const keptLines = 20;

const red = '\u001b[91m';
const reset = '\u001b[0m';

/** What failed, for the error that ends the build. */
export interface FailedStep {
  readonly step: BuildStep | null;
  /** The last lines that the step printed. */
  readonly output: readonly string[];
}

/** Turns what an engine reports into `BuildEvent`s, and remembers enough of it to explain a failure. */
export interface BuildRecorder {
  /** BuildKit's own report. */
  status(status: BuildStatus): void;
  /** A text line of the classic builder's stream. */
  classic(text: string): void;
  /** Ends the build: open characters are flushed, steps that still run become `outcome`. */
  finish(outcome: 'done' | 'failed' | 'cancelled', error?: string): void;
  failedStep(): FailedStep;
  /** Whether an instruction of the Dockerfile has begun, after which no other way of building is tried. */
  started(): boolean;
}

export function createBuildRecorder(onEvent: (event: BuildEvent) => void): BuildRecorder {
  const steps = new Map<string, BuildStep>();
  const decoders = new Map<string, StringDecoder>();
  const tails = new Map<string, string[]>();
  let classicStep: BuildStep | null = null;
  let headingOpen = false;

  function setStep(step: BuildStep): void {
    const before = steps.get(step.id);
    if (before && JSON.stringify(before) === JSON.stringify(step)) return;
    steps.set(step.id, step);
    onEvent({ type: 'step', step });
  }

  function output(step: string | null, stream: 'stdout' | 'stderr', text: string): void {
    if (text === '') return;
    const tail = tails.get(step ?? '') ?? [''];
    const [first = '', ...rest] = text.split('\n');
    tails.set(step ?? '', [...tail.slice(0, -1), (tail.at(-1) ?? '') + first, ...rest].slice(-keptLines - 1));
    onEvent({ type: 'output', step, stream, text });
  }

  function decoderOf(vertex: string, stream: string): StringDecoder {
    const key = `${stream} ${vertex}`;
    const decoder = decoders.get(key) ?? new StringDecoder('utf8');
    decoders.set(key, decoder);
    return decoder;
  }

  function flush(vertex: string | null): void {
    for (const [key, decoder] of decoders) {
      const [stream, owner = ''] = key.split(' ');
      if (vertex !== null && owner !== vertex) continue;
      decoders.delete(key);
      output(owner, stream === 'stderr' ? 'stderr' : 'stdout', decoder.end());
    }
  }

  return {
    status(status) {
      for (const vertex of status.vertexes) setStep(mergeVertex(steps.get(vertex.digest), vertex));
      for (const { vertex, stream, bytes } of status.logs)
        output(vertex, stream, decoderOf(vertex, stream).write(bytes));
      for (const { id, vertex, name, current, total } of status.statuses) {
        onEvent({ type: 'progress', step: vertex, name: name || id, current, total });
      }
      for (const { message, line } of status.warnings) onEvent({ type: 'warning', message, line });
      for (const vertex of status.vertexes) if (vertex.completed) flush(vertex.digest);
    },

    classic(text) {
      const heading = /^Step (\d+)\/\d+ : (.*)/s.exec(text);
      if (heading) {
        if (classicStep) setStep(completed(classicStep, classicStep.state === 'cached' ? 'cached' : 'done'));
        classicStep = {
          id: `step-${heading[1]}`,
          name: (heading[2] ?? '').trim(),
          state: 'running',
          inputs: classicStep ? [classicStep.id] : [],
          startedAt: new Date().toISOString(),
          finishedAt: null,
          error: null,
        };
        setStep(classicStep);
        headingOpen = !text.endsWith('\n');
      } else if (headingOpen && text === '\n') {
        headingOpen = false;
      } else if (classicStep && text.trim() === '---> Using cache') {
        classicStep = { ...classicStep, state: 'cached' };
      } else if (/^ ---> |^Removing intermediate container |^Successfully (built|tagged) /.test(text)) {
        // The builder's own bookkeeping; the result comes as a message of its own.
      } else {
        // Standard error comes painted red, which is all there is to know it by.
        const isRed = text.startsWith(red) && text.endsWith(reset);
        output(
          classicStep?.id ?? null,
          isRed ? 'stderr' : 'stdout',
          isRed ? text.slice(red.length, -reset.length) : text,
        );
      }
    },

    finish(outcome, error) {
      flush(null);
      if (classicStep)
        setStep(
          completed(
            classicStep,
            outcome === 'done' && classicStep.state === 'cached' ? 'cached' : outcome,
            error,
          ),
        );
      for (const step of steps.values()) {
        if (step.state === 'running') setStep(completed(step, outcome, error));
      }
    },

    failedStep() {
      const step = [...steps.values()].findLast(candidate => candidate.state === 'failed') ?? classicStep;
      const tail = tails.get(step?.id ?? '') ?? [];
      return {
        step,
        output: tail.filter((line, index) => line !== '' || index < tail.length - 1).slice(-keptLines),
      };
    },

    started: () =>
      classicStep !== null ||
      [...steps.values()].some(step => !step.name.startsWith('[internal]') && step.state !== 'waiting'),
  };
}

function completed(step: BuildStep, state: StepState, error?: string): BuildStep {
  return {
    ...step,
    state,
    finishedAt: step.finishedAt ?? new Date().toISOString(),
    error: state === 'failed' ? (error ?? step.error) : step.error,
  };
}

/** BuildKit repeats a vertex as it changes, and may send less the second time. */
function mergeVertex(before: BuildStep | undefined, vertex: Vertex): BuildStep {
  const startedAt = vertex.started ?? before?.startedAt ?? null;
  const finishedAt = vertex.completed ?? before?.finishedAt ?? null;
  return {
    id: vertex.digest,
    name: vertex.name || (before?.name ?? ''),
    state: stateOf(vertex, startedAt, finishedAt, before),
    inputs: vertex.inputs.length > 0 ? vertex.inputs : (before?.inputs ?? []),
    startedAt,
    finishedAt,
    error: vertex.error || (before?.error ?? null),
  };
}

function stateOf(
  vertex: Vertex,
  startedAt: string | null,
  finishedAt: string | null,
  before: BuildStep | undefined,
): StepState {
  if (vertex.error) return /context canceled|Canceled/i.test(vertex.error) ? 'cancelled' : 'failed';
  if (vertex.cached) return 'cached';
  if (finishedAt) return before?.state === 'cached' ? 'cached' : 'done';
  return startedAt ? 'running' : 'waiting';
}
