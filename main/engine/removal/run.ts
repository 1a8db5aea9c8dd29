import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployEvent, RemovedItem } from '../deploy/index.ts';
import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import { refKey } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import { normaliseReference } from '../targets/index.ts';
import type { RemovalEffects } from './effects.ts';
import { planRemoval } from './plan.ts';
import { summaryOf } from './summary.ts';
import type { RemovalGroupId, RemovalItem, RemovalPlan, RemovalResult } from './types.ts';
import type { RemovalWorld } from './world.ts';

export interface RemovalRequest {
  readonly project: Project;
  /** Of the list that the user was shown; null takes whatever the list is now. */
  readonly fingerprint: string | null;
  readonly groups: readonly RemovalGroupId[];
}

export interface RemovalContext {
  readonly signal: AbortSignal;
  readonly emit: (event: DeployEvent) => void;
  readonly report: (status: string, progress?: number | null) => void;
  /** How long pods may take to end before their images are left on the node. */
  readonly podsLimitMs?: number;
}

/** A pod may take half a minute to end, and its volumes and images only then are free. */
const podsLimitMs = 90_000;

/**
 * Takes away what was agreed to, and tells of each thing whether it went. What can't be removed stops nothing else. Only the very
 * things of the list go: when the list is another one by now, nothing is touched.
 */
export async function runRemoval(
  { project, fingerprint, groups }: RemovalRequest,
  effects: RemovalEffects,
  context: RemovalContext,
): Promise<RemovalResult> {
  const { signal } = context;
  context.report('Looking at what there is');
  const world = await effects.gather(signal);
  const plan = planRemoval(project, world);
  if (fingerprint !== null && fingerprint !== plan.fingerprint)
    throw new PtahError('removal-changed', `What ${project.name} has is not what the list showed any more.`, {
      hint: 'Look at the list again; nothing was removed.',
    });
  const chosen = chosenItems(plan, groups);
  const teller = createTeller(chosen.length, context);
  const run: Run = { plan, world, effects, context, teller, of: id => itemsOf(chosen, id) };

  const needsHold = chosen.some(({ group }) =>
    ['objects', 'volumes', 'namespaces', 'cluster'].includes(group),
  );
  const release = needsHold && world.inside ? await effects.hold(signal) : null;
  try {
    await stopLive(run);
    if (run.of('cluster').length > 0) await deleteCluster(run);
    else {
      await removeObjects(run);
      await removeNodeImages(run, groups.includes('objects'));
    }
    await removeImages(run);
    await removeOutput(run);
  } finally {
    await release?.();
  }
  if (run.of('objects').length > 0 && run.of('cluster').length === 0)
    await effects.forgetNotes(signal).catch(rethrowAbort(signal));
  const removed = teller.told.filter(({ outcome }) => outcome !== 'failed');
  const failed = teller.told.filter(({ outcome }) => outcome === 'failed');
  return { removed, failed, summary: summaryOf(removed, failed) };
}

interface Chosen {
  readonly group: RemovalGroupId;
  readonly item: RemovalItem;
}

interface Run {
  readonly plan: RemovalPlan;
  readonly world: RemovalWorld;
  readonly effects: RemovalEffects;
  readonly context: RemovalContext;
  readonly teller: Teller;
  readonly of: (group: RemovalGroupId) => readonly RemovalItem[];
}

const itemsOf = (chosen: readonly Chosen[], id: RemovalGroupId) =>
  chosen.flatMap(({ group, item }) => (group === id ? [item] : []));

/** With the cluster goes everything in it: it is not taken apart first. */
function chosenItems(plan: RemovalPlan, wanted: readonly RemovalGroupId[]): readonly Chosen[] {
  const withCluster =
    wanted.includes('cluster') && plan.groups.some(({ id, items }) => id === 'cluster' && items.length > 0);
  const inside = new Set<RemovalGroupId>(['objects', 'node-images', 'volumes', 'namespaces']);
  return plan.groups
    .filter(({ id }) => wanted.includes(id) && !(withCluster && inside.has(id)))
    .flatMap(({ id, items }) => items.map(item => ({ group: id, item })));
}

interface Teller {
  readonly told: readonly RemovedItem[];
  tell(group: RemovalGroupId, item: RemovalItem, outcome: RemovedItem['outcome'], message?: string): void;
}

function createTeller(total: number, { emit, report }: RemovalContext): Teller {
  const told: RemovedItem[] = [];
  return {
    told,
    tell(group, { id, kind, name, where }, outcome, message = '') {
      const item = { id, group, title: `${kind} ${name}`, where, outcome, message };
      told.push(item);
      emit({ type: 'removed', item });
      report(`${item.title}: ${outcome}`, total === 0 ? null : told.length / total);
    },
  };
}

/** Does one thing and tells how it went; only a cancel goes further up. */
async function attempt(run: Run, group: RemovalGroupId, item: RemovalItem, work: () => Promise<void>) {
  run.context.signal.throwIfAborted();
  try {
    await work();
    run.teller.tell(group, item, 'removed');
  } catch (error) {
    if (run.context.signal.aborted && isAbort(error)) throw error;
    const { code, message } = toPtahError(error);
    if (code === 'not-found') run.teller.tell(group, item, 'gone');
    else run.teller.tell(group, item, 'failed', message);
  }
}

async function stopLive(run: Run): Promise<void> {
  for (const item of run.of('live'))
    await attempt(run, 'live', item, () => run.effects.stopLive(item.id.slice('live:'.length)));
}

async function deleteCluster(run: Run): Promise<void> {
  const { effects, context } = run;
  for (const item of run.of('cluster')) {
    context.report(`Deleting the cluster ${item.name}`);
    await attempt(run, 'cluster', item, () =>
      effects.deleteCluster(text => context.emit({ type: 'log', step: 'cluster', text }), context.signal),
    );
  }
}

async function removeObjects({ of, world, effects, context, teller }: Run): Promise<void> {
  const groups = ['objects', 'volumes', 'namespaces'] as const;
  const all = groups.flatMap(group => of(group).map(item => ({ group, item })));
  if (all.length === 0 || !world.inside) return;
  const byKey = new Map(
    all.flatMap(entry => (entry.item.ref ? [[refKey(entry.item.ref), entry] as const] : [])),
  );
  const staying = of('volumes').length > 0 ? [] : world.inside.claims.map(({ ref }) => ref);
  // who may not label claims removes all the same; they are then found by their names only while the StatefulSet is there
  if (staying.length > 0) await effects.keepClaims(staying, context.signal).catch(() => {});
  context.report(`Removing ${all.length} objects`);
  await effects.removeObjects(
    world.inside.inventory,
    all.flatMap(({ item: { id, ref } }) => (ref ? [{ ref, uid: id.slice(id.lastIndexOf('#') + 1) }] : [])),
    ({ ref }, { failure, gone }) => {
      const entry = byKey.get(refKey(ref));
      const outcome = failure !== null ? 'failed' : gone ? 'gone' : 'removed';
      if (entry) teller.tell(entry.group, entry.item, outcome, failure ?? '');
    },
    context.signal,
  );
}

/** An image goes once no pod needs it: containerd would let it go under a running one, and the next restart would fail. */
async function removeNodeImages(run: Run, podsEnd: boolean): Promise<void> {
  const { effects, context, teller } = run;
  const items = run.of('node-images');
  if (items.length === 0) return;
  const users = await waitForPods(run, items, podsEnd ? (context.podsLimitMs ?? podsLimitMs) : 0);
  const used = (item: RemovalItem) => users.get(normaliseReference(item.name)) ?? [];
  for (const item of items.filter(item => used(item).length > 0))
    teller.tell('node-images', item, 'failed', `used by ${used(item).join(', ')}`);
  const free = items.filter(item => used(item).length === 0);
  for (const node of new Set(free.map(({ where }) => where))) {
    const mine = free.filter(({ where }) => where === node);
    context.signal.throwIfAborted();
    try {
      const left = await effects.forgetNodeImages(
        node ?? '',
        mine.map(({ name }) => name),
        context.signal,
      );
      for (const item of mine) {
        const reason = left.get(item.name);
        teller.tell('node-images', item, reason === undefined ? 'removed' : 'failed', reason);
      }
    } catch (error) {
      if (context.signal.aborted && isAbort(error)) throw error;
      for (const item of mine) teller.tell('node-images', item, 'failed', toPtahError(error).message);
    }
  }
}

async function waitForPods({ effects, context }: Run, items: readonly RemovalItem[], limitMs: number) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const users = await effects.imageUsers(context.signal);
    const busy = items.filter(({ name }) => (users.get(normaliseReference(name)) ?? []).length > 0);
    if (busy.length === 0 || Date.now() >= deadline) return users;
    context.report('Waiting until the pods have ended');
    await sleep(500, undefined, { signal: context.signal });
  }
}

async function removeImages(run: Run): Promise<void> {
  for (const item of run.of('images')) {
    const [name = ''] = item.id.slice('docker:'.length).split('@');
    await attempt(run, 'images', item, () => run.effects.removeImage(name));
  }
}

async function removeOutput(run: Run): Promise<void> {
  for (const item of run.of('output')) await attempt(run, 'output', item, () => run.effects.removeOutput());
}

const rethrowAbort = (signal: AbortSignal) => (error: unknown) => {
  // notes that stay do no harm: the next deploy takes them over
  if (signal.aborted && isAbort(error)) throw error;
};
