import { FIELD_MANAGER } from '../../cluster/index.ts';
import type { FieldConflict } from '../../cluster/index.ts';
import { sameJson } from '../../manifests/index.ts';
import type { KubernetesObject } from '../../manifests/index.ts';
import { entries, items, record, text } from './json.ts';

/** Fields in which `after` differs from `live` and which somebody else than us wrote last. Pure. */
export function fieldsOfOthers(live: KubernetesObject, after: KubernetesObject): FieldConflict[] {
  const managers = items(live.metadata.managedFields)
    .map(record)
    .map(entry => ({ name: text(entry.manager), fields: record(entry.fieldsV1) }))
    .filter(({ name }) => name !== '' && name !== FIELD_MANAGER);
  const found: FieldConflict[] = [];
  for (const { name, fields } of managers) compare(name, '', fields, live, after, found);
  return found;
}

/** Walks one manager's field set (`f:name`, `k:{…}`) beside both states. */
function compare(
  manager: string,
  path: string,
  fields: Readonly<Record<string, unknown>>,
  live: unknown,
  after: unknown,
  found: FieldConflict[],
): void {
  if (sameJson(live, after)) return;
  const inner = entries(fields).filter(([key]) => key !== '.');
  if (inner.length === 0) {
    if (live !== undefined && !isServers(path)) found.push({ manager, field: path });
    return;
  }
  for (const [key, below] of inner) {
    if (key.startsWith('f:')) {
      const name = key.slice(2);
      const next = path === '' ? name : `${path}.${name}`;
      compare(manager, next, record(below), record(live)[name], record(after)[name], found);
    } else if (key.startsWith('k:')) {
      const wanted = parseRecord(key.slice(2));
      const pick = (list: unknown): unknown =>
        items(list).find(item => entries(wanted).every(([name, value]) => record(item)[name] === value));
      const label = entries(wanted)
        .map(([, value]) => text(value))
        .join('/');
      compare(manager, `${path}[${label}]`, record(below), pick(live), pick(after), found);
    }
  }
}

/** What changes with every write, whoever writes. */
const isServers = (path: string): boolean =>
  path.startsWith('status') || /^metadata\.(generation|resourceVersion|managedFields)$/.test(path);

function parseRecord(json: string): Readonly<Record<string, unknown>> {
  try {
    return record(JSON.parse(json));
  } catch {
    return {};
  }
}
