import type { ContextEntry } from '../../content/index.ts';
import { containerPath, resolveCopyRules } from '../../dockerfile/index.ts';
import type { CopyRule } from '../../dockerfile/index.ts';
import type { Problem } from '../../errors/index.ts';
import type { SyncRule } from '../types.ts';
import { FormerRules } from './former-rules.ts';
import type { ImageSource } from './read-images.ts';
import { sourceReach } from './source-reach.ts';
import type { BuiltContext } from './types.ts';

/** The copy rules of one image as its Dockerfile and the names in its context make them. */
export class ImageRules {
  #rules: readonly CopyRule[] = [];
  #problems: readonly Problem[] = [];
  readonly #former = new FormerRules();
  #reaches: (path: string) => boolean = () => true;

  get list(): readonly CopyRule[] {
    return this.#rules;
  }

  /** Rules that a pattern gave while it selected something. */
  get former(): readonly CopyRule[] {
    return this.#former.list();
  }

  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Reads them anew. What is awaited has its name already: a pattern selects it. */
  resolve(
    text: string,
    source: ImageSource,
    entries: Iterable<ContextEntry>,
    awaited: ReadonlySet<string>,
  ): void {
    const { rules, problems, sources, patternLines } = resolveCopyRules(text, {
      ...source.settings,
      bases: source.bases,
      entries: [...entries, ...[...awaited].map(nameOnly)],
    });
    this.#rules = rules;
    this.#problems = problems.map(problem => ({ file: source.dockerfilePath, ...problem }));
    this.#reaches = sourceReach(sources);
    this.#former.now(source.textHash, rules, patternLines);
  }

  /** Those by which the image was built count as former ones, too. */
  noteBuilt(built: BuiltContext | null): void {
    if (built !== null) this.#former.built(built.dockerfile, built.rules);
  }

  /** Whether a path that comes or goes can make other rules. */
  reaches(path: string): boolean {
    return this.#reaches(path);
  }

  /** Whether a rule of before covers a path. */
  coveredBefore(path: string): boolean {
    return this.former.some(rule => containerPath([rule], path) !== null);
  }

  /** Where the rules put a path, each by itself. */
  targetsOf(path: string): readonly string[] {
    return this.#rules.flatMap(rule => containerPath([rule], path) ?? []);
  }
}

/** A rule as the window shows it. */
export const shownRule = ({ source, target, kind, line, chown, chmod }: CopyRule): SyncRule => ({
  source,
  target,
  kind,
  line,
  chown,
  chmod,
});

const nameOnly = (path: string): ContextEntry => ({ path, type: 'file', mode: 0, size: 0, content: '' });
