import type { KubernetesObject } from '../manifests/index.ts';
import { kindConfigDigest } from './kind-config.ts';
import type { Cluster } from './types.ts';

const RECORD = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: 'ptah-desktop-kind',
} as const;

/** Writes into the cluster itself which Kind configuration it was made from, and for which project. */
export async function recordKindConfig(
  cluster: Cluster,
  configText: string,
  { project, signal }: { readonly project?: string; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const record: KubernetesObject = {
    apiVersion: RECORD.apiVersion,
    kind: RECORD.kind,
    metadata: { name: RECORD.name, namespace: RECORD.namespace },
    data: {
      'config-digest': kindConfigDigest(configText),
      config: configText,
      ...(project !== undefined && { project }),
    },
  };
  await cluster.apply(record, { force: true, ...(signal && { signal }) });
}

/** Whether the configuration differs from the one that the cluster was made from; false where nobody recorded it. */
export async function kindConfigChanged(
  cluster: Cluster,
  configText: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const record = await cluster.get(RECORD, signal);
  const data = record?.data as Record<string, string> | undefined;
  const digest = data?.['config-digest'];
  return digest !== undefined && digest !== kindConfigDigest(configText);
}

/** For which project we made the cluster; `project` is null where it was made before that was noted. Null: not made by us. */
export async function readKindRecord(
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<{ readonly project: string | null } | null> {
  const record = await cluster.get(RECORD, signal);
  if (record === null) return null;
  const data = record.data as Record<string, string> | undefined;
  return { project: data?.project ?? null };
}
