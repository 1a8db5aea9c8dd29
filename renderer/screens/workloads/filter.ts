import type { ObjectRow } from '../../../preload/contract/objects.ts';
import type { WorkloadView } from '../../../preload/contract/workloads.ts';

export interface ObjectFilter {
  readonly text: string;
  /** Null for all. */
  readonly namespace: string | null;
  readonly kind: string | null;
}
export const noFilter: ObjectFilter = { text: '', namespace: null, kind: null };

export const isFiltering = ({ text, namespace, kind }: ObjectFilter): boolean =>
  text.trim() !== '' || namespace !== null || kind !== null;

/** Workloads that fit, with the pods that fit; all of its pods where the workload itself is what was asked for. */
export function filterWorkloads(
  workloads: readonly WorkloadView[],
  filter: ObjectFilter,
): readonly WorkloadView[] {
  if (!isFiltering(filter)) return workloads;
  const word = filter.text.trim().toLowerCase();
  return workloads.flatMap(workload => {
    if (!fitsPlace(workload.ref, filter)) return [];
    if (word === '' || hasWord(word, workload.ref.name, workload.status)) return [workload];
    const pods = workload.pods.filter(
      pod =>
        hasWord(word, pod.name, pod.status, pod.node ?? '') ||
        pod.containers.some(({ name, image, status }) => hasWord(word, name, image, status)),
    );
    return pods.length === 0 ? [] : [{ ...workload, pods }];
  });
}

export function filterObjects<T extends Pick<ObjectRow, 'ref'> & { readonly summary?: string }>(
  objects: readonly T[],
  filter: ObjectFilter,
): readonly T[] {
  if (!isFiltering(filter)) return objects;
  const word = filter.text.trim().toLowerCase();
  return objects.filter(
    ({ ref, summary = '' }) =>
      fitsPlace(ref, filter) && (word === '' || hasWord(word, ref.name, ref.kind, summary)),
  );
}

/** Kinds that are there: workloads first, then the rest by name. */
export function kindsOf(
  workloads: readonly WorkloadView[],
  others: readonly { readonly ref: { readonly kind: string } }[],
): readonly string[] {
  const own = new Set(workloads.map(({ ref }) => ref.kind));
  const rest = new Set(others.map(({ ref }) => ref.kind));
  return [...[...own].sort(), ...[...rest].filter(kind => !own.has(kind)).sort()];
}

export function namespacesOf(
  objects: readonly { readonly ref: { readonly namespace: string | null } }[],
): readonly string[] {
  return [...new Set(objects.flatMap(({ ref }) => ref.namespace ?? []))].sort();
}

const fitsPlace = (
  ref: { readonly namespace: string | null; readonly kind: string },
  { namespace, kind }: ObjectFilter,
): boolean => (namespace === null || ref.namespace === namespace) && (kind === null || ref.kind === kind);

const hasWord = (word: string, ...texts: readonly string[]): boolean =>
  texts.some(text => text.toLowerCase().includes(word));
