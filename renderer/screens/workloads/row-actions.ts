import type { ForwardOffer, ForwardView } from '../../../preload/contract/forwards.ts';
import type { ForwardTarget } from '../../../preload/contract/forwards.ts';
import { toFailure } from '../../stores/failure.ts';
import { forwardOf } from '../../stores/forwards.ts';
import { refKey } from '../../stores/job-view.ts';
import type { Stores } from '../../stores/stores.ts';
import { count } from '../../text/words.ts';
import { refOfRow, type TreeRow } from './tree.ts';

type Needed = Pick<Stores, 'client' | 'forwards' | 'toasts'>;

/** What Kubernetes can renew pod by pod. */
const restarts: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

export const mayRestart = ({ workload }: TreeRow): boolean => restarts.has(workload.ref.kind);

/** A key that is held, or pressed in the tree and the inspector, is one wish. */
const underWay = new Set<string>();

async function once(key: string, work: () => Promise<void>): Promise<void> {
  if (underWay.has(key)) return;
  underWay.add(key);
  try {
    await work();
  } finally {
    underWay.delete(key);
  }
}

/** Renews the pods of the workload that the row is of. Its end is the tree's to show. */
export function restartRow({ client, toasts }: Needed, projectId: string, row: TreeRow): Promise<void> {
  const { ref } = row.workload;
  const name = `${ref.kind} ${ref.name}`;
  const key = `object ${refKey(ref)}`;
  return once(`restart ${projectId} ${key}`, async () => {
    try {
      const { message } = await client.request('objects.restart', { projectId, ref });
      toasts.show({ key, tone: 'done', title: message, line: '', action: null });
    } catch (thrown) {
      const { message, hint } = toFailure(thrown);
      const line = `${message} ${hint ?? ''}`;
      toasts.show({ key, tone: 'bad', title: `Restart of ${name} failed`, line, action: null });
    }
  });
}

/** What the row's ports are asked of; a container's are declared in its pod. */
export function forwardTargetOf(row: TreeRow): ForwardTarget {
  const { apiVersion, kind, namespace, name } = refOfRow(row);
  return { apiVersion, kind, name, namespace: namespace ?? 'default' };
}

/** Forwards every port that the row declares; where one is forwarded already, ends what is. */
export function toggleForwards(stores: Needed, projectId: string, row: TreeRow): Promise<void> {
  const { client, forwards, toasts } = stores;
  const target = forwardTargetOf(row);
  const name = row.kind === 'container' ? row.container.name : target.name;
  const key = `forward ${refKey(target)}`;
  const tell = (tone: 'done' | 'warn' | 'bad', title: string, line = '', address: string | null = null) =>
    toasts.show({
      key,
      tone,
      title,
      line,
      action: address === null ? null : { label: 'Open', run: () => forwards.open(address) },
    });
  return once(`forward ${projectId} ${refKey(target)}`, async () => {
    try {
      const { offers } = await client.request('forwards.offers', { projectId, target });
      const own = offers.filter(({ container }) => row.kind !== 'container' || container === name);
      if (own.length === 0)
        return tell('warn', `${name} declares no port`, 'A port of a Service can be forwarded below.');
      const known = own.map(offer => ({ offer, forward: forwardOfOffer(stores, projectId, offer) }));
      const on = known.flatMap(({ forward }) => (forward?.on === true ? [forward] : []));
      if (on.length > 0) {
        await Promise.all(
          on.map(({ id }) => client.request('forwards.switch', { projectId, id, on: false })),
        );
        return tell('done', `${name} is not forwarded any more`, count(on.length, 'port'));
      }
      const begun = await Promise.all(
        known.map(async ({ offer, forward }): Promise<ForwardView | null> => {
          if (forward === null)
            return client.request('forwards.start', { projectId, target, port: offer.port, localPort: null });
          await client.request('forwards.switch', { projectId, id: forward.id, on: true });
          return null;
        }),
      );
      const views = begun.flatMap((view, at) => view ?? known[at]?.forward ?? []);
      const bad = begun.find(view => view !== null && (view.state === 'taken' || view.state === 'failed'));
      const web = begun.find(view => view?.state === 'active' && view.web) ?? null;
      tell(
        bad ? 'bad' : 'done',
        bad ? `Not every port of ${name} is forwarded` : `${name} is forwarded`,
        bad?.message ?? views.map(({ address }) => address).join(', '),
        web?.address ?? null,
      );
    } catch (thrown) {
      const { message, hint } = toFailure(thrown);
      tell('bad', message, hint ?? '');
    }
  });
}

const forwardOfOffer = ({ forwards }: Needed, projectId: string, offer: ForwardOffer): ForwardView | null =>
  forwardOf(forwards.snapshots.get(projectId).value, offer.target, [
    offer.port,
    offer.number,
    offer.portName,
  ]);
