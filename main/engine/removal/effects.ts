import type { Inventory, ObjectRef } from '../manifests/index.ts';
import type { RemovalWorld } from './world.ts';

export interface ObjectToRemove {
  readonly ref: ObjectRef;
  readonly uid: string;
}

/** Null where it went, else why not; `gone` where it was not there any more. */
export type ObjectOutcome = { readonly failure: string | null; readonly gone: boolean };

/** What a removal does to the world. */
export interface RemovalEffects {
  gather(signal: AbortSignal): Promise<RemovalWorld>;
  /** Keeps deploys of other machines away until the function that it gives is called. */
  hold(signal: AbortSignal): Promise<() => Promise<void>>;
  stopLive(id: string): Promise<void>;
  /** Deletes and waits until each is gone; whoever uses something goes before what it uses. */
  removeObjects(
    inventory: Inventory,
    objects: readonly ObjectToRemove[],
    onOutcome: (object: ObjectToRemove, outcome: ObjectOutcome) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** Notes on claims that stay whose they are: what they were made for goes. */
  keepClaims(claims: readonly ObjectRef[], signal: AbortSignal): Promise<void>;
  /** Pods that still use these images, by normalised reference. */
  imageUsers(signal: AbortSignal): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Those that stayed, with the reason. */
  forgetNodeImages(
    node: string,
    references: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
  removeImage(name: string): Promise<void>;
  removeOutput(): Promise<void>;
  deleteCluster(onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
  /** Our own notes in the cluster: the Lease, and what the Helmfile was synced with where none of its releases is left. */
  forgetNotes(signal: AbortSignal): Promise<void>;
}
