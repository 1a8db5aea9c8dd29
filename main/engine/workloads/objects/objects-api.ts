import type { ObjectRef } from '../../manifests/index.ts';
import type { ActionResult } from './actions.ts';
import type { EditRequest } from './edit-object.ts';
import type { EditOutcome, Inspection, ObjectsSnapshot, ObjectText } from './types.ts';

interface OfProject {
  readonly projectId: string;
}
interface OfObject extends OfProject {
  readonly ref: ObjectRef;
}

/** What hosts may ask about objects, in the shapes of the contract. */
export interface ObjectsApi {
  restart(input: OfObject): Promise<ActionResult>;
  scale(input: OfObject & { readonly replicas: number }): Promise<ActionResult>;
  deletePod(input: OfObject & { readonly uid: string }): Promise<ActionResult>;
  read(input: OfObject & { readonly reveal: boolean }, signal?: AbortSignal): Promise<ObjectText>;
  edit(input: OfProject & EditRequest, signal?: AbortSignal): Promise<EditOutcome>;
  watch(
    input: OfProject & { readonly namespaces?: readonly string[] | undefined },
    signal: AbortSignal,
  ): AsyncIterable<ObjectsSnapshot>;
  inspect(input: OfObject, signal: AbortSignal): AsyncIterable<Inspection>;
}
