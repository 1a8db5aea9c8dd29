import { parse } from 'yaml';
import type { Cluster } from '../../cluster/index.ts';
import { PtahError } from '../../errors/index.ts';
import type { KubernetesObject, ObjectRef } from '../../manifests/index.ts';
import { fieldsOfOthers } from './field-owners.ts';
import { mergeEdit } from './merge-edit.ts';
import { editableText, textOf, withHiddenParts } from './object-text.ts';
import { readEdit, readRefusal } from './refusal.ts';
import type { EditOutcome, ObjectText } from './types.ts';

/** A controller may write the status between our reading and our writing, again and again. */
const TRIES = 5;

export interface EditRequest {
  readonly ref: ObjectRef;
  /** The text that was edited, as it was read. */
  readonly base: string;
  readonly text: string;
  readonly dryRun: boolean;
}

export async function readObject(
  cluster: Cluster,
  ref: ObjectRef,
  reveal: boolean,
  signal?: AbortSignal,
): Promise<ObjectText> {
  const live = await cluster.get(ref, signal);
  if (live === null) throw new PtahError('not-found', `${ref.kind} ${ref.name} is gone.`);
  return textOf(live, reveal);
}

/**
 * Puts an edited object in place of the live one, or asks the server what that would give. Refused when somebody changed
 * what was edited in the meantime; a status that moved on is no such change.
 */
export async function editObject(
  cluster: Cluster,
  { ref, base, text, dryRun }: EditRequest,
  signal?: AbortSignal,
): Promise<EditOutcome> {
  const read = readEdit(text, ref);
  if ('refused' in read) return { outcome: 'refused', ...read.refused };
  for (let attempt = 1; ; attempt++) {
    const live = await cluster.get(ref, signal);
    if (live === null) return { outcome: 'gone' };
    const before = editableText(live);
    if (before !== base)
      return { outcome: 'conflict', live: before, merged: merged(base, read.object, live) };
    const warnings: string[] = [];
    try {
      const after = await cluster.replace(withHiddenParts(read.object, live), {
        dryRun,
        onWarning: said => warnings.push(said),
        ...(signal && { signal }),
      });
      const changed = editableText(after);
      if (changed === before) return { outcome: 'unchanged' };
      return {
        outcome: dryRun ? 'would-change' : 'applied',
        before,
        after: changed,
        warnings,
        takesOver: fieldsOfOthers(live, after),
      };
    } catch (error) {
      signal?.throwIfAborted();
      const refusal = readRefusal(text, error);
      if (refusal !== null) return { outcome: 'refused', ...refusal };
      if (error instanceof PtahError && error.code === 'not-found') return { outcome: 'gone' };
      if (!(error instanceof PtahError) || error.code !== 'conflict' || attempt === TRIES) throw error;
    }
  }
}

function merged(base: string, mine: KubernetesObject, live: KubernetesObject): string {
  const now: unknown = parse(editableText(live));
  return editableText(mergeEdit(parse(base), mine, now) as KubernetesObject);
}
