import type { ObjectDiff } from '../deploy/index.ts';
import { cleanObject, objectText, sameJson } from './clean.ts';
import type { PreparedObject } from './plan-types.ts';
import type { KubernetesObject, Manifest } from './types.ts';

/** The texts of one planned object for the Changes screen. `manifests` tell which references stand in its lines. */
export function diffObject(prepared: PreparedObject, manifests: readonly Manifest[] = []): ObjectDiff {
  const { planned, document, conflicts } = prepared;
  const [live, applied] = maskSecret(prepared.live, prepared.applied);
  return {
    ref: planned.ref,
    file: document.file,
    line: document.line,
    source: document.source,
    rewritten: document.rewritten,
    live: live === null ? null : objectText(cleanObject(live)),
    applied: applied === null ? null : objectText(cleanObject(applied)),
    rewrites: rewritesOf(prepared, manifests),
    conflicts,
    problem: planned.problem,
  };
}

function rewritesOf({ document }: PreparedObject, manifests: readonly Manifest[]): ObjectDiff['rewrites'] {
  const last = document.line + document.source.split('\n').length - 1;
  const references = manifests.find(({ path }) => path === document.file)?.references ?? [];
  const within = references.filter(
    ({ line, inComment }) => line >= document.line && line <= last && !inComment,
  );
  const found = new Map(
    within.flatMap(({ name, reference }) => (reference === null ? [] : [[name, reference] as const])),
  );
  return [...found].map(([name, reference]) => ({ name, reference }));
}

/** A Secret's values are shown only as equal or different, as `kubectl diff` does. */
function maskSecret(
  live: KubernetesObject | null,
  applied: KubernetesObject | null,
): [KubernetesObject | null, KubernetesObject | null] {
  if ((live ?? applied)?.kind !== 'Secret') return [live, applied];
  const before = dataOf(live);
  const after = dataOf(applied);
  const mask = (
    object: KubernetesObject | null,
    own: Record<string, unknown>,
    other: Record<string, unknown> | null,
    word: string,
  ): KubernetesObject | null =>
    object === null || Object.keys(own).length === 0
      ? object
      : {
          ...object,
          data: Object.fromEntries(
            Object.entries(own).map(([key, value]) => [
              key,
              other === null || !(key in other) || sameJson(value, other[key]) ? '***' : `*** (${word})`,
            ]),
          ),
        };
  return [mask(live, before, applied && after, 'before'), mask(applied, after, live && before, 'after')];
}

function dataOf(object: KubernetesObject | null): Record<string, unknown> {
  return typeof object?.data === 'object' && object.data !== null
    ? (object.data as Record<string, unknown>)
    : {};
}
