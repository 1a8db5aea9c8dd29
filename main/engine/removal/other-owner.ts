import { FIELD_MANAGER } from '../cluster/index.ts';
import type { InventoryMember } from '../manifests/index.ts';

/** Labels can be copied; the cluster's own notes tell who applied an object. */
export function otherOwner({ managers, helmRelease }: InventoryMember): string | null {
  if (helmRelease !== undefined) return `it belongs to the Helm release ${helmRelease}`;
  if (managers === undefined || managers.includes(FIELD_MANAGER)) return null;
  const who = managers.length === 0 ? 'nobody knows who' : managers.join(' and ');
  return `it carries the project’s label, but ${who} made it`;
}
