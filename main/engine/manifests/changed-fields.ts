import { cleanObject, sameJson } from './clean.ts';
import type { KubernetesObject } from './types.ts';

export interface ChangedField {
  /** `spec.template.spec.containers[api].image` */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** Fields in which two states of an object differ, without what only the server writes. */
export function changedFields(before: KubernetesObject, after: KubernetesObject): ChangedField[] {
  const found: ChangedField[] = [];
  compare('', cleanObject(before), cleanObject(after), found);
  return found;
}

/** `image: api:1 → api:2, and 2 more fields`: the first change in words. */
export function describeChanges(changes: readonly ChangedField[]): string {
  // An image says most about a deploy.
  const first = changes.find(({ path }) => path.endsWith('.image')) ?? changes[0];
  if (first === undefined) return 'nothing changes';
  const more =
    changes.length === 1
      ? ''
      : `, and ${changes.length - 1} more ${changes.length === 2 ? 'field' : 'fields'}`;
  const { before, after } = first;
  if (before === undefined) return `adds ${first.path}${more}`;
  if (after === undefined) return `removes ${first.path}${more}`;
  const values = isShort(before) && isShort(after) ? `: ${String(before)} → ${String(after)}` : '';
  return `changes ${first.path}${values}${more}`;
}

function compare(path: string, before: unknown, after: unknown, found: ChangedField[]): void {
  if (sameJson(before, after)) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(path === '' ? key : `${path}${joined(key)}`, before[key], after[key], found);
    }
    return;
  }
  if (
    Array.isArray(before) &&
    Array.isArray(after) &&
    before.length === after.length &&
    before.every((item, index) => nameOf(item) === nameOf(after[index]))
  ) {
    before.forEach((item, index) => compare(`${path}[${nameOf(item) ?? index}]`, item, after[index], found));
    return;
  }
  found.push({ path, before, after });
}

function joined(key: string): string {
  return /^[\w-]+$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function nameOf(item: unknown): string | null {
  return isRecord(item) && typeof item.name === 'string' ? item.name : null;
}

function isShort(value: unknown): value is string | number | boolean {
  return (
    (typeof value === 'string' && value.length <= 80 && !value.includes('\n')) ||
    typeof value === 'number' ||
    typeof value === 'boolean'
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
