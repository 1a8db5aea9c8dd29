import { lstatSync } from 'node:fs';
import { selectAsDocker } from '../../content/index.ts';
import type { DockerSelection } from '../../content/index.ts';
import { kindOf } from './kind-of.ts';

const MOST = 20_000;

/** Names that are there and that no build takes, with the kind that they had: the next event of them costs nothing. */
export class IgnoredNames {
  readonly #kinds = new Map<string, string>();
  #selection: { readonly text: string | null; readonly made: DockerSelection } | null = null;

  /** Whether something of this kind is known to be ignored at a path of the context. */
  has(path: string, kind: string): boolean {
    return this.#kinds.get(path) === kind;
  }

  clear(): void {
    this.#kinds.clear();
  }

  /**
   * Notes a path that a listing did not have. That alone is not enough: it may have come since, or be a large file that is still being
   * written.
   */
  note(path: string, file: string, ignoreText: string | null, exclude: readonly string[]): void {
    try {
      const kind = kindOf(lstatSync(file));
      if (kind !== 'other' && !this.#isIgnored(path, file, ignoreText, exclude)) return;
      if (this.#kinds.size > MOST) this.#kinds.clear();
      this.#kinds.set(path, kind);
    } catch {
      this.#kinds.delete(path);
    }
  }

  /** Whether no build takes a path, whatever is there. */
  #isIgnored(path: string, file: string, ignoreText: string | null, exclude: readonly string[]): boolean {
    if (exclude.some(each => file === each || file.startsWith(`${each}/`))) return true;
    if (this.#selection?.text !== ignoreText || this.#selection === null)
      this.#selection = { text: ignoreText, made: selectAsDocker(ignoreText) };
    return this.#selection.made.excludes(path);
  }
}
