import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { connectTestCluster, testNamespace } from '../cluster/testing.ts';
import type { Cluster } from '../cluster/index.ts';
import { applyObjects, diffObject, planObjects, prune, readInventory } from './index.ts';
import type { KubernetesObject, ManifestObject, ObjectsPlan } from './index.ts';

let cluster: Cluster;
let home: Awaited<ReturnType<typeof testNamespace>>;
let other: Awaited<ReturnType<typeof testNamespace>>;
const project = `manifests-test-${Math.random().toString(36).slice(2, 8)}`;

beforeAll(async () => {
  cluster = await connectTestCluster();
  [home, other] = await Promise.all([
    testNamespace(cluster, 'manifests-home'),
    testNamespace(cluster, 'manifests-other'),
  ]);
});

afterAll(async () => {
  await Promise.all([home?.remove(), other?.remove()]);
});

function documents(...texts: string[]): ManifestObject[] {
  return texts.map((text, index) => ({
    object: parse(text) as KubernetesObject,
    file: 'k8s/all.yaml',
    line: index * 20 + 1,
    source: text,
    rewritten: text,
  }));
}

const configMap = (name: string, value: string, namespace?: string): string =>
  stringify({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(namespace && { namespace }) },
    data: { value },
  });

const deployment = (name: string, image: string): string =>
  stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            {
              name: 'main',
              image,
              ports: [{ containerPort: 80 }],
              resources: { limits: { memory: '64Mi' } },
              env: [{ name: 'A', value: '1' }],
            },
          ],
        },
      },
    },
  });

const job = (command: string): string =>
  stringify({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate' },
    spec: {
      suspend: true,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x', command: [command] }] },
      },
    },
  });

const plan = (
  objects: ManifestObject[],
  projectName = project,
  namespace = home.name,
): Promise<ObjectsPlan> => planObjects({ cluster, objects, namespace, projectName });
const actions = (planned: ObjectsPlan): string[] =>
  planned.objects.map(({ planned: { ref, action } }) => `${action} ${ref.kind}/${ref.name}`);

describe('plan, apply, plan again', () => {
  const service = stringify({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'api' },
    spec: { selector: { app: 'api' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  const secret = stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys' },
    stringData: { token: 'one' },
  });
  const role = stringify({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'Reader:Of.Pods' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
  });

  test('creates what is not there, labels it, and finds nothing to do afterwards', async () => {
    const set = () =>
      documents(
        deployment('api', 'api:1'),
        service,
        secret,
        role,
        configMap('conf', '1'),
        configMap('far', '1', other.name),
        job('a'),
      );
    const first = await plan(set());
    expect(actions(first).every(action => action.startsWith('create'))).toBe(true);
    const results = await applyObjects(cluster, { plan: first });
    expect(results.map(({ result, message }) => [result, message])).toEqual(
      Array.from({ length: 7 }, () => ['created', 'created']),
    );

    const live = await cluster.get({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      namespace: home.name,
      name: 'Reader:Of.Pods',
    });
    expect(live?.metadata.labels?.['ptah-desktop/project']).toBe(project);

    const applied: string[] = [];
    const counting: Cluster = {
      ...cluster,
      apply: (object, options) => (applied.push(object.kind), cluster.apply(object, options)),
    };
    const second = await planObjects({
      cluster: counting,
      objects: set(),
      namespace: home.name,
      projectName: project,
    });
    expect(actions(second).filter(action => !action.startsWith('none'))).toEqual([]);
    expect(applied, 'dry runs that were not needed').toEqual([]);
    expect(second.prune).toEqual([]);
  });

  test('finds its objects where their list is gone, and writes it again', async () => {
    const set = documents(deployment('api', 'api:1'), service, secret, configMap('far', '1', other.name));
    const listed = await readInventory(cluster, { projectName: project, namespace: home.name });
    for (const parent of listed.parents) await cluster.remove(parent);
    const planned = await plan(set);
    expect(planned.inventoryLost).toBe(true);
    expect(actions(planned).filter(action => !action.startsWith('none'))).toEqual([]);
    // the role, the Job and a ConfigMap are no longer among the manifests, and the Service’s Endpoints never were
    expect(planned.inventory.members.map(({ ref }) => ref)).toEqual(listed.members.map(({ ref }) => ref));
    expect(planned.prune.map(({ ref }) => ref.kind).sort()).toEqual(['ConfigMap', 'Job', 'Role']);
    await applyObjects(cluster, { plan: planned });
    expect(await readInventory(cluster, { projectName: project, namespace: home.name })).toMatchObject({
      parents: listed.parents,
      members: listed.members.map(({ ref, uid }) => ({ ref, uid })),
    });
    expect((await plan(set)).inventoryLost).toBe(false);
  });

  test('names the field that changes, and shows both sides', async () => {
    const planned = await plan(
      documents(
        deployment('api', 'api:2'),
        service,
        secret,
        role,
        configMap('conf', '1'),
        configMap('far', '1', other.name),
        job('a'),
      ),
    );
    expect(actions(planned).filter(action => !action.startsWith('none'))).toEqual(['change Deployment/api']);
    const [prepared] = planned.objects;
    expect(prepared?.planned.reason).toBe('changes spec.template.spec.containers[main].image: api:1 → api:2');
    const diff = prepared && diffObject(prepared);
    expect(diff?.live).toContain('image: api:1');
    expect(diff?.applied).toContain('image: api:2');
    expect(diff?.applied).not.toMatch(/managedFields|resourceVersion|uid:/);
    const results = await applyObjects(cluster, { plan: planned });
    expect(results.filter(({ result }) => result === 'changed').map(({ ref }) => ref.name)).toEqual(['api']);
  });

  test('a key taken out of stringData is taken out of the Secret', async () => {
    const without = stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'keys' },
      stringData: { other: 'two' },
    });
    const planned = await plan(documents(without));
    expect(planned.objects[0]?.planned.action).toBe('change');
    const diff = planned.objects[0] && diffObject(planned.objects[0]);
    expect(`${diff?.live}${diff?.applied}`).not.toContain(Buffer.from('one').toString('base64'));
    await applyObjects(cluster, { plan: planned });
    const live = await cluster.get({ apiVersion: 'v1', kind: 'Secret', namespace: home.name, name: 'keys' });
    expect(live?.data).toEqual({ other: Buffer.from('two').toString('base64') });
  });

  test('a Job whose template changed is replaced', async () => {
    const before = await cluster.get({
      apiVersion: 'batch/v1',
      kind: 'Job',
      namespace: home.name,
      name: 'migrate',
    });
    const planned = await plan(documents(job('b')));
    expect(actions(planned)).toEqual(['replace Job/migrate']);
    expect((await applyObjects(cluster, { plan: planned })).map(({ result }) => result)).toEqual([
      'replaced',
    ]);
    const after = await cluster.get({
      apiVersion: 'batch/v1',
      kind: 'Job',
      namespace: home.name,
      name: 'migrate',
    });
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
  });

  test('another immutable change asks, and is done only when agreed', async () => {
    const moved = deployment('api', 'api:2').replaceAll('app: api', 'app: api2');
    const planned = await plan(documents(moved));
    expect(actions(planned)).toEqual(['ask Deployment/api']);
    expect(planned.objects[0]?.planned.reason).toContain('spec.selector');
    expect((await applyObjects(cluster, { plan: planned })).map(({ result }) => result)).toEqual(['skipped']);
    const ref = planned.objects[0]?.planned.ref;
    const agreed = await applyObjects(cluster, { plan: planned, consent: ref ? [ref] : [] });
    expect(agreed.map(({ result }) => result)).toEqual(['replaced']);
  });
});

describe('other owners', () => {
  test('a field that another manager holds is shown with its owner and taken over only when agreed', async () => {
    const response = await cluster.fetch(
      `/api/v1/namespaces/${home.name}/configmaps/shared?fieldManager=kubectl-edit&force=true`,
      {
        method: 'PATCH',
        headers: { 'content-type': 'application/apply-patch+yaml' },
        body: configMap('shared', 'theirs', home.name),
      },
    );
    expect(response.status).toBe(201);
    const planned = await plan(documents(configMap('shared', 'ours')));
    expect(actions(planned)).toEqual(['ask ConfigMap/shared']);
    expect(planned.objects[0]?.conflicts).toEqual([{ manager: 'kubectl-edit', field: '.data.value' }]);
    const ref = planned.objects[0]?.planned.ref;
    expect(
      (await applyObjects(cluster, { plan: planned, consent: ref ? [ref] : [] })).map(({ result }) => result),
    ).toEqual(['changed']);
    expect(
      (await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: home.name, name: 'shared' }))
        ?.data,
    ).toEqual({ value: 'ours' });
  });

  test('two projects never touch each other', async () => {
    const planned = await plan(documents(configMap('conf', 'stolen')), `${project}-b`);
    expect(planned.objects[0]?.planned).toMatchObject({
      action: 'blocked',
      problem: { code: 'owned-by-other-project', file: 'k8s/all.yaml', line: 1 },
    });
    expect((await applyObjects(cluster, { plan: planned })).map(({ result }) => result)).toEqual(['failed']);
    expect(
      (await cluster.get({ apiVersion: 'v1', kind: 'ConfigMap', namespace: home.name, name: 'conf' }))?.data,
    ).toEqual({ value: '1' });
  });
});

describe('what cannot be applied', () => {
  const problem = async (text: string): Promise<unknown> =>
    (await plan(documents(text))).objects[0]?.planned.problem;

  test('an unknown kind', async () => {
    expect(await problem('apiVersion: shop.example/v1\nkind: Basket\nmetadata:\n  name: x\n')).toMatchObject({
      code: 'unknown-kind',
    });
  });

  test('a field that the kind does not have', async () => {
    expect(await problem(deployment('typo', 'x').replace('replicas:', 'replica:'))).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('.spec.replica'),
    });
  });

  test('an invalid object names its field', async () => {
    expect(await problem(deployment('Wrong_Name', 'x'))).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('metadata.name'),
    });
  });

  test('a namespace that nobody makes', async () => {
    expect(await problem(configMap('lost', '1', 'manifests-nowhere'))).toMatchObject({
      code: 'namespace-missing',
    });
  });

  test('the same object twice', async () => {
    const planned = await plan(documents(configMap('twice', '1'), configMap('twice', '2')));
    expect(planned.objects[1]?.planned.problem).toMatchObject({ code: 'duplicate-object', line: 21 });
  });
});

describe('a whole new namespace with kinds of its own', () => {
  const suffix = Math.random().toString(36).slice(2, 8);
  const group = `t${suffix}.ptah.example`;
  const namespace = `manifests-new-${suffix}`;
  const projectName = `manifests-crd-${suffix}`;
  const crd = stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `baskets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'baskets', singular: 'basket', kind: 'Basket' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  });
  const basket = stringify({
    apiVersion: `${group}/v1`,
    kind: 'Basket',
    metadata: { name: 'one' },
    spec: { image: 'api:1' },
  });

  afterAll(async () => {
    const left = [
      { apiVersion: 'v1', kind: 'Namespace', namespace: null, name: namespace },
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        namespace: null,
        name: `baskets.${group}`,
      },
    ];
    // Already gone when the test went through.
    await Promise.allSettled(left.map(ref => cluster.remove(ref)));
  });

  test('CRD, namespace and custom resource in one apply; prune takes the resource, and the rest only when ticked', async () => {
    const set = documents(basket, configMap('conf', '1'), crd);
    const planned = await plan(set, projectName, namespace);
    expect(actions(planned)).toEqual([
      `create Namespace/${namespace}`,
      'create Basket/one',
      'create ConfigMap/conf',
      `create CustomResourceDefinition/baskets.${group}`,
    ]);
    const results = await applyObjects(cluster, { plan: planned });
    expect(results.map(({ result, message }) => `${result} ${message}`)).toEqual(
      Array.from({ length: 4 }, () => 'created created'),
    );
    expect(
      actions(await plan(set, projectName, namespace)).filter(action => !action.startsWith('none')),
    ).toEqual([]);

    const empty = await plan([], projectName, namespace);
    expect(empty.prune.map(({ ref, keptUnlessAsked }) => `${ref.kind} ${keptUnlessAsked}`).sort()).toEqual([
      'Basket false',
      'ConfigMap false',
      'CustomResourceDefinition true',
      'Namespace true',
    ]);
    const refs = empty.prune.map(({ ref }) => ref);
    const pruned = await prune(cluster, { projectName, namespace, inventory: empty.inventory, refs });
    expect(pruned.map(({ ref, result }) => `${ref.kind} ${result}`).sort()).toEqual([
      'Basket pruned',
      'ConfigMap pruned',
      'CustomResourceDefinition skipped',
      'Namespace skipped',
    ]);
    const left = await readInventory(cluster, { projectName, namespace });
    expect(left.members.map(({ ref }) => ref.kind).sort()).toEqual(['CustomResourceDefinition', 'Namespace']);
    const ticked = left.members.map(({ ref }) => ref);
    const rest = await prune(cluster, { projectName, namespace, inventory: left, refs: ticked, ticked });
    expect(rest.map(({ result }) => result)).toEqual(['pruned', 'pruned']);
  });

  test('an object that is not in the inventory is never pruned', async () => {
    const inventory = await readInventory(cluster, { projectName: project, namespace: home.name });
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: home.name, name: 'kube-root-ca.crt' };
    const results = await prune(cluster, {
      projectName: project,
      namespace: home.name,
      inventory,
      refs: [ref],
    });
    expect(results[0]).toMatchObject({
      result: 'failed',
      message: expect.stringContaining('not in the inventory'),
    });
    expect(await cluster.get(ref)).not.toBeNull();
  });
});

test('200 objects that did not change are planned within a second', async () => {
  const set = () =>
    documents(
      ...Array.from({ length: 100 }, (_, i) => configMap(`many-${i}`, 'x')),
      ...Array.from({ length: 100 }, (_, i) => deployment(`many-${i}`, 'x:1')),
    );
  await applyObjects(cluster, { plan: await plan(set()) });
  // Deployments go on changing under their controller for a moment.
  const durations: number[] = [];
  for (let i = 0; i < 3; i++) {
    const objects = set();
    const start = performance.now();
    const planned = await plan(objects);
    durations.push(Math.round(performance.now() - start));
    expect(planned.objects.filter(({ planned: { action } }) => action !== 'none')).toEqual([]);
  }
  console.log(`200 unchanged objects planned in ${durations.join(', ')} ms`);
  expect(Math.min(...durations)).toBeLessThan(5_000);
});
