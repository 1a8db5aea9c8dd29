import type { PastDeploy, Plan, StepName } from '../../preload/contract/deploy.ts';
import { duration } from '../text/time.ts';
import { capital, count, joined, size } from '../text/words.ts';
import { countSteps, titleOfStep } from './build-view.ts';
import { wordOfStep, type JobView, type StepView } from './job-view.ts';

export interface PipelineStep {
  readonly name: StepName;
  readonly word: string;
  readonly state: 'done' | 'working' | 'wait' | 'part' | 'failed' | 'skipped';
  /** "0.1 s", "about 3 s", "not run". */
  readonly took: string;
  readonly facts: readonly string[];
  /** 0 to 1 where it is known. */
  readonly progress: number | null;
}

const always: readonly StepName[] = ['scan', 'build', 'load', 'diff', 'apply', 'rollout'];
const inOrder: readonly StepName[] = [
  'scan',
  'cluster',
  'build',
  'helmfile',
  'load',
  'diff',
  'apply',
  'rollout',
  'prune',
];

/** The pipeline as the plan says it would be, or as a deploy made it so far. Pure: the time comes in. */
export function pipelineOf(
  plan: Plan | null,
  job: JobView | null,
  history: readonly PastDeploy[],
  now: number,
): readonly PipelineStep[] {
  const last = history.find(past => past.result?.state === 'deployed')?.result?.durations ?? {};
  const names = inOrder.filter(
    name =>
      always.includes(name) ||
      job?.steps[name] !== undefined ||
      (name === 'cluster' && plan?.cluster.action === 'create') ||
      (name === 'helmfile' && plan?.helmfile != null),
  );
  return names.map(name => {
    const step = job?.steps[name];
    const facts = factsOf(name, plan, job, step ?? null);
    if (job === null) return planned(name, plan, facts, last[name]);
    if (step === undefined) {
      const isOver = job.result !== null || job.ended;
      const took = isOver ? 'not run' : about(last[name]);
      return { name, word: wordOfStep(name), state: 'wait', took, facts, progress: null };
    }
    return ran(name, step, facts, last[name], now, job);
  });
}

const about = (ms: number | undefined): string => (ms === undefined ? '' : `about ${duration(ms)}`);

function planned(
  name: StepName,
  plan: Plan | null,
  facts: readonly string[],
  last: number | undefined,
): PipelineStep {
  const isKnown = plan !== null && (name === 'scan' || name === 'diff');
  const nothing = plan !== null && hasNothing(name, plan);
  return {
    name,
    word: wordOfStep(name),
    state: isKnown || nothing ? 'done' : 'wait',
    took: isKnown || nothing ? '' : about(last),
    facts,
    progress: null,
  };
}

function hasNothing(name: StepName, plan: Plan): boolean {
  if (name === 'build') return plan.images.every(image => image.action === 'none');
  if (name === 'load') return plan.loads.every(load => load.action === 'none');
  if (name === 'apply' || name === 'rollout') return changing(plan).length === 0;
  if (name === 'helmfile') return plan.helmfile?.action === 'none';
  return false;
}

const changing = (plan: Plan) => plan.objects.filter(object => object.action !== 'none');

function ran(
  name: StepName,
  step: StepView,
  facts: readonly string[],
  last: number | undefined,
  now: number,
  job: JobView,
): PipelineStep {
  const elapsed = (step.finishedAt ?? now) - step.startedAt;
  const word = wordOfStep(name);
  switch (step.state) {
    case 'running': {
      const before = last === undefined ? [] : [`${duration(last)} last time`];
      const progress =
        progressOf(name, job) ?? (last === undefined ? null : Math.min(0.95, elapsed / Math.max(last, 1)));
      return {
        name,
        word,
        state: 'working',
        took: duration(elapsed),
        facts: [...facts.slice(0, 1), ...before],
        progress,
      };
    }
    case 'done':
      return { name, word, state: 'done', took: duration(elapsed), facts, progress: 1 };
    case 'skipped':
      if (job.result?.state === 'failed' || job.result?.state === 'cancelled') {
        return { name, word, state: 'wait', took: 'not run', facts: [], progress: null };
      }
      return { name, word, state: 'skipped', took: '', facts, progress: null };
    case 'failed':
      return { name, word, state: 'failed', took: duration(elapsed), facts, progress: null };
    case 'cancelled':
      return { name, word, state: 'part', took: 'cancelled', facts, progress: null };
  }
}

function progressOf(name: StepName, job: JobView): number | null {
  if (name === 'build') {
    const builds = Object.values(job.builds).map(countSteps);
    const total = builds.reduce((sum, build) => sum + build.total, 0);
    return total === 0 ? null : builds.reduce((sum, build) => sum + build.finished, 0) / total;
  }
  if (name === 'load') {
    const loads = Object.values(job.loads);
    const total = loads.reduce((sum, load) => sum + load.totalBytes, 0);
    return total === 0 ? null : loads.reduce((sum, load) => sum + load.sentBytes, 0) / total;
  }
  if (name === 'rollout') {
    const statuses = Object.values(job.rollouts);
    const desired = statuses.reduce((sum, status) => sum + status.desired, 0);
    return desired === 0
      ? null
      : statuses.reduce((sum, status) => sum + Math.min(status.ready, status.desired), 0) / desired;
  }
  return null;
}

function factsOf(
  name: StepName,
  plan: Plan | null,
  job: JobView | null,
  step: StepView | null,
): readonly string[] {
  const said = step !== null && step.message !== '' ? [capital(step.message)] : [];
  switch (name) {
    case 'scan':
      if (plan === null) return said;
      return [
        `${count(plan.images.length, 'image')}, ${count(plan.objects.length, 'object')}`,
        ...(plan.problems.length > 0 ? [count(plan.problems.length, 'problem')] : []),
      ];
    case 'cluster':
      return step === null && plan !== null ? [`${plan.cluster.name} is made`] : said;
    case 'build':
      return buildFacts(plan, job, said);
    case 'load':
      return loadFacts(plan, job, said);
    case 'diff':
      return plan === null ? said : diffFacts(plan);
    case 'apply':
      return applyFacts(plan, job, said);
    case 'rollout':
      return rolloutFacts(plan, job, said);
    case 'helmfile':
      return step === null && plan?.helmfile != null ? helmfileFacts(plan.helmfile) : said;
    case 'prune':
      return said;
  }
}

function helmfileFacts({ file, action }: NonNullable<Plan['helmfile']>): readonly string[] {
  const name = file.replace(/^.*[\\/]/, '');
  return [action === 'none' ? `${name} is in sync` : name];
}

function buildFacts(plan: Plan | null, job: JobView | null, said: readonly string[]): readonly string[] {
  const builds = Object.values(job?.builds ?? {});
  const failed = builds.filter(build => build.state === 'failed');
  if (failed.length > 0) {
    const kept = builds.filter(build => build.state === 'done').map(build => build.image);
    return [
      `${joined(failed.map(build => build.image))} failed`,
      ...(kept.length > 0 ? [`${joined(kept)} built, kept`] : []),
    ];
  }
  const running = builds.filter(build => build.state === 'running');
  const [first] = running;
  if (first !== undefined) {
    const { finished, total, current } = countSteps(first);
    const at = current === null ? '' : `, ${shortStep(current.step.name)}`;
    const others = running.length > 1 ? ` and ${running.length - 1} more` : '';
    return [`${first.image} ${Math.min(finished + 1, total)}/${total}${at}${others}`];
  }
  if (builds.length > 0) return [`${joined(builds.map(build => build.image))} built`];
  if (plan === null) return said;
  const wanted = plan.images.filter(image => image.action === 'build').map(image => image.name);
  return wanted.length === 0 ? ['Nothing to build'] : [joined(wanted)];
}

/** "RUN pip install -r requirements.txt" → "pip install": enough to know what it is at. */
export function shortStep(name: string): string {
  const { text } = titleOfStep(name);
  const words = text.replace(/^RUN\s+(--\S+\s+)*/, '').split(/\s+/);
  return words.slice(0, 2).join(' ');
}

function loadFacts(plan: Plan | null, job: JobView | null, said: readonly string[]): readonly string[] {
  const loads = Object.values(job?.loads ?? {});
  if (loads.length > 0) {
    const sent = loads.reduce((sum, load) => sum + load.sentBytes, 0);
    const done = loads.filter(load => load.state === 'done').length;
    return [`${done} of ${count(loads.length, 'load')}`, size(sent)];
  }
  if (plan === null) return said;
  const wanted = plan.loads.filter(load => load.action === 'load');
  if (wanted.length === 0) return ['Nothing to load'];
  const images = new Set(wanted.map(load => load.image));
  const nodes = new Set(wanted.map(load => load.node));
  return [count(images.size, 'image'), `to ${count(nodes.size, 'node')}`];
}

function diffFacts(plan: Plan): readonly string[] {
  const of = (...actions: readonly Plan['objects'][number]['action'][]) =>
    plan.objects.filter(object => actions.includes(object.action)).length;
  const created = of('create');
  const changed = of('change', 'replace', 'ask');
  const parts = [
    ...(created > 0 ? [`+${created} new`] : []),
    ...(changed > 0 ? [`~${changed} changed`] : []),
    ...(of('blocked') > 0 ? [`${of('blocked')} blocked`] : []),
  ];
  const same = of('none');
  return parts.length === 0 ? [`${same} the same`] : [parts.join(', '), `${same} the same`];
}

function applyFacts(plan: Plan | null, job: JobView | null, said: readonly string[]): readonly string[] {
  const results = job?.objects ?? [];
  if (results.length > 0) {
    const failed = results.filter(one => one.result === 'failed').length;
    const total = plan === null ? results.length : Math.max(results.length, changing(plan).length);
    return [
      `${results.length - failed} of ${count(total, 'object')}`,
      ...(failed > 0 ? [`${failed} failed`] : []),
    ];
  }
  if (plan === null) return said;
  const wanted = changing(plan);
  if (wanted.length === 0) return ['Nothing to apply'];
  const waves = new Set(wanted.map(object => object.wave)).size;
  return [`${count(wanted.length, 'object')} in ${count(waves, 'wave')}`];
}

const rolls = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'];

function rolloutFacts(plan: Plan | null, job: JobView | null, said: readonly string[]): readonly string[] {
  const statuses = Object.values(job?.rollouts ?? {});
  if (statuses.length > 0) {
    const waiting = statuses.filter(status => status.state !== 'ready');
    const [first] = waiting;
    if (first === undefined) return [`${count(statuses.length, 'workload')} ready`];
    return [`${first.ref.kind} ${first.ref.name}`, first.message];
  }
  if (plan === null) return said;
  const wanted = changing(plan).filter(object => rolls.includes(object.ref.kind));
  if (wanted.length === 0) return ['Nothing to wait for'];
  return [
    joined(
      wanted.map(object => object.ref.name),
      2,
    ),
  ];
}
