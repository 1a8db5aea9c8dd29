import type { KubernetesObject } from './types.ts';

interface StatefulSetSpec {
  readonly volumeClaimTemplates?: readonly { readonly metadata?: { readonly name?: string } }[];
}

/**
 * Whether a claim was made for a StatefulSet of the same namespace. Such claims outlive the set and carry no label or owner
 * (unless the set retains them otherwise): only their names say whose they are, `TEMPLATE-SET-NUMBER` as the controller gives them.
 */
export function isClaimOf(set: KubernetesObject, claim: KubernetesObject): boolean {
  if ((claim.metadata.namespace ?? null) !== (set.metadata.namespace ?? null)) return false;
  const { volumeClaimTemplates = [] } = (set.spec ?? {}) as StatefulSetSpec;
  return volumeClaimTemplates.some(({ metadata }) => {
    const stem = `${metadata?.name ?? ''}-${set.metadata.name}-`;
    return claim.metadata.name.startsWith(stem) && /^\d+$/.test(claim.metadata.name.slice(stem.length));
  });
}
