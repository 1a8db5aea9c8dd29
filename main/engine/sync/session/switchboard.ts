import { anyOn, turned, type SwitchTurn } from '../core/switches.ts';
import type { SyncScope } from '../types.ts';
import { readRemembered, rememberedFile, writeRemembered } from './remembered.ts';

/** What is on: the switches of one project, *Keep up to date*, and those who hold it on for as long as they read. */
export interface Switchboard {
  /** In the order of turning, the last one last. */
  readonly turns: () => readonly SwitchTurn[];
  readonly anyOn: () => boolean;
  readonly automatic: () => boolean;
  turn(scope: SyncScope, on: boolean): void;
  setAutomatic(on: boolean): void;
  /** Of these images, of all where there are none; gives what ends it. */
  hold(images: readonly string[]): () => void;
  /** What was left by an earlier engine, once. */
  recall(identity: string): void;
  remember(): void;
}

/** `folder` is where switches are remembered; null where a terminal holds its own for as long as it runs. */
export function createSwitchboard(folder: string | null): Switchboard {
  const holds = new Set<readonly string[]>();
  let given: readonly SwitchTurn[] = [];
  let automatic = false;
  let file: string | null = null;
  let recalled = false;

  const turns = (): readonly SwitchTurn[] => [
    // who wants everything up to date wants it in the containers; what was turned off for its own stays off
    ...(automatic ? [{ scope: { level: 'project' }, on: true } as const] : []),
    ...given,
    ...[...holds].flatMap((images): SwitchTurn[] =>
      images.length === 0
        ? [{ scope: { level: 'project' }, on: true }]
        : images.map(image => ({ scope: { level: 'image', image }, on: true })),
    ),
  ];

  return {
    turns,
    anyOn: () => anyOn(turns()),
    automatic: () => automatic,
    turn(scope, on) {
      given = turned(given, scope, on);
      // nothing can be kept up to date with everything off
      if (scope.level === 'project' && !on) automatic = false;
    },
    setAutomatic: on => void (automatic = on),
    hold(images) {
      const mine = [...images];
      holds.add(mine);
      return () => void holds.delete(mine);
    },
    recall(identity) {
      if (recalled || folder === null) return;
      recalled = true;
      file = rememberedFile(folder, identity);
      const left = readRemembered(file);
      if (given.length === 0) given = left.turns;
      automatic ||= left.automatic;
    },
    remember() {
      if (file !== null) writeRemembered(file, { turns: given, automatic });
    },
  };
}
