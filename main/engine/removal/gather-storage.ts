import type { Cluster } from '../cluster/index.ts';
import {
  isClaimOf,
  listEverywhere,
  PROJECT_LABEL,
  projectLabel,
  refKey,
  type Inventory,
  type KubernetesObject,
  type ObjectRef,
} from '../manifests/index.ts';
import type { Project } from '../project/index.ts';
import type { InsideCluster } from './world.ts';

/** The claims that the project’s StatefulSets were given, and those that an earlier removal left: they carry the project’s label since then. */
export async function claimsOfStatefulSets(
  cluster: Cluster,
  project: Project,
  { members }: Inventory,
  signal: AbortSignal,
): Promise<InsideCluster['claims']> {
  const sets = members.filter(({ ref }) => ref.kind === 'StatefulSet');
  const found = await Promise.all(
    sets.map(async ({ ref }) => {
      const set = await cluster.get(ref, signal);
      if (set === null) return [];
      const { items } = await cluster.list({ ...claimKind, namespace: ref.namespace }, signal);
      return items
        .filter(claim => isClaimOf(set, claim))
        .map(object => claimOf(object, `made for StatefulSet ${ref.name}`));
    }),
  );
  const listed = new Set(members.map(({ ref }) => refKey(ref)));
  const labelSelector = `${PROJECT_LABEL}=${projectLabel(project.name)}`;
  const namespaces = [
    ...new Set([project.config.namespace ?? 'default', ...members.flatMap(({ ref }) => ref.namespace ?? [])]),
  ];
  const left = (await listEverywhere(cluster, { ...claimKind, labelSelector }, namespaces, signal)).items.map(
    object => claimOf(object, 'left by an earlier removal'),
  );
  const all = [...left, ...found.flat()].filter(({ ref }) => !listed.has(refKey(ref)));
  return [...new Map(all.map(claim => [claim.uid, claim])).values()];
}

const claimKind = { apiVersion: 'v1', kind: 'PersistentVolumeClaim' } as const;

const claimOf = ({ metadata }: KubernetesObject, why: string): InsideCluster['claims'][number] => ({
  ref: { ...claimKind, namespace: metadata.namespace ?? null, name: metadata.name },
  uid: typeof metadata.uid === 'string' ? metadata.uid : '',
  why,
});

interface StorageFacts {
  readonly spec?: {
    readonly volumeName?: string;
    readonly persistentVolumeReclaimPolicy?: string;
    readonly hostPath?: { readonly path?: string };
    readonly capacity?: { readonly storage?: string };
    readonly resources?: { readonly requests?: { readonly storage?: string } };
  };
  readonly status?: { readonly capacity?: { readonly storage?: string } };
}

/** How large claims and volumes are, and what becomes of the data. */
export async function storageOf(
  cluster: Cluster,
  members: readonly { readonly ref: ObjectRef }[],
  signal: AbortSignal,
): Promise<InsideCluster['storage']> {
  const stored = members.filter(({ ref }) => ref.kind.startsWith('PersistentVolume'));
  const entries = await Promise.all(
    stored.map(async ({ ref }) => {
      const object = (await cluster.get(ref, signal)) as StorageFacts | null;
      const { spec = {}, status } = object ?? {};
      const size = status?.capacity?.storage ?? spec.capacity?.storage ?? spec.resources?.requests?.storage;
      const volume =
        ref.kind === 'PersistentVolumeClaim' && spec.volumeName
          ? await cluster.get(
              { apiVersion: 'v1', kind: 'PersistentVolume', namespace: null, name: spec.volumeName },
              signal,
            )
          : null;
      return [
        refKey(ref),
        {
          bytes: size === undefined ? null : bytesOf(size),
          note: noteOf(spec, volume as StorageFacts | null),
        },
      ] as const;
    }),
  );
  return new Map(entries);
}

function noteOf(spec: NonNullable<StorageFacts['spec']>, volume: StorageFacts | null): string | null {
  if (spec.hostPath?.path) return `the files in ${spec.hostPath.path} stay`;
  if (!volume) return null;
  return volume.spec?.persistentVolumeReclaimPolicy === 'Delete'
    ? 'its data goes with it'
    : `its volume ${spec.volumeName} stays: it is to be retained`;
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A quantity of Kubernetes, such as `1Gi`. */
export function bytesOf(quantity: string): number | null {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([kMGTP]|[KMGTP]i)?$/.exec(quantity) ?? [];
  return number === undefined ? null : Math.round(Number(number) * (units[unit] ?? 1));
}
