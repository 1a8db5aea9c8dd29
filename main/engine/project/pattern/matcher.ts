import type { ParsedPattern, PatternNode } from './syntax.ts';

/** Says when matching has taken too long; called every few thousand steps. */
export type Patience = () => void;

/** Where a pattern matched, in code points, with the span of each group (`-1` where it took no part). */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly groups: Int32Array;
}

type Step = (position: number) => boolean;

const STEPS_BETWEEN_CHECKS = 4096;

/**
 * Runs a pattern by backtracking, in the order in which Python tries things. Our own and not JavaScript's: there groups lose their
 * text when a repeat goes round, a reference to a group that took no part matches, atomic groups and conditions do not exist, and a match
 * that never ends can't be stopped.
 */
export class Matcher {
  readonly #root: Step;
  readonly #groups: Int32Array;
  #text: ArrayLike<number> = [];
  #patience: Patience = () => undefined;
  #steps = 0;
  #end = 0;

  constructor(pattern: ParsedPattern) {
    this.#groups = new Int32Array((pattern.groupCount + 1) * 2);
    this.#root = this.#compile(pattern.root, position => {
      this.#end = position;
      return true;
    });
  }

  /** Tries to match at exactly `start`. */
  run(text: ArrayLike<number>, start: number, patience: Patience): Span | null {
    this.#text = text;
    this.#patience = patience;
    this.#groups.fill(-1);
    if (!this.#root(start)) return null;
    return { start, end: this.#end, groups: this.#groups.slice() };
  }

  #tick(): void {
    if (++this.#steps % STEPS_BETWEEN_CHECKS === 0) this.#patience();
  }

  #compile(node: PatternNode, next: Step): Step {
    switch (node.kind) {
      case 'character': {
        const { test } = node;
        return position =>
          position < this.#text.length && test(this.#text[position] ?? 0) && next(position + 1);
      }
      case 'place':
        return position => node.holds(this.#text, position) && next(position);
      case 'sequence':
        return node.items.reduceRight((rest, item) => this.#compile(item, rest), next);
      case 'choice': {
        const branches = node.branches.map(branch => this.#compile(branch, next));
        return position => {
          this.#tick();
          for (const branch of branches) if (branch(position)) return true;
          return false;
        };
      }
      case 'group':
        return this.#group(node.index, node.body, next);
      case 'atomic':
        return this.#atomic(node.body, next);
      case 'look':
        return this.#look(node.body, node.behind, node.negative, next);
      case 'reference':
        return this.#reference(node.index, node.fold, next);
      case 'condition': {
        const yes = this.#compile(node.yes, next);
        const no = this.#compile(node.no, next);
        return position => ((this.#groups[node.index * 2 + 1] ?? -1) >= 0 ? yes(position) : no(position));
      }
      case 'repeat':
      default:
        if (node.mode === 'possessive') return this.#atomic({ ...node, mode: 'greedy' }, next);
        return node.body.kind === 'character'
          ? this.#repeatCharacter(node.body.test, node.min, node.max, node.mode === 'lazy', next)
          : this.#repeat(node.body, node.min, node.max, node.mode === 'lazy', next);
    }
  }

  #group(index: number, body: PatternNode, next: Step): Step {
    const groups = this.#groups;
    // Where the group now being read began; kept apart so that a reference sees the last whole match.
    let began = -1;
    const close: Step = position => {
      const [start = -1, end = -1] = [groups[index * 2], groups[index * 2 + 1]];
      const own = began;
      groups[index * 2] = own;
      groups[index * 2 + 1] = position;
      if (next(position)) return true;
      groups[index * 2] = start;
      groups[index * 2 + 1] = end;
      began = own;
      return false;
    };
    const inside = this.#compile(body, close);
    return position => {
      const outer = began;
      began = position;
      if (inside(position)) return true;
      began = outer;
      return false;
    };
  }

  /** Runs `body` to its first match; what it matched is not tried again. */
  #alone(body: PatternNode): (position: number) => number {
    let end = -1;
    const step = this.#compile(body, position => {
      end = position;
      return true;
    });
    return position => (step(position) ? end : -1);
  }

  #atomic(body: PatternNode, next: Step): Step {
    const alone = this.#alone(body);
    return position => {
      const saved = this.#groups.slice();
      const end = alone(position);
      if (end >= 0 && next(end)) return true;
      this.#groups.set(saved);
      return false;
    };
  }

  #look(body: PatternNode, behind: number | null, negative: boolean, next: Step): Step {
    const alone = this.#alone(body);
    return position => {
      const from = position - (behind ?? 0);
      const saved = this.#groups.slice();
      const found = from >= 0 && alone(from) >= 0;
      if (negative) this.#groups.set(saved);
      if (found !== negative && next(position)) return true;
      this.#groups.set(saved);
      return false;
    };
  }

  #reference(index: number, fold: (point: number) => number, next: Step): Step {
    return position => {
      const start = this.#groups[index * 2] ?? -1;
      const end = this.#groups[index * 2 + 1] ?? -1;
      if (end < 0 || position + end - start > this.#text.length) return false;
      for (let offset = 0; offset < end - start; offset++) {
        if (fold(this.#text[start + offset] ?? 0) !== fold(this.#text[position + offset] ?? 0)) return false;
      }
      return next(position + end - start);
    };
  }

  #repeatCharacter(
    test: (point: number) => boolean,
    min: number,
    max: number,
    lazy: boolean,
    next: Step,
  ): Step {
    return position => {
      const text = this.#text;
      const most = Math.min(max, text.length - position);
      if (min > most) return false;
      let count = 0;
      if (lazy) {
        for (; ; count++) {
          this.#tick();
          if (count >= min && next(position + count)) return true;
          if (count >= most || !test(text[position + count] ?? 0)) return false;
        }
      }
      while (count < most && test(text[position + count] ?? 0)) count++;
      for (; count >= min; count--) {
        this.#tick();
        if (next(position + count)) return true;
      }
      return false;
    };
  }

  #repeat(body: PatternNode, min: number, max: number, lazy: boolean, next: Step): Step {
    let count = 0;
    let last = -1;
    const again = (position: number): boolean => {
      const [oldCount, oldLast] = [count, last];
      // Python remembers where a round began only beyond the rounds that must be.
      if (count >= min) last = position;
      count += 1;
      if (inside(position)) return true;
      count = oldCount;
      last = oldLast;
      return false;
    };
    const leave = (position: number): boolean => {
      const [oldCount, oldLast] = [count, last];
      if (next(position)) return true;
      count = oldCount;
      last = oldLast;
      return false;
    };
    const iterate: Step = position => {
      this.#tick();
      if (count < min) return again(position);
      // A round that matched nothing is not repeated.
      const may = count < max && position !== last;
      if (lazy) return leave(position) || (may && again(position));
      return (may && again(position)) || leave(position);
    };
    const inside = this.#compile(body, iterate);
    return position => {
      const [oldCount, oldLast] = [count, last];
      count = 0;
      last = -1;
      if (iterate(position)) return true;
      count = oldCount;
      last = oldLast;
      return false;
    };
  }
}
