import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import { refText } from './identity.ts';
import type { KubernetesObject, ObjectRef } from './types.ts';

const LIMIT_MS = 60_000;

/** Waits until CRDs are Established and namespaces Active; gives the ones that are not within a minute, with their words. */
export async function awaitServed(
  cluster: Cluster,
  refs: readonly ObjectRef[],
  signal?: AbortSignal,
): Promise<readonly { readonly ref: ObjectRef; readonly message: string }[]> {
  const deadline = Date.now() + LIMIT_MS;
  const states = await Promise.all(
    refs.map(async ref => {
      for (;;) {
        const object = await cluster.get(ref, signal);
        const reason = object === null ? 'it vanished' : unservedReason(object);
        if (reason === null) return null;
        if (Date.now() > deadline)
          return { ref, message: `${refText(ref)} is not ready after ${LIMIT_MS / 1000} s: ${reason}` };
        await sleep(100, undefined, signal && { signal });
      }
    }),
  );
  return states.filter(state => state !== null);
}

function unservedReason(object: KubernetesObject): string | null {
  const status = object.status as
    | {
        readonly phase?: string;
        readonly conditions?: readonly {
          readonly type: string;
          readonly status: string;
          readonly message?: string;
        }[];
      }
    | undefined;
  if (object.kind === 'Namespace')
    return status?.phase === undefined || status.phase === 'Active' ? null : `its phase is ${status.phase}`;
  if (object.kind !== 'CustomResourceDefinition') return null;
  const condition = (type: string) => status?.conditions?.find(entry => entry.type === type);
  if (condition('Established')?.status === 'True') return null;
  const names = condition('NamesAccepted');
  return names?.status === 'False' ? (names.message ?? 'its names are taken') : 'it is not established yet';
}

/** Waits until an object is gone; one that a finalizer keeps is named after a minute. */
export async function awaitDeleted(
  cluster: Cluster,
  ref: ObjectRef,
  signal?: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const object = await cluster.get(ref, signal);
    if (object === null) return;
    if (Date.now() > deadline) {
      const finalizers = Array.isArray(object.metadata.finalizers)
        ? object.metadata.finalizers.join(', ')
        : 'none';
      throw new PtahError(
        'not-deleted',
        `${refText(ref)} is still being deleted after ${limitMs / 1000} s; its finalizers: ${finalizers}.`,
        {
          hint: 'Whoever owns the finalizer has to finish first.',
        },
      );
    }
    await sleep(100, undefined, signal && { signal });
  }
}
