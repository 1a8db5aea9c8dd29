import { PtahError } from '../errors/index.ts';
import type { ObjectRef, ObjectsPlan } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import { loadImages, startBuilds, type Work } from './build-and-load.ts';
import type { DeployEffects } from './effects.ts';
import { plan as planOf } from './plan.ts';
import { throwIfCancelled, type Say } from './steps.ts';
import { supervise, type RunContext, type Supervised } from './supervise.ts';
import type { DeployConsent, DeployResult, Plan } from './types.ts';
import type { World } from './world.ts';

export interface RunRequest {
  readonly project: Project;
  /** Of the plan that the user read; null takes whatever is true now. */
  readonly fingerprint: string | null;
  readonly consent?: Partial<DeployConsent>;
}

const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Job']);

/**
 * From the folder to settled rollouts. Never rejects: the result says how it went. A failed step leaves everything
 * before it in place, and since a deploy begins with reading the world, running it again goes on from there.
 */
export function run(request: RunRequest, effects: DeployEffects, context: RunContext): Promise<DeployResult> {
  return supervise(context, line => pipeline({ request, effects, ...line }));
}

interface Pipeline extends Supervised {
  readonly request: RunRequest;
  readonly effects: DeployEffects;
}

async function pipeline(line: Pipeline): Promise<'deployed' | 'unchanged'> {
  const { request, effects, signal, steps } = line;
  const consent: DeployConsent = {
    prune: [],
    replace: [],
    force: false,
    recreateCluster: false,
    ...request.consent,
  };
  const { world, plan } = await steps.run('scan', `Reading ${request.project.name}`, () => scan(line));
  const recreate = consent.recreateCluster && plan.cluster.exists;
  const agreed = agreedObjects(plan, world, consent);

  if (plan.nothingToDo && !recreate && agreed.length === 0 && consent.prune.length === 0) {
    if (world.unsettled.length === 0) return 'unchanged';
    await rollout(line, world.unsettled);
    return 'unchanged';
  }

  const makesCluster = plan.cluster.action === 'create' || recreate;
  const letGo = makesCluster ? null : await effects.hold(signal);
  try {
    await carryOut(line, world, plan, { agreed, prune: consent.prune, recreate, makesCluster });
  } finally {
    await letGo?.();
  }
  return 'deployed';
}

interface Orders {
  readonly agreed: readonly ObjectRef[];
  readonly prune: readonly ObjectRef[];
  readonly recreate: boolean;
  readonly makesCluster: boolean;
}

async function carryOut(line: Pipeline, world: World, plan: Plan, orders: Orders): Promise<void> {
  const { effects, signal, emit, steps } = line;
  const { agreed, recreate, makesCluster } = orders;
  const work: Work = { world, effects, signal, emit };
  // the cluster is made while images are built: they have nothing to do with each other
  const cluster = makesCluster ? makeCluster(line, world, recreate) : Promise.resolve();
  const builds = startBuilds(work, plan.images);
  const building = buildStep(line, world, plan, builds.all);
  const helmfile = Promise.all([cluster, building]).then(() =>
    plan.helmfile?.action === 'sync'
      ? steps.run('helmfile', 'Syncing the Helmfile', () =>
          effects.syncHelmfile(world, {
            signal,
            onLine: text => emit({ type: 'log', step: 'helmfile', text }),
          }),
        )
      : undefined,
  );
  // the original's order: a Helmfile comes before images are loaded
  const ready = plan.helmfile?.action === 'sync' ? helmfile : cluster;
  const loads = plan.loads.filter(({ action }) => makesCluster || action === 'load');
  const loading =
    loads.length > 0
      ? loadImages(work, steps, loads, builds, ready)
      : Promise.resolve(steps.skip('load', 'The nodes have every image'));
  for (const branch of [cluster, building, helmfile, loading]) branch.catch(() => {});

  await afterAll([cluster, building, helmfile]).catch(async (error: unknown) => {
    await loading.catch(() => {});
    throw error;
  });
  throwIfCancelled(signal);
  const objects = await steps.run('diff', 'Comparing with the cluster', say =>
    diff(line, world, makesCluster || plan.helmfile?.action === 'sync', say),
  );
  const changed = await applyStep(line, objects, agreed, loading);
  await loading;
  await rollout(line, [
    ...changed,
    ...world.unsettled.filter(ref => !changed.some(other => same(ref, other))),
  ]);
  await pruneStep(line, objects, orders.prune);
}

async function scan({ request, effects, signal, emit }: Pipeline): Promise<{ world: World; plan: Plan }> {
  const world = await effects.gather(signal);
  const plan = planOf(request.project, world);
  emit({ type: 'plan', plan });
  if (request.fingerprint !== null && request.fingerprint !== plan.fingerprint)
    throw new PtahError('plan-stale', 'Something changed since this plan was made.', {
      hint: `Read the new plan: ${plan.summary}`,
    });
  if (!plan.runnable)
    throw new PtahError('plan-blocked', plan.summary, {
      hint: plan.problems[0]?.hint ?? 'Mend what the problems name and deploy again.',
      details: { problems: plan.problems },
    });
  return { world, plan };
}

function makeCluster(
  { effects, signal, emit, steps }: Pipeline,
  world: World,
  recreate: boolean,
): Promise<void> {
  const onLine = (text: string) => emit({ type: 'log', step: 'cluster', text });
  return steps.run('cluster', `Making the cluster ${world.cluster.name}`, async say => {
    if (recreate) await effects.deleteCluster(world, { signal, onLine });
    await effects.createCluster(world, { signal, onLine });
    say(`The cluster ${world.cluster.name} is ready`);
  });
}

async function buildStep(
  { effects, steps }: Pipeline,
  world: World,
  plan: Plan,
  builds: Promise<void>,
): Promise<void> {
  const names = plan.images.filter(({ action }) => action === 'build').map(({ name }) => name);
  if (names.length === 0) {
    steps.skip('build', 'Docker has every image');
    return effects.writeBuildOutput(world);
  }
  await steps.run('build', `Building ${names.join(', ')}`, async say => {
    await builds;
    await effects.writeBuildOutput(world);
    say(`Built ${names.join(', ')}`);
  });
}

/** What was compared at the start still holds, unless the cluster is new or a Helmfile has run since. */
async function diff(
  { effects, signal }: Pipeline,
  world: World,
  afresh: boolean,
  say: Say,
): Promise<ObjectsPlan> {
  const objects = afresh || !world.objects ? await effects.planObjects(world, signal) : world.objects;
  const problems = objects.objects.flatMap(({ planned }) =>
    planned.problem?.severity === 'error' ? [planned.problem] : [],
  );
  if (problems[0])
    throw new PtahError('plan-blocked', problems[0].message, {
      hint: problems[0].hint ?? 'Mend the manifest and deploy again.',
      details: { problems },
    });
  const count = objects.objects.filter(({ planned }) => planned.action !== 'none').length;
  say(`${count} of ${objects.objects.length} objects differ`);
  return objects;
}

async function applyStep(
  { effects, signal, emit, steps }: Pipeline,
  objects: ObjectsPlan,
  agreed: readonly ObjectRef[],
  loading: Promise<unknown>,
): Promise<readonly ObjectRef[]> {
  const pending = objects.objects.filter(
    ({ planned }) =>
      planned.action !== 'none' && (planned.action !== 'ask' || agreed.some(ref => same(ref, planned.ref))),
  );
  if (pending.length === 0 && !objects.inventoryLost) {
    steps.skip('apply', 'Every object is as the folder says');
    return [];
  }
  const changed: ObjectRef[] = [];
  const failed: { readonly ref: ObjectRef; readonly message: string }[] = [];
  const doing =
    pending.length === 0
      ? 'Writing the list of the project’s objects again'
      : `Applying ${pending.length} of ${objects.objects.length} objects`;
  await steps.run('apply', doing, async say => {
    await effects.apply(objects, {
      signal,
      consent: agreed,
      beforeWorkloads: async () => void (await loading),
      onWarning: text => emit({ type: 'log', step: 'apply', text }),
      onResult(result) {
        emit({ type: 'object', object: result });
        if (result.result === 'failed') failed.push(result);
        if (/^(created|changed|replaced)$/.test(result.result)) changed.push(result.ref);
      },
    });
    if (failed.length > 0)
      throw new PtahError(
        'apply-failed',
        `${failed.length} of ${pending.length} objects could not be applied: ${failed[0]?.ref.kind} ${failed[0]?.ref.name}: ${failed[0]?.message}`,
        {
          hint: 'The others are applied. Mend the manifest and deploy again.',
          details: { output: failed.map(({ ref, message }) => `${ref.kind} ${ref.name}: ${message}`) },
        },
      );
    say(
      pending.length === 0
        ? 'Wrote the list of the project’s objects again'
        : `Applied ${changed.length} of ${objects.objects.length} objects`,
    );
  });
  return changed.filter(ref => workloadKinds.has(ref.kind));
}

async function rollout(
  { effects, signal, emit, steps }: Pipeline,
  refs: readonly ObjectRef[],
): Promise<void> {
  if (refs.length === 0) return steps.skip('rollout', 'No workload changed');
  await steps.run('rollout', `Waiting for ${refs.map(({ name }) => name).join(', ')}`, async say => {
    const statuses = await effects.awaitRollout(refs, {
      signal,
      onStatus: status => emit({ type: 'rollout', status }),
    });
    const failed = statuses.filter(({ state }) => state !== 'ready');
    const [first] = failed;
    if (first) {
      const problem = first.problems[0];
      throw new PtahError(
        'rollout-failed',
        `${first.ref.kind} ${first.ref.name} has not settled: ${problem?.message ?? first.message}`,
        {
          hint: problem?.hint ?? 'Its pods and events in Workloads say more.',
          details: { output: problem?.log ?? [], ...(problem && { rollouts: failed }) },
        },
      );
    }
    say(`${refs.length} workload${refs.length === 1 ? ' has' : 's have'} settled`);
  });
}

async function pruneStep(
  { effects, signal, emit, steps }: Pipeline,
  objects: ObjectsPlan,
  refs: readonly ObjectRef[],
): Promise<void> {
  if (refs.length === 0) return;
  await steps.run('prune', `Removing ${refs.length} objects`, () =>
    effects.prune(objects, refs, { signal, onResult: object => emit({ type: 'object', object }) }),
  );
}

/** Objects marked `ask` that the user agreed to, by name or (for fields held by others) with `force`. */
function agreedObjects(plan: Plan, world: World, consent: DeployConsent): readonly ObjectRef[] {
  return plan.objects
    .filter(({ action }) => action === 'ask')
    .map(({ ref }) => ref)
    .filter(
      ref =>
        consent.replace.some(other => same(ref, other)) ||
        (consent.force &&
          world.objects?.objects.some(
            ({ planned, consentMeans }) => consentMeans === 'force' && same(planned.ref, ref),
          )),
    );
}

function same(a: ObjectRef, b: ObjectRef): boolean {
  return (
    a.apiVersion === b.apiVersion && a.kind === b.kind && a.namespace === b.namespace && a.name === b.name
  );
}

/** Waits for every branch to end, so that none goes on behind a result; then the first failure counts. */
async function afterAll(branches: readonly Promise<unknown>[]): Promise<void> {
  const outcomes = await Promise.allSettled(branches);
  const failed = outcomes.find(outcome => outcome.status === 'rejected');
  if (failed) throw failed.reason;
}
