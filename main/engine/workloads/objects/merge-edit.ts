import { sameJson } from '../../manifests/index.ts';

/**
 * What was edited from `base` to `mine`, done to `live` (RFC 7386 by way of both): fields that the edit did not touch are
 * as they are now. Lists are one value, as in a merge patch, except lists of named items, which are merged by name. Pure.
 */
export function mergeEdit(base: unknown, mine: unknown, live: unknown): unknown {
  if (sameJson(base, mine)) return live;
  if (isRecord(base) && isRecord(mine) && isRecord(live)) {
    const merged: Record<string, unknown> = { ...live };
    for (const key of new Set([...Object.keys(base), ...Object.keys(mine)])) {
      if (!(key in mine)) delete merged[key];
      else if (!sameJson(base[key], mine[key])) merged[key] = mergeEdit(base[key], mine[key], live[key]);
    }
    return merged;
  }
  const [before, after, now] = [byName(base), byName(mine), byName(live)];
  if (before === null || after === null || now === null) return mine;
  const kept = [...now].filter(([name]) => after.has(name) || !before.has(name));
  const added = [...after].filter(([name]) => !now.has(name) && !before.has(name));
  return [...kept, ...added].map(([name, item]) =>
    after.has(name) && before.has(name) ? mergeEdit(before.get(name), after.get(name), item) : item,
  );
}

/** The items of a list whose every item has a name of its own; null for any other list. */
function byName(list: unknown): ReadonlyMap<string, unknown> | null {
  if (!Array.isArray(list)) return null;
  const named = new Map<string, unknown>();
  for (const item of list as readonly unknown[]) {
    if (!isRecord(item) || typeof item.name !== 'string' || named.has(item.name)) return null;
    named.set(item.name, item);
  }
  return named;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
