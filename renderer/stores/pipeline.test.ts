import { describe, expect, it } from 'vitest';
import {
  failedEvents,
  history,
  now,
  plan,
  rolloutEvents,
  runningEvents,
  settledPlan,
} from '../testing/shop.ts';
import { addEvents, emptyJobView } from './job-view.ts';
import { pipelineOf, shortStep } from './pipeline.ts';

const by = (steps: ReturnType<typeof pipelineOf>) => Object.fromEntries(steps.map(step => [step.name, step]));

describe('the pipeline', () => {
  it('shows a plan: what is known, and how long the rest took last time', () => {
    const steps = by(pipelineOf(plan, null, history, now));
    expect(Object.keys(steps)).toEqual(['scan', 'build', 'load', 'diff', 'apply', 'rollout']);
    expect(steps['scan']).toMatchObject({ state: 'done', facts: ['3 images, 14 objects'] });
    expect(steps['build']).toMatchObject({ state: 'wait', took: 'about 14.0 s', facts: ['api'] });
    expect(steps['load']).toMatchObject({ facts: ['1 image', 'to 3 nodes'] });
    expect(steps['diff']).toMatchObject({ state: 'done', facts: ['+1 new, ~2 changed', '11 the same'] });
    expect(steps['apply']).toMatchObject({ facts: ['3 objects in 2 waves'] });
  });

  it('shows that nothing is to be done', () => {
    const steps = pipelineOf(settledPlan, null, [], now);
    expect(steps.every(step => step.state === 'done')).toBe(true);
  });

  it('shows a Helmfile that is in sync as done', () => {
    const helmfile = { file: 'charts/helmfile.yaml', action: 'none' as const, problem: null };
    expect(by(pipelineOf({ ...settledPlan, helmfile }, null, [], now))['helmfile']).toMatchObject({
      state: 'done',
      facts: ['helmfile.yaml is in sync'],
    });
  });

  it('adds the cluster when it has to be made', () => {
    const made = { ...plan, cluster: { ...plan.cluster, action: 'create' as const } };
    expect(by(pipelineOf(made, null, [], now))['cluster']).toMatchObject({
      state: 'wait',
      facts: ['dev is made'],
    });
  });

  it('follows a deploy: elapsed time, the thing at hand, and what it took last time', () => {
    const job = addEvents(emptyJobView('job-1'), runningEvents);
    const build = by(pipelineOf(plan, job, history, (job.startedAt ?? 0) + 3510))['build'];
    expect(build).toMatchObject({ state: 'working', took: '3.4 s', progress: 0.625 });
    expect(build?.facts[0]).toMatch(/^api 6\/8, pip install$/);
    expect(build?.facts[1]).toBe('14.0 s last time');
  });

  it('says how far the rollout is', () => {
    const job = addEvents(emptyJobView('job-1'), rolloutEvents);
    const steps = by(pipelineOf(plan, job, [], now));
    expect(steps['load']).toMatchObject({ state: 'done', facts: ['3 of 3 loads', '3.0 MB'] });
    expect(steps['rollout']).toMatchObject({ state: 'working', facts: ['Deployment api'] });
    expect(steps['rollout']?.progress).toBeCloseTo(2 / 3);
  });

  it('marks the step that failed, what was kept, and what never ran', () => {
    const job = { ...addEvents(emptyJobView('job-1'), failedEvents), ended: true };
    const steps = by(pipelineOf(plan, job, history, now));
    expect(steps['build']).toMatchObject({ state: 'failed', facts: ['worker failed', 'api built, kept'] });
    expect(steps['apply']).toMatchObject({ state: 'wait', took: 'not run' });
  });

  it('shows a step that was passed over because of a failure as not run, one without work as done', () => {
    const skip = {
      seq: 900,
      at: new Date(now).toISOString(),
      event: { type: 'step' as const, step: 'load' as const, state: 'skipped' as const, message: '', at: '' },
    };
    const failed = addEvents(emptyJobView('a'), [...failedEvents, skip]);
    expect(by(pipelineOf(plan, failed, [], now))['load']).toMatchObject({ state: 'wait', took: 'not run' });
    const good = addEvents(emptyJobView('b'), [skip]);
    expect(by(pipelineOf(plan, good, [], now))['load']).toMatchObject({ state: 'skipped' });
  });

  it('shortens a step to what it does', () => {
    expect(shortStep('[deps 4/9] RUN --mount=type=cache,target=/c pip install -r requirements.txt')).toBe(
      'pip install',
    );
    expect(shortStep('[2/3] COPY . .')).toBe('COPY .');
  });
});
