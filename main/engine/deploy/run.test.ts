import { describe, expect, it } from 'vitest';
import { PtahError } from '../errors/index.ts';
import { plan } from './plan.ts';
import { buildImages } from './run-build.ts';
import { run } from './run.ts';
import type { DeployEvent } from './types.ts';
import type { World } from './world.ts';
import {
  builtFrom,
  fakeEffects,
  heldOn,
  objectsPlan,
  someImage,
  someObject,
  someProject,
  someWorld,
  type FakeEffects,
} from './testing.ts';
import type { RunRequest } from './run.ts';

const project = someProject();
const api = someImage('api');
const web = someImage('web', { tag: '9f04d1e' });

/** Two images to build and load, one ConfigMap and one Deployment to create. */
const fresh = someWorld([api, web], {
  built: [],
  cluster: { ...someWorld([]).cluster, nodes: [heldOn('n1', [])] },
  objects: objectsPlan([
    someObject('ConfigMap', 'settings', 'create'),
    someObject('Deployment', 'api', 'create'),
  ]),
});
const absent: World = {
  ...fresh,
  cluster: { ...fresh.cluster, state: 'missing', nodes: [{ name: 'n1', images: null }] },
};

async function deploy(
  effects: FakeEffects,
  request: Partial<RunRequest> = {},
  context: { signal?: AbortSignal; leftRunning?: (work: Promise<unknown>) => void } = {},
) {
  const events: DeployEvent[] = [];
  const result = await run({ project, fingerprint: null, ...request }, effects, {
    signal: new AbortController().signal,
    ...context,
    emit: event => events.push(event),
  });
  return {
    result,
    events,
    steps: events.flatMap(event => (event.type === 'step' ? [`${event.step} ${event.state}`] : [])),
  };
}
const fail = (code: string) => async () => {
  throw new PtahError(code, `${code} happened`, { hint: 'mend it', details: { output: ['last line'] } });
};
const before = (log: readonly string[], first: string, second: string) =>
  log.indexOf(first) >= 0 && log.indexOf(first) < log.indexOf(second);

describe('a deploy', () => {
  it('builds, loads, compares, applies and waits, in this order', async () => {
    const effects = fakeEffects(fresh);
    const { result, steps, events } = await deploy(effects);
    expect(result).toMatchObject({
      state: 'deployed',
      summary: 'Built api, web, created 2 objects',
      failedStep: null,
    });
    expect(effects.log).toEqual(expect.arrayContaining(['load api:b3c3fbc → n1', 'load web:9f04d1e → n1']));
    expect(before(effects.log, 'built api', 'load api:b3c3fbc → n1')).toBe(true);
    expect(before(effects.log, 'write build output', 'apply')).toBe(true);
    expect(before(effects.log, 'load web:9f04d1e → n1', 'apply Deployment api')).toBe(true);
    expect(effects.log.slice(-2)).toEqual(['await api', 'let go']);
    expect(effects.log.slice(0, 2)).toEqual(['gather', 'hold']);
    expect(steps.filter(step => step.endsWith('done'))).toEqual([
      'scan done',
      'build done',
      'load done',
      'diff done',
      'apply done',
      'rollout done',
    ]);
    expect(events[0]).toMatchObject({ type: 'step', step: 'scan', state: 'running' });
    expect(events.at(-1)).toEqual({ type: 'result', result });
    expect(Object.keys(result.durations)).toEqual(
      expect.arrayContaining(['scan', 'build', 'load', 'rollout']),
    );
  });

  it('does nothing at all when nothing changed', async () => {
    const effects = fakeEffects(
      someWorld([api], { objects: objectsPlan([someObject('Deployment', 'api')]) }),
    );
    const { result } = await deploy(effects);
    expect(effects.log).toEqual(['gather']);
    expect(result).toMatchObject({ state: 'unchanged', summary: 'Nothing had changed' });
  });

  it('writes the list of the objects again where the cluster lost it, though none differs', async () => {
    const effects = fakeEffects(
      someWorld([api], {
        objects: objectsPlan([someObject('Deployment', 'api')], { inventoryLost: true }),
      }),
    );
    const { result, steps } = await deploy(effects);
    expect(effects.log).toContain('apply');
    expect(steps).toContain('apply done');
    expect(result).toMatchObject({ state: 'deployed', summary: 'Listed the project’s objects again' });
  });

  it('waits for what has not settled, even when nothing changed', async () => {
    const ref = someObject('Deployment', 'api').planned.ref;
    const effects = fakeEffects(someWorld([api], { unsettled: [ref] }));
    expect((await deploy(effects)).result.state).toBe('unchanged');
    expect(effects.log).toEqual(['gather', 'await api']);
  });

  it('makes the cluster while images are built, and loads when both are there', async () => {
    const effects = fakeEffects(absent, { takesMs: 5 });
    const { result } = await deploy(effects);
    expect(result.summary).toBe('Made the cluster dev, built api, web, created 2 objects');
    expect(before(effects.log, 'create cluster', 'built api')).toBe(true);
    expect(before(effects.log, 'create cluster', 'load api:b3c3fbc → n1')).toBe(true);
    expect(before(effects.log, 'compare', 'apply')).toBe(true);
  });

  it('syncs a Helmfile after the builds and before anything is loaded', async () => {
    const planned = { file: 'helmfile.yaml', action: 'sync', problem: null } as const;
    const helmfile = { planned, digest: 'a', syncedDigest: null };
    const effects = fakeEffects({ ...fresh, helmfile }, { takesMs: 2 });
    await deploy(effects);
    expect(before(effects.log, 'built web', 'sync helmfile')).toBe(true);
    expect(before(effects.log, 'sync helmfile', 'load api:b3c3fbc → n1')).toBe(true);
    expect(before(effects.log, 'sync helmfile', 'compare')).toBe(true);
  });

  it('loads an image while others are still built', async () => {
    const slow = fakeEffects(fresh, {
      faults: { 'build web': () => new Promise(resolve => setTimeout(resolve, 50)) },
    });
    await deploy(slow);
    expect(before(slow.log, 'load api:b3c3fbc → n1', 'built web')).toBe(true);
  });

  it('builds at most two at once, and a base before what stands on it', async () => {
    const base = someImage('base');
    const needsBase = { image: 'base', written: 'ptah://base', via: 'FROM', line: 1, column: 6 } as const;
    const upper = ['a', 'b', 'c'].map(name => someImage(name, { dependsOn: [needsBase] }));
    const world = someWorld([...upper, base], { built: [], objects: objectsPlan([]) });
    let running = 0;
    let most = 0;
    const effects = fakeEffects(world, {
      faults: {
        build: async () => {
          most = Math.max(most, ++running);
          await new Promise(resolve => setTimeout(resolve, 5));
          running--;
        },
      },
    });
    await deploy(effects);
    expect(most).toBe(2);
    expect(effects.log.filter(line => line.startsWith('build ')).at(0)).toBe('build base');
    expect(before(effects.log, 'built base', 'build a')).toBe(true);
  });

  it('prunes only what was agreed to', async () => {
    const old = someObject('ConfigMap', 'old').planned.ref;
    const world = someWorld([api], {
      objects: objectsPlan([], { prune: [{ ref: old, reason: 'gone', keptUnlessAsked: false }] }),
    });
    const without = fakeEffects(world);
    await deploy(without);
    expect(without.log).toEqual(['gather']);
    const effects = fakeEffects(world);
    const { result } = await deploy(effects, { consent: { prune: [old] } });
    expect(effects.log).toContain('prune old');
    expect(result.summary).toBe('Pruned 1 object');
  });

  it('changes what it has to ask for only with consent', async () => {
    const asks = someObject('Deployment', 'api', 'ask');
    const world = someWorld([api], { objects: objectsPlan([asks]) });
    const without = fakeEffects(world);
    expect((await deploy(without)).result.state).toBe('unchanged');
    const named = fakeEffects(world);
    await deploy(named, { consent: { replace: [asks.planned.ref] } });
    expect(named.log).toContain('apply Deployment api');
    const forced = fakeEffects(world);
    await deploy(forced, { consent: { force: true } });
    expect(forced.log).toContain('apply Deployment api');
  });

  it('makes a cluster anew when asked, and loads everything again', async () => {
    const world = someWorld([api], { objects: objectsPlan([someObject('Deployment', 'api', 'create')]) });
    const effects = fakeEffects(world);
    await deploy(effects, { consent: { recreateCluster: true } });
    expect(before(effects.log, 'delete cluster', 'create cluster')).toBe(true);
    expect(effects.log).toContain('load api:b3c3fbc → dev-control-plane');
  });
});

describe('a plan that is no longer true', () => {
  it('is refused before anything is done', async () => {
    const effects = fakeEffects(fresh);
    const { result } = await deploy(effects, { fingerprint: 'another' });
    expect(result).toMatchObject({ state: 'failed', failedStep: 'scan', error: { code: 'plan-stale' } });
    expect(effects.log).toEqual(['gather']);
  });

  it('and one that still is goes on', async () => {
    const effects = fakeEffects(fresh);
    const { result } = await deploy(effects, { fingerprint: plan(project, fresh).fingerprint });
    expect(result.state).toBe('deployed');
  });

  it('goes on where the same end is only reached in another way', async () => {
    const effects = fakeEffects({ ...fresh, built: [] });
    const { result } = await deploy(effects, {
      fingerprint: plan(project, { ...fresh, built: fresh.images.map(image => builtFrom(image)) })
        .fingerprint,
    });
    expect(result.state).toBe('deployed');
    expect(effects.log.some(line => line.startsWith('build '))).toBe(true);
  });

  it('that cannot run says what to mend', async () => {
    const problem = {
      code: 'unknown-image',
      severity: 'error',
      message: 'No image is called apy.',
      hint: 'api?',
    } as const;
    const { result } = await deploy(fakeEffects({ ...fresh, problems: [problem] }));
    expect(result.error).toMatchObject({
      code: 'plan-blocked',
      hint: 'api?',
      details: { problems: [problem] },
    });
  });
});

describe('a step that fails', () => {
  it('in a build: nothing is applied, the other image is there and loaded', async () => {
    const effects = fakeEffects(fresh, { faults: { 'build api': fail('build-failed') } });
    const { result, steps, events } = await deploy(effects);
    expect(result).toMatchObject({
      state: 'failed',
      failedStep: 'build',
      summary: 'build-failed happened',
      error: { code: 'build-failed', hint: 'mend it', details: { output: ['last line'] } },
    });
    expect(effects.log).toContain('load web:9f04d1e → n1');
    expect(effects.log).not.toContain('apply');
    expect(steps).toEqual(expect.arrayContaining(['build failed', 'load done']));
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'build-finished',
        image: 'api',
        state: 'failed',
        error: 'build-failed happened',
      }),
    );
  });

  it('in a base: what stands on it is not begun', async () => {
    const base = someImage('base');
    const on = someImage('api', {
      dependsOn: [{ image: 'base', written: 'ptah://base', via: 'FROM', line: 1, column: 6 }],
    });
    const effects = fakeEffects(someWorld([on, base], { built: [] }), {
      faults: { 'build base': fail('build-failed') },
    });
    const { result } = await deploy(effects);
    expect(result.failedStep).toBe('build');
    expect(effects.log).not.toContain('build api');
  });

  it('in the cluster: the images that were built stay built', async () => {
    const effects = fakeEffects(absent, { faults: { 'create cluster': fail('cluster-failed') } });
    const { result } = await deploy(effects);
    expect(result).toMatchObject({ failedStep: 'cluster', error: { code: 'cluster-failed' } });
    expect(effects.log).toContain('built web');
    expect(effects.log.some(line => line.startsWith('load'))).toBe(false);
  });

  it('in loading: configuration is applied, workloads are not', async () => {
    const effects = fakeEffects(fresh, { faults: { 'load api': fail('load-failed') } });
    const { result } = await deploy(effects);
    expect(result.state).toBe('failed');
    expect(result.error?.code).toBe('load-failed');
    expect(result.failedStep).toBe('load');
    expect(effects.log).not.toContain('apply Deployment api');
  });

  it.each(['apply', 'await', 'gather', 'write'])('in %s: the result says so', async start => {
    const { result } = await deploy(fakeEffects(fresh, { faults: { [start]: fail('broken') } }));
    expect(result).toMatchObject({ state: 'failed', error: { code: 'broken' } });
  });

  it('in an object: the others are applied, and the message names it', async () => {
    const effects = fakeEffects(fresh);
    const failing: FakeEffects = {
      ...effects,
      async apply(objects, options) {
        await effects.apply(objects, {
          ...options,
          onResult: result =>
            options.onResult(
              result.ref.name === 'settings' ? { ...result, result: 'failed', message: 'invalid' } : result,
            ),
        });
      },
    };
    const { result } = await deploy(failing);
    expect(result.summary).toBe('1 of 2 objects could not be applied: ConfigMap settings: invalid');
  });

  it('in a rollout: container, reason and next step', async () => {
    const ref = someObject('Deployment', 'api').planned.ref;
    const effects: FakeEffects = {
      ...fakeEffects(fresh),
      awaitRollout: async () => [
        {
          ref,
          state: 'failed',
          message: '0 of 1 ready',
          ready: 0,
          desired: 1,
          problems: [
            {
              ref,
              pod: 'api-1',
              container: 'api',
              code: 'crash-loop',
              message: 'api exits with code 1',
              hint: 'Its log ends with the reason.',
              log: ['boom'],
              events: [],
            },
          ],
        },
      ],
    };
    const { result } = await deploy(effects);
    expect(result).toMatchObject({
      failedStep: 'rollout',
      error: {
        code: 'rollout-failed',
        message: 'Deployment api has not settled: api exits with code 1',
        hint: 'Its log ends with the reason.',
        details: { output: ['boom'] },
      },
    });
  });

  it('lets the project go, whatever happens', async () => {
    const effects = fakeEffects(fresh, { faults: { apply: fail('broken') } });
    await deploy(effects);
    expect(effects.log.at(-1)).toBe('let go');
    const held = fakeEffects(fresh, { faults: { hold: fail('lease-held') } });
    expect((await deploy(held)).result.error?.code).toBe('lease-held');
    expect(held.log).toEqual(['gather', 'hold']);
  });

  it('can be retried: what was done is not done again', async () => {
    const again = { ...fresh, built: [builtFrom(api), builtFrom(web)] };
    const effects = fakeEffects(again);
    await deploy(effects);
    expect(effects.log.some(line => line.startsWith('build '))).toBe(false);
    expect(effects.log).toContain('load api:b3c3fbc → n1');
  });
});

describe('a cancel', () => {
  it.each(['gather', 'build api', 'create cluster', 'load api', 'apply', 'await'])(
    'during "%s" ends the deploy at once',
    async start => {
      const controller = new AbortController();
      const effects = fakeEffects(absent, {
        takesMs: 1,
        faults: {
          [start]: signal =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new PtahError('cancelled', 'Cancelled.')));
              setTimeout(() => controller.abort(), 5);
            }),
        },
      });
      const began = Date.now();
      const { result, steps } = await deploy(effects, {}, { signal: controller.signal });
      expect(Date.now() - began).toBeLessThan(20_000);
      expect(result).toMatchObject({ state: 'cancelled', failedStep: null, error: null });
      expect(steps.some(step => step.endsWith('failed'))).toBe(false);
    },
  );

  it('of work that does not listen is over within a second, and the work is not forgotten', async () => {
    const controller = new AbortController();
    const left: Promise<unknown>[] = [];
    const effects = fakeEffects(fresh, {
      faults: { 'build api': () => new Promise(resolve => setTimeout(resolve, 1_500)) },
    });
    setTimeout(() => controller.abort(), 10);
    const began = Date.now();
    const { result } = await deploy(
      effects,
      {},
      { signal: controller.signal, leftRunning: work => void left.push(work) },
    );
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(result.state).toBe('cancelled');
    expect(left).toHaveLength(1);
    await Promise.all(left);
  });

  it('before the start does nothing', async () => {
    const effects = fakeEffects(fresh);
    const { result } = await deploy(effects, {}, { signal: AbortSignal.abort() });
    expect(result.state).toBe('cancelled');
    expect(effects.log).toEqual([]);
  });
});

describe('a build alone', () => {
  const build = async (effects: FakeEffects, names: string[] = [], force = false) => {
    const events: DeployEvent[] = [];
    const { signal } = new AbortController();
    const result = await buildImages({ project, names, force }, effects, {
      signal,
      emit: event => events.push(event),
    });
    return { result, events };
  };

  it('builds what is stale and writes the manifests, without a cluster', async () => {
    const effects = fakeEffects({ ...absent, built: [builtFrom(web)] });
    expect((await build(effects)).result).toMatchObject({ state: 'deployed', summary: 'Built api' });
    expect(effects.log).toEqual(['gather', 'build api', 'built api', 'write build output']);
  });

  it('does nothing when all is current, unless it is forced', async () => {
    const current = { ...absent, built: [builtFrom(web), builtFrom(api)] };
    expect((await build(fakeEffects(current))).result.state).toBe('unchanged');
    const { result, events } = await build(fakeEffects(current), ['web'], true);
    expect(result.summary).toBe('Built web');
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'build-started', reason: expect.objectContaining({ code: 'forced' }) }),
    );
  });

  it('builds only what is named, with what it stands on', async () => {
    const base = someImage('base');
    const on = someImage('on', {
      dependsOn: [{ image: 'base', written: 'ptah://base', via: 'FROM', line: 1, column: 6 }],
    });
    const effects = fakeEffects(someWorld([api, on, base], { built: [] }));
    await build(effects, ['on']);
    expect(effects.log.filter(line => line.startsWith('built'))).toEqual(['built base', 'built on']);
  });

  it('does not know every name, and goes on without a cluster that does not answer', async () => {
    expect((await build(fakeEffects(fresh), ['nope'])).result.error?.code).toBe('unknown-image');
    const silent = { ...fresh, cluster: { ...fresh.cluster, state: 'not-answering' as const } };
    expect((await build(fakeEffects(silent))).result.state).toBe('deployed');
  });
});
