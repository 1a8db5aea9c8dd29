import type { SyncEvent, SyncScope, SyncSnapshot, Verification } from '../types.ts';

interface OfProject {
  readonly projectId: string;
}
interface OfContainer extends OfProject {
  /** `namespace/pod/container`. */
  readonly container: string;
}
interface Done {
  readonly ok: true;
}

/** Live sync of all projects, as hosts reach it. */
export interface Sync {
  /** What there is, at once and after every change; `hold` keeps these images (all where empty) on while somebody reads. */
  watch(
    input: OfProject & { readonly hold?: readonly string[] | undefined },
    signal: AbortSignal,
  ): AsyncIterable<SyncSnapshot>;
  /** Whether any of its switches is on, or the automatic. */
  isOn(input: OfProject): Promise<boolean>;
  /** What was done, from `after` on. */
  feed(input: OfProject & { readonly after: number }, signal: AbortSignal): AsyncIterable<SyncEvent>;
  switch(input: OfProject & { readonly scope: SyncScope; readonly on: boolean }): Promise<Done>;
  automatic(input: OfProject & { readonly on: boolean }): Promise<Done>;
  pause(input: OfProject & { readonly paused: boolean }): Promise<Done>;
  verify(input: OfContainer, signal?: AbortSignal): Promise<Verification>;
  sendAll(input: OfContainer, signal?: AbortSignal): Promise<Done>;
  resolve(
    input: OfContainer & {
      /** Paths in the container; all that drifted where empty. */
      readonly paths: readonly string[];
      readonly choice: 'send' | 'fetch' | 'ignore';
    },
    signal?: AbortSignal,
  ): Promise<Done>;
  restart(input: OfContainer, signal?: AbortSignal): Promise<Done>;
  close(): Promise<void>;
}
