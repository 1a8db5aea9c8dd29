import type { CopyRule } from '../../dockerfile/index.ts';

/**
 * Rules that a pattern of the Dockerfile gave and that are none now because what they selected is gone: the build has no such file, so
 * the container is to have none either. A source that is named in full is another matter: without it nothing can be built.
 */
export class FormerRules {
  #dockerfile = '';
  #patternLines: ReadonlySet<number> = new Set();
  readonly #seen = new Map<string, CopyRule>();
  #current: ReadonlySet<string> = new Set();
  #list: readonly CopyRule[] = [];

  /** The rules as they are now. With another Dockerfile nothing is known of what its patterns once selected. */
  now(dockerfile: string, rules: readonly CopyRule[], patternLines: ReadonlySet<number>): void {
    if (dockerfile !== this.#dockerfile) this.#seen.clear();
    this.#dockerfile = dockerfile;
    this.#patternLines = patternLines;
    this.#current = new Set(rules.map(key));
    this.#note(rules);
  }

  /** Those by which an image was built. */
  built(dockerfile: string, rules: readonly CopyRule[]): void {
    if (dockerfile === this.#dockerfile) this.#note(rules);
  }

  list(): readonly CopyRule[] {
    return this.#list;
  }

  #note(rules: readonly CopyRule[]): void {
    for (const rule of rules) if (this.#patternLines.has(rule.line)) this.#seen.set(key(rule), rule);
    const before = this.#list;
    const list = [...this.#seen].filter(([each]) => !this.#current.has(each)).map(([, rule]) => rule);
    if (list.length !== before.length || list.some((rule, index) => rule !== before[index]))
      this.#list = list;
  }
}

const key = ({ source, target, kind }: CopyRule): string => `${kind}\0${source}\0${target}`;
