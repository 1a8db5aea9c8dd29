import { sameJson } from './clean.ts';
import type { KubernetesObject } from './types.ts';

interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly apiVersion?: string;
  readonly fieldsV1?: FieldSet;
}

interface FieldSet {
  readonly [key: string]: FieldSet;
}

/**
 * Whether applying `object` again would change nothing, told from the live object alone: the server notes which fields
 * we applied last (`managedFields`), and if these are exactly the fields of the manifest and all still have its values,
 * server-side apply is a no-op. Where the answer takes the schema's knowledge (quantities, defaults inside keys), it is
 * false and a dry run decides. This saves 200 dry runs in a deploy that has nothing to do.
 */
export function isAlreadyApplied(object: KubernetesObject, live: KubernetesObject, manager: string): boolean {
  const entries = live.metadata.managedFields as readonly ManagedFields[] | undefined;
  const entry = entries?.find(
    field => field.manager === manager && field.operation === 'Apply' && !field.subresource,
  );
  if (entry?.fieldsV1 === undefined || entry.apiVersion !== object.apiVersion) return false;
  return owns(entry.fieldsV1, withoutIdentity(object), withoutIdentity(live));
}

// `managedFields` never names these.
function withoutIdentity(object: KubernetesObject): Record<string, unknown> {
  const { apiVersion: _, kind: __, metadata, ...rest } = object;
  const { name: ___, namespace: ____, creationTimestamp: _____, ...others } = metadata;
  return Object.keys(others).length === 0 ? rest : { ...rest, metadata: others };
}

function owns(fields: FieldSet, mine: unknown, live: unknown): boolean {
  const keys = Object.keys(fields).filter(key => key !== '.');
  if (keys.length === 0) return '.' in fields ? isEmptyOf(mine, live) : mine !== null && sameJson(mine, live);
  const kind: string = keys[0]?.slice(0, 2) ?? '';
  if (!keys.every(key => key.startsWith(kind))) return false;
  switch (kind) {
    case 'f:':
      return ownsFields(fields, keys, mine, live);
    case 'k:':
      return ownsItems(fields, keys, mine, live);
    case 'v:':
      return ownsValues(keys, mine, live);
    default:
      return false;
  }
}

function ownsFields(fields: FieldSet, keys: readonly string[], mine: unknown, live: unknown): boolean {
  if (!isRecord(mine) || !isRecord(live) || Object.keys(mine).length !== keys.length) return false;
  return keys.every(key => {
    const name = key.slice(2);
    const field = fields[key];
    return name in mine && name in live && field !== undefined && owns(field, mine[name], live[name]);
  });
}

function ownsItems(fields: FieldSet, keys: readonly string[], mine: unknown, live: unknown): boolean {
  if (!Array.isArray(mine) || !Array.isArray(live) || mine.length !== keys.length) return false;
  // The order of such a list is ours too: a container that moved is a change that the server would make.
  const order = live.filter(item => keys.some(key => hasKey(item, key)));
  return mine.every((item, index) => {
    const key = keys.find(candidate => hasKey(item, candidate));
    const field = key === undefined ? undefined : fields[key];
    return (
      key !== undefined && field !== undefined && hasKey(order[index], key) && owns(field, item, order[index])
    );
  });
}

function ownsValues(keys: readonly string[], mine: unknown, live: unknown): boolean {
  if (!Array.isArray(mine) || !Array.isArray(live) || mine.length !== keys.length) return false;
  const values = keys.map(key => parseJson(key.slice(2)));
  return values.every(
    value => mine.some(item => sameJson(item, value)) && live.some(item => sameJson(item, value)),
  );
}

/** Whether a list's item is the one that `k:{"containerPort":80,"protocol":"TCP"}` names. */
function hasKey(item: unknown, key: string): boolean {
  const wanted = parseJson(key.slice(2));
  if (!isRecord(item) || !isRecord(wanted)) return false;
  // The one default that is part of keys in core kinds: ports left without a protocol are TCP.
  return Object.entries(wanted).every(([name, value]) =>
    sameJson(item[name] ?? (name === 'protocol' ? 'TCP' : undefined), value),
  );
}

function isEmptyOf(mine: unknown, live: unknown): boolean {
  return isRecord(mine) && Object.keys(mine).length === 0 && isRecord(live);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
