import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { ApiError, fieldConflicts } from '../cluster/index.ts';
import type { Cluster } from '../cluster/index.ts';
import type { ObjectResult, Wave } from '../deploy/index.ts';
import { PtahError, isAbort } from '../errors/index.ts';
import { awaitDeleted, awaitServed } from './await-object.ts';
import { refKey, refText } from './identity.ts';
import { writeInventory } from './inventory.ts';
import type { ApplyObjectsRequest, PreparedObject } from './plan-types.ts';
import type { ObjectRef } from './types.ts';

const WAVES: readonly Wave[] = ['crds', 'namespaces', 'configuration', 'workloads'];
const PARALLEL = 10;
/** What resolves itself within moments: an account that its controller is about to make, a kind just established. */
const SETTLING_MS = 15_000;

/**
 * Applies what was planned, wave by wave, one result per object. An object that fails does not stop its neighbours,
 * but the waves after it are skipped: what they need is not there. What was applied stays, and a retry goes on from it.
 */
export async function applyObjects(
  cluster: Cluster,
  request: ApplyObjectsRequest,
  signal?: AbortSignal,
): Promise<readonly ObjectResult[]> {
  const { plan } = request;
  const consent = new Set((request.consent ?? []).map(refKey));
  const results: ObjectResult[] = [];
  const report = (result: ObjectResult): void => {
    results.push(result);
    request.onResult?.(result);
  };
  let inventoryWritten = isInventoryComplete(request);
  let failedWave: Wave | null = null;
  for (const wave of WAVES) {
    const objects = plan.objects.filter(({ planned }) => planned.wave === wave);
    if (failedWave !== null) {
      for (const { planned } of objects)
        report(result(planned.ref, 'skipped', `not tried: the wave “${failedWave}” before it failed`));
      continue;
    }
    // Written before the first object that has a namespace, so that nothing can be left behind unlisted.
    if (!inventoryWritten && (wave === 'configuration' || wave === 'workloads')) {
      await writeInventory(
        cluster,
        plan,
        {
          refs: [
            ...plan.objects.map(({ planned }) => planned.ref),
            ...plan.inventory.members.map(({ ref }) => ref),
          ],
          origin: plan.origin,
        },
        signal,
      );
      inventoryWritten = true;
    }
    if (objects.length === 0) continue;
    await request.beforeWave?.(wave);
    signal?.throwIfAborted();
    const limit = pLimit(PARALLEL);
    const outcomes = await Promise.all(
      objects.map(prepared =>
        limit(async () => {
          const outcome = await applyOne(cluster, prepared, consent, request, signal);
          if (outcome !== null) report(outcome);
          return outcome;
        }),
      ),
    );
    signal?.throwIfAborted();
    if (outcomes.some(outcome => outcome?.result === 'failed')) failedWave = wave;
    else if (wave === 'crds' || wave === 'namespaces') {
      const changed = objects.filter((_, index) => outcomes[index]?.result !== 'unchanged');
      const problems = await awaitServed(
        cluster,
        changed.map(({ planned }) => planned.ref),
        signal,
      );
      for (const { ref, message } of problems) report(result(ref, 'failed', message));
      if (problems.length > 0) failedWave = wave;
      if (wave === 'crds' && changed.length > 0) cluster.refreshResources();
    }
  }
  return results;
}

async function applyOne(
  cluster: Cluster,
  prepared: PreparedObject,
  consent: ReadonlySet<string>,
  request: ApplyObjectsRequest,
  signal?: AbortSignal,
): Promise<ObjectResult | null> {
  const { planned, object, consentMeans, conflicts } = prepared;
  const { ref, action } = planned;
  if (action === 'none') return result(ref, 'unchanged', 'unchanged');
  if (action === 'blocked') return result(ref, 'failed', planned.problem?.message ?? planned.reason);
  if (action === 'ask' && !consent.has(refKey(ref)))
    return { ...result(ref, 'skipped', `not agreed: ${planned.reason}`), conflicts };
  try {
    signal?.throwIfAborted();
    if (action === 'replace' || (action === 'ask' && consentMeans === 'replace')) {
      await replace(cluster, prepared, signal);
      return result(ref, 'replaced', 'deleted and made anew');
    }
    const force = consentMeans === 'force';
    const onWarning = (text: string): void => request.onWarning?.(ref, text);
    const applied = await settle(
      () => cluster.apply(object, { force, onWarning, ...(signal && { signal }) }),
      cluster,
      signal,
    );
    if (action === 'create' && prepared.live === null) return result(ref, 'created', 'created');
    const same = applied.metadata.resourceVersion === prepared.live?.metadata.resourceVersion;
    return { ...result(ref, same ? 'unchanged' : 'changed', planned.reason), conflicts };
  } catch (error) {
    if (signal?.aborted || isAbort(error)) return null;
    const failure =
      error instanceof PtahError ? error : new PtahError('unexpected', String(error), { cause: error });
    const owners = failure instanceof ApiError ? fieldConflicts(failure.apiStatus) : [];
    const hint = failure.hint === undefined ? '' : ` ${failure.hint}`;
    return { ref, result: 'failed', message: `${failure.message}${hint}`, conflicts: owners };
  }
}

/** Deletes the object with all that hangs on it, waits until it is gone, and makes it anew. */
async function replace(
  cluster: Cluster,
  { planned, object, live }: PreparedObject,
  signal?: AbortSignal,
): Promise<void> {
  const uid = live?.metadata.uid;
  try {
    await cluster.remove(planned.ref, {
      propagation: 'Foreground',
      ...(typeof uid === 'string' && { uid }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (!(error instanceof PtahError) || error.code !== 'not-found') throw error;
  }
  await awaitDeleted(cluster, planned.ref, signal);
  await settle(() => cluster.apply(object, signal && { signal }), cluster, signal);
}

async function settle<T>(attempt: () => Promise<T>, cluster: Cluster, signal?: AbortSignal): Promise<T> {
  const deadline = Date.now() + SETTLING_MS;
  for (let waitMs = 200; ; waitMs = Math.min(waitMs * 2, 2_000)) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof PtahError) || !isSettling(error) || Date.now() + waitMs > deadline) throw error;
      if (error.code === 'unknown-kind') cluster.refreshResources();
    }
    await sleep(waitMs, undefined, signal && { signal });
  }
}

function isSettling(error: PtahError): boolean {
  if (error.code === 'unknown-kind') return true;
  if (error.code === 'busy') return !/denied the request/.test(error.message);
  if (error.code === 'conflict')
    return error instanceof ApiError && (error.details.problems ?? []).length === 0;
  return (
    error.code === 'forbidden' &&
    /serviceaccount "[^"]*" not found|error looking up service account/.test(error.message)
  );
}

function isInventoryComplete({ plan }: ApplyObjectsRequest): boolean {
  const home = plan.inventory.parents.some(({ namespace }) => namespace === plan.namespace);
  const members = new Set(plan.inventory.members.map(({ ref }) => refKey(ref)));
  const { folder, machine } = plan.inventory.origin ?? {};
  const sameOrigin =
    plan.origin === null || (plan.origin.folder === folder && plan.origin.machine === machine);
  return home && sameOrigin && plan.objects.every(({ planned }) => members.has(refKey(planned.ref)));
}

function result(ref: ObjectRef, outcome: ObjectResult['result'], message: string): ObjectResult {
  return { ref, result: outcome, message: message || refText(ref), conflicts: [] };
}
