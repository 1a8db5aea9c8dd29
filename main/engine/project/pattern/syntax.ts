import type { CharacterTest } from './characters.ts';

/** A Python regular expression as a tree. Flags are already worked into the nodes. */
export type PatternNode =
  /** Exactly one code point. `literal` is set where it is one ASCII character, for the quick test before a search. */
  | {
      readonly kind: 'character';
      readonly test: CharacterTest;
      readonly literal?: string;
      readonly ignoreCase?: boolean;
    }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly PatternNode[] }
  | { readonly kind: 'group'; readonly index: number; readonly body: PatternNode }
  | {
      readonly kind: 'repeat';
      readonly body: PatternNode;
      readonly min: number;
      readonly max: number;
      readonly mode: RepeatMode;
    }
  | { readonly kind: 'atomic'; readonly body: PatternNode }
  | {
      readonly kind: 'look';
      readonly body: PatternNode;
      readonly behind: number | null;
      readonly negative: boolean;
    }
  | { readonly kind: 'reference'; readonly index: number; readonly fold: (codePoint: number) => number }
  | {
      readonly kind: 'condition';
      readonly index: number;
      readonly yes: PatternNode;
      readonly no: PatternNode;
    }
  | { readonly kind: 'place'; readonly holds: PlaceTest };

export type RepeatMode = 'greedy' | 'lazy' | 'possessive';

/** An assertion about a position: `^`, `$`, `\b`, … */
export type PlaceTest = (text: ArrayLike<number>, position: number) => boolean;

export interface ParsedPattern {
  readonly root: PatternNode;
  readonly groupCount: number;
  readonly groupNames: ReadonlyMap<string, number>;
}
