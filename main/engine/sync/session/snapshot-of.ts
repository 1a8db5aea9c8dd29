import type { FolderState } from '../folder/types.ts';
import { combined, imageIsOn, isOn, type SwitchTurn } from '../core/switches.ts';
import type { DesiredTree, SyncContainer, SyncSnapshot } from '../types.ts';
import type { ContainerStatus } from './container-door.ts';
import type { FoundContainer } from './pods.ts';

/** Files outside the rules that a snapshot lists, of each image. */
const listedOutside = 200;

interface SnapshotParts {
  readonly turns: readonly SwitchTurn[];
  readonly automatic: boolean;
  readonly paused: boolean;
  readonly blocked: string | null;
  /** Who holds the project instead of us. */
  readonly heldBy: string | null;
  readonly folder: FolderState;
  /** Names of the project's images. */
  readonly images: readonly string[];
  readonly trees: ReadonlyMap<string, DesiredTree> | undefined;
  /** `status` is null for one that is not synced. */
  readonly containers: readonly { readonly found: FoundContainer; readonly status: ContainerStatus | null }[];
}

/** What the window and the terminal are told. */
export function snapshotOf(parts: SnapshotParts): SyncSnapshot {
  const { turns, automatic, paused, blocked, heldBy, images, trees } = parts;
  const all = parts.containers.toSorted((a, b) => (a.found.key < b.found.key ? -1 : 1));
  const states = all.map(({ found }) => isOn(turns, found));
  const { mode, message, hint } = parts.folder;
  return {
    at: new Date().toISOString(),
    switch: combined(
      [
        ...states,
        ...images
          .filter(name => !all.some(({ found }) => found.image === name))
          .map(name => imageIsOn(turns, name)),
      ],
      false,
    ),
    automatic,
    paused,
    blocked,
    watching: { mode, message, hint },
    images: images.map(name => {
      const tree = trees?.get(name);
      const own = states.filter((_, index) => all[index]?.found.image === name);
      return {
        name,
        switch: combined(own, imageIsOn(turns, name)),
        rules: tree?.rules ?? [],
        outside: lastSaved(tree?.outside ?? []),
        outsideCount: tree?.outside.length ?? 0,
        files: tree?.sources.size ?? 0,
        problems: tree?.problems ?? [],
      };
    }),
    containers: all.map(({ found, status }, index): SyncContainer => {
      const { key, namespace, workload, pod, container, containerId, node, image, reference } = found;
      const on = states[index] === true;
      return {
        key,
        namespace,
        workload,
        pod,
        container,
        containerId,
        node,
        image,
        reference,
        on,
        ...(status ?? idle(on, containerId, heldBy)),
      };
    }),
  };
}

function lastSaved(outside: DesiredTree['outside']): DesiredTree['outside'] {
  return outside.toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0)).slice(0, listedOutside);
}

function idle(on: boolean, containerId: string | null, heldBy: string | null): ContainerStatus {
  const reason = !on
    ? null
    : (heldBy ?? (containerId === null ? 'The container does not run yet.' : 'Being looked at.'));
  return {
    state: on ? (heldBy === null ? 'waiting' : 'paused') : 'off',
    reason,
    hint: null,
    channel: null,
    files: 0,
    pending: 0,
    p50: null,
    p95: null,
    last: [],
    drift: [],
    verifiedAt: null,
  };
}
