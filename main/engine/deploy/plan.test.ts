import { describe, expect, it } from 'vitest';
import type { ContextChanges } from '../content/index.ts';
import { plan } from './plan.ts';
import { builtFrom, heldOn, objectsPlan, someImage, someObject, someProject, someWorld } from './testing.ts';
import type { LastBuild, World } from './world.ts';

const project = someProject();
const api = someImage('api');
const web = someImage('web', { tag: '9f04d1e' });
const db = someImage('db', { tag: '0a1b2c3' });
const deployment = (name: string, action: Parameters<typeof someObject>[2] = 'none') =>
  someObject('Deployment', name, action);

function lastBuild(changes: Partial<ContextChanges> | null, over: Partial<LastBuild> = {}): LastBuild {
  return {
    digest: 'older',
    reference: 'api:0000000',
    changes: changes && { added: [], removed: [], changed: [], ...changes },
    settingsChanged: false,
    dockerfileMoved: false,
    changedBases: [],
    ...over,
  };
}

const unbuilt = (
  images: (typeof api)[],
  built: (typeof api)[],
  last: Record<string, LastBuild> = {},
): World =>
  someWorld(images, {
    built: built.map(image => builtFrom(image)),
    lastBuilds: new Map(Object.entries(last)),
    cluster: { ...someWorld(images).cluster, nodes: [heldOn('dev-control-plane', built)] },
  });

const summaryOf = (world: World) => plan(project, world).summary;

describe('when nothing has changed', () => {
  const world = someWorld([api, web, db], {
    objects: objectsPlan(Array.from({ length: 14 }, (_, at) => someObject('ConfigMap', `c${at}`))),
  });

  it('says so and does nothing', () => {
    expect(plan(project, world)).toMatchObject({
      summary: 'Nothing has changed: 3 images and 14 objects are as the folder says.',
      nothingToDo: true,
      runnable: true,
    });
  });

  it('counts in the singular, and leaves out what the project does not have', () => {
    expect(summaryOf(someWorld([], { objects: objectsPlan([deployment('x')]) }))).toBe(
      'Nothing has changed: 1 object is as the folder says.',
    );
    expect(summaryOf(someWorld([api]))).toBe('Nothing has changed: 1 image is as the folder says.');
    expect(summaryOf(someWorld([]))).toBe('Nothing has changed: 0 objects are as the folder says.');
  });

  it('writes the list of the objects again where the cluster lost it', () => {
    const objects = objectsPlan([deployment('x')], { inventoryLost: true });
    expect(plan(project, someWorld([api], { objects }))).toMatchObject({
      summary: 'Write the list of the project’s objects again, which the cluster lost.',
      nothingToDo: false,
      runnable: true,
    });
  });

  it('offers to prune, which alone is nothing to do', () => {
    const prune = [{ ref: deployment('old').planned.ref, reason: 'gone', keptUnlessAsked: false }];
    const found = plan(project, someWorld([api], { objects: objectsPlan([], { prune }) }));
    expect(found).toMatchObject({ nothingToDo: true, prune });
  });

  it('never offers to prune the namespace that the project lives in', () => {
    const ref = { apiVersion: 'v1', kind: 'Namespace', namespace: null, name: 'default' };
    const prune = [{ ref, reason: 'gone', keptUnlessAsked: true }];
    expect(plan(project, someWorld([api], { objects: objectsPlan([], { prune }) })).prune).toEqual([]);
  });
});

describe('the words of the plan', () => {
  it('say what is built and why, where it goes, and what changes', () => {
    const world = {
      ...unbuilt([api, web, db], [web, db], { api: lastBuild({ changed: ['app/main.py'] }) }),
      objects: objectsPlan([
        deployment('api', 'change'),
        deployment('worker', 'change'),
        ...Array.from({ length: 12 }, (_, at) => someObject('ConfigMap', `c${at}`)),
      ]),
    };
    expect(summaryOf(world)).toBe(
      'Build 1 of 3 images because `app/main.py` changed; load it to 1 node; change 2 of 14 objects.',
    );
  });

  it('name two files, and count more', () => {
    const files = (changed: string[]) => summaryOf(unbuilt([api], [], { api: lastBuild({ changed }) }));
    expect(files(['a', 'b'])).toMatch(
      /^Build 1 of 1 image because `a` and `b` changed; load it to 1 node\.$/,
    );
    expect(files(['a', 'b', 'c', 'd'])).toContain('because `a` and 3 more files changed');
  });

  it('name the images where reasons differ', () => {
    expect(summaryOf(unbuilt([api, web, db], [db], { api: lastBuild({ added: ['x.py'] }) }))).toBe(
      'Build 2 of 3 images because `x.py` changed (api) and it was never built here (web); load them to 1 node.',
    );
    expect(summaryOf(unbuilt([api, web], []))).toBe(
      'Build 2 of 2 images because they were never built here; load them to 1 node.',
    );
  });

  it('begin with the cluster that is missing', () => {
    const world = someWorld([api], {
      cluster: {
        ...someWorld([]).cluster,
        state: 'missing',
        message: 'There is no Kind cluster `dev` yet',
        nodes: [
          { name: 'dev-control-plane', images: null },
          { name: 'dev-worker', images: null },
        ],
        nodeImage: { reference: 'kindest/node:v1.34.4', from: 'local', reason: 'it is on this machine' },
      },
      objects: objectsPlan([deployment('api', 'create')]),
    });
    const found = plan(project, world);
    expect(found.summary).toBe(
      'Create the cluster `dev`; load `api:b3c3fbc` to 2 nodes; create 1 of 1 object.',
    );
    expect(found.cluster).toMatchObject({
      action: 'create',
      exists: false,
      nodeImage: { reference: 'kindest/node:v1.34.4', from: 'local' },
    });
    expect(found.nothingToDo).toBe(false);
  });

  it('tell creating, changing and replacing apart', () => {
    const objects = objectsPlan([
      deployment('a', 'create'),
      deployment('b', 'change'),
      someObject('Job', 'c', 'replace'),
      deployment('d'),
    ]);
    expect(summaryOf(someWorld([], { objects }))).toBe('Create 1, change 1 and replace 1 of 4 objects.');
  });

  it('ask where taking over or replacing is needed', () => {
    const found = plan(
      project,
      someWorld([api], { objects: objectsPlan([deployment('a', 'ask'), deployment('b')]) }),
    );
    expect(found.nothingToDo).toBe(true);
    expect(found.summary).toBe(
      'Nothing has changed: 1 image and 1 object are as the folder says. 1 object can be changed only by taking over or replacing: asked first.',
    );
  });

  it('say that a workload has not settled', () => {
    const world = someWorld([api], {
      objects: objectsPlan([deployment('api')]),
      unsettled: [deployment('api').planned.ref],
    });
    expect(summaryOf(world)).toContain('1 workload not settled yet');
  });
});

describe('why an image is built', () => {
  const reasonOf = (world: World, name = 'api') =>
    plan(project, world).images.find(image => image.name === name)?.reason;

  it('because it never was', () => {
    expect(reasonOf(unbuilt([api], []))).toMatchObject({ code: 'never-built' });
  });

  it('because files changed, were added or removed', () => {
    const world = unbuilt([api], [], { api: lastBuild({ changed: ['b'], added: ['c'], removed: ['a'] }) });
    expect(reasonOf(world)).toEqual({
      code: 'files-changed',
      message: '3 files changed: a, b, c',
      files: ['a', 'b', 'c'],
      fileCount: 3,
    });
  });

  it('lists no more than 100 files, and counts all', () => {
    const changed = Array.from({ length: 250 }, (_, at) => `f${at}`);
    const reason = reasonOf(unbuilt([api], [], { api: lastBuild({ changed }) }));
    expect(reason?.files).toHaveLength(100);
    expect(reason?.fileCount).toBe(250);
    expect(reason?.message).toMatch(/^250 files changed: f0, f1, f10 and 247 more$/);
  });

  it('because only its Dockerfile changed, or another one is it now', () => {
    expect(reasonOf(unbuilt([api], [], { api: lastBuild({ changed: ['Dockerfile'] }) }))).toMatchObject({
      code: 'dockerfile-changed',
      files: ['Dockerfile'],
    });
    expect(reasonOf(unbuilt([api], [], { api: lastBuild({}, { dockerfileMoved: true }) }))).toMatchObject({
      code: 'dockerfile-changed',
    });
  });

  it('because its settings changed', () => {
    expect(reasonOf(unbuilt([api], [], { api: lastBuild({}, { settingsChanged: true }) }))).toMatchObject({
      code: 'settings-changed',
    });
  });

  it('because an image below it changed, which is built first', () => {
    const base = someImage('base');
    const on = someImage('api', {
      dependsOn: [{ image: 'base', written: 'ptah://base', via: 'FROM', line: 1, column: 6 }],
    });
    const found = plan(
      project,
      unbuilt([base, on], [], {
        base: lastBuild({ changed: ['Dockerfile'] }),
        api: lastBuild({}, { changedBases: ['base'] }),
      }),
    );
    expect(found.images[1]).toMatchObject({
      waitsFor: ['base'],
      reason: { code: 'base-rebuilt', message: 'It is built on base, which changed' },
    });
    // no pod can name the base: it goes to no node
    expect(found.loads.map(({ image }) => image)).toEqual(['api']);
  });

  it('because Docker no longer has it, though a node does', () => {
    const world = { ...someWorld([api, web]), built: [builtFrom(web)] };
    const found = plan(project, world);
    expect(found.images.map(({ name, action, reason }) => [name, action, reason?.code])).toEqual([
      ['api', 'build', 'removed-from-docker'],
      ['web', 'none', undefined],
    ]);
    expect(found.loads.every(({ action }) => action === 'none')).toBe(true);
    expect(found.summary).toBe('Build 1 of 2 images because Docker no longer has `api:b3c3fbc`.');
  });

  it('because Docker no longer has what was built here from the same content', () => {
    const world = unbuilt([api], [], { api: lastBuild({}, { digest: api.digest }) });
    expect(reasonOf(world)).toMatchObject({ code: 'removed-from-docker' });
  });

  it('because its tag names other content', () => {
    const taken = someImage('api', { reference: 'api:b3c3fbc-1234567' });
    expect(reasonOf(unbuilt([taken], []))).toMatchObject({ code: 'other-content-under-tag' });
  });

  it('not because an image of the same name has another digest label', () => {
    const world = { ...someWorld([api]), built: [builtFrom(api, { digest: null })] };
    expect(plan(project, world).images[0]).toMatchObject({ action: 'build' });
  });
});

describe('loads', () => {
  it('name the node that lacks an image, and only that', () => {
    const world = someWorld([api, web]);
    const found = plan(project, {
      ...world,
      cluster: { ...world.cluster, nodes: [heldOn('n1', [api, web]), heldOn('n2', [web])] },
    });
    expect(found.loads.filter(({ action }) => action === 'load')).toEqual([
      {
        image: 'api',
        reference: 'api:b3c3fbc',
        node: 'n2',
        action: 'load',
        reason: 'the node does not have it',
        bytes: 1_000,
      },
    ]);
    expect(found.summary).toBe('Load `api:b3c3fbc` to 1 node.');
  });

  it('do not trust a name: the content must be the same', () => {
    const world = someWorld([api]);
    const found = plan(project, {
      ...world,
      cluster: { ...world.cluster, nodes: [heldOn('n1', [{ ...api, digest: 'other' }])] },
    });
    expect(found.loads[0]).toMatchObject({ action: 'load' });
  });
});

describe('what stops a plan', () => {
  const unreachable = {
    code: 'docker-unreachable',
    severity: 'error',
    message: 'No Docker engine answers on the default socket.',
    hint: 'Start Docker.',
  } as const;

  it('is Docker that does not answer, with the next step', () => {
    const found = plan(
      project,
      someWorld([api], {
        docker: { state: 'unreachable', version: null },
        built: [],
        objects: null,
        cluster: { ...someWorld([]).cluster, state: 'unknown', message: 'Docker does not answer', nodes: [] },
        problems: [unreachable],
      }),
    );
    expect(found).toMatchObject({
      runnable: false,
      problems: [unreachable],
      summary: 'Cannot deploy: No Docker engine answers on the default socket.',
      cluster: { exists: false, action: 'none' },
    });
  });

  it('is a cluster to make without kind, a stopped one, one that does not answer', () => {
    const code = (over: Partial<World['cluster']>) =>
      plan(project, someWorld([], { cluster: { ...someWorld([]).cluster, ...over } })).problems[0]?.code;
    expect(code({ state: 'missing', kindFound: false })).toBe('kind-missing');
    expect(code({ state: 'stopped' })).toBe('cluster-stopped');
    expect(code({ state: 'not-answering' })).toBe('cluster-not-answering');
  });

  it('is an error of the folder, of an image, of a manifest or of an object, each once', () => {
    const problem = (code: string) => ({ code, severity: 'error' as const, message: code });
    const found = plan(
      someProject({ problems: [problem('p')] }),
      someWorld([someImage('api', { problems: [problem('i'), problem('p')] })], {
        manifests: { manifests: [], objects: [], skipped: [], problems: [problem('m')] },
        objects: objectsPlan([someObject('Widget', 'w', 'blocked')]),
      }),
    );
    expect(found.problems.map(({ code }) => code)).toEqual(['p', 'i', 'm', 'unknown-kind']);
    expect(found.summary).toBe('Cannot deploy: p (and 3 more problems)');
  });

  it('is a Helmfile without its programs, said before anything starts', () => {
    const problem = { code: 'tool-missing', severity: 'error', message: 'helm is not on the PATH.' } as const;
    const planned = { file: 'helmfile.yaml', action: 'blocked', problem } as const;
    const found = plan(project, someWorld([], { helmfile: { planned, digest: 'a', syncedDigest: 'a' } }));
    expect(found).toMatchObject({ helmfile: planned, problems: [problem], runnable: false });
  });

  it('is no warning', () => {
    const warning = { code: 'w', severity: 'warning' as const, message: 'careful' };
    const found = plan(project, someWorld([api], { problems: [warning] }));
    expect(found).toMatchObject({ runnable: true, warnings: [warning], nothingToDo: true });
  });
});

describe('the Helmfile', () => {
  const planned = { file: 'helmfile.yaml', action: 'sync', problem: null } as const;
  const helmfile = { planned, digest: 'a', syncedDigest: null };

  it('is synced when what it reads changed, or a release is gone', () => {
    const found = plan(project, someWorld([api], { helmfile }));
    expect(found).toMatchObject({
      nothingToDo: false,
      helmfile: { action: 'sync' },
      summary: 'Sync the Helmfile.',
    });
  });

  it('is left alone when the cluster holds what it says', () => {
    const found = plan(project, someWorld([api], { helmfile: { ...helmfile, syncedDigest: 'a' } }));
    expect(found).toMatchObject({
      nothingToDo: true,
      helmfile: { file: 'helmfile.yaml', action: 'none', problem: null },
    });
    expect(found.summary).toBe('Nothing has changed: 1 image and the Helmfile are as the folder says.');
  });
});

describe('the Kind configuration', () => {
  it('that changed after the cluster was made is shown, and stops nothing', () => {
    const world = someWorld([api]);
    const found = plan(project, { ...world, cluster: { ...world.cluster, configChanged: true } });
    expect(found).toMatchObject({ runnable: true, nothingToDo: true, cluster: { configChanged: true } });
    expect(found.warnings[0]?.code).toBe('kind-config-changed');
  });
});

describe('the fingerprint', () => {
  const world = someWorld([api, web], { objects: objectsPlan([deployment('api')]) });
  const of = (world: World) => plan(project, world).fingerprint;

  it('stays while nothing that matters changes', () => {
    expect(of({ ...world, readAt: '2027-01-01T00:00:00.000Z' })).toBe(of(world));
    const started = objectsPlan([
      someObject('Deployment', 'api', 'none', {
        live: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'api', resourceVersion: '7' } },
      }),
    ]);
    expect(of({ ...world, objects: started })).toBe(of(world));
  });

  it('stays while only the way to the same end changes', () => {
    const node = (over: Partial<World['cluster']>): World => ({
      ...world,
      cluster: { ...world.cluster, ...over },
    });
    const ways: World[] = [
      // Docker is being cleaned up, and the node still has it
      { ...world, built: [builtFrom(web)] },
      { ...world, built: [] },
      node({ nodes: [heldOn('dev-control-plane', [api])] }),
      // a node that is too busy to answer
      node({ nodes: [{ name: 'dev-control-plane', images: null }] }),
      // what a run just cut off is still removing
      { ...world, objects: objectsPlan([deployment('api', 'create')]) },
    ];
    expect(ways.map(way => plan(project, way).summary)).not.toContain(plan(project, world).summary);
    expect(new Set([world, ...ways].map(of)).size).toBe(1);
  });

  it('changes with content, an object that would be overwritten, a manifest and the Helmfile', () => {
    const others: World[] = [
      { ...world, images: [someImage('api', { digest: 'other' }), web] },
      { ...world, cluster: { ...world.cluster, state: 'missing' } },
      { ...world, objects: objectsPlan([deployment('api', 'change')]) },
      { ...world, objects: objectsPlan([deployment('api', 'replace')]) },
      { ...world, objects: objectsPlan([deployment('api', 'ask')]) },
      {
        ...world,
        manifests: {
          ...world.manifests,
          manifests: [{ path: 'a.yaml', source: '', rewritten: 'x', references: [] }],
        },
      },
      {
        ...world,
        helmfile: {
          planned: { file: 'helmfile.yaml', action: 'sync', problem: null },
          digest: 'a',
          syncedDigest: null,
        },
      },
    ];
    expect(new Set([world, ...others].map(of)).size).toBe(others.length + 1);
  });
});

it('plans 20 images and 200 objects in next to no time', () => {
  const images = Array.from({ length: 20 }, (_, at) => someImage(`image${at}`));
  const objects = objectsPlan(Array.from({ length: 200 }, (_, at) => someObject('ConfigMap', `c${at}`)));
  const began = performance.now();
  expect(plan(project, someWorld(images, { objects })).nothingToDo).toBe(true);
  expect(performance.now() - began).toBeLessThan(10_000);
});
