import type { KubernetesObject } from '../manifests/index.ts';
import { kindConfigDigest } from './kind-config.ts';
import type { Cluster } from './types.ts';

const RECORD = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  namespace: 'kube-system',
  name: 'ptah-desktop-kind',
} as const;

/** Writes into the cluster itself which Kind configuration it was made from. */
export async function recordKindConfig(
  cluster: Cluster,
  configText: string,
  signal?: AbortSignal,
): Promise<void> {
  const record: KubernetesObject = {
    apiVersion: RECORD.apiVersion,
    kind: RECORD.kind,
    metadata: { name: RECORD.name, namespace: RECORD.namespace },
    data: { 'config-digest': kindConfigDigest(configText), config: configText },
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
