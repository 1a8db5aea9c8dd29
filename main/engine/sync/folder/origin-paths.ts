import { join } from 'node:path';

/** `sources` without a second text for every path. */
export class OriginPaths implements ReadonlyMap<string, string> {
  readonly #root: string;
  readonly #origins: ReadonlyMap<string, string>;

  constructor(root: string, origins: ReadonlyMap<string, string>) {
    this.#root = root;
    this.#origins = origins;
  }

  get size(): number {
    return this.#origins.size;
  }

  get(path: string): string | undefined {
    const origin = this.#origins.get(path);
    return origin === undefined ? undefined : join(this.#root, origin);
  }

  has(path: string): boolean {
    return this.#origins.has(path);
  }

  forEach(each: (value: string, key: string, map: ReadonlyMap<string, string>) => void): void {
    for (const [key, value] of this) each(value, key, this);
  }

  *entries(): MapIterator<[string, string]> {
    for (const [path, origin] of this.#origins) yield [path, join(this.#root, origin)];
    return undefined;
  }

  keys(): MapIterator<string> {
    return this.#origins.keys();
  }

  *values(): MapIterator<string> {
    for (const [, value] of this) yield value;
    return undefined;
  }

  [Symbol.iterator](): MapIterator<[string, string]> {
    return this.entries();
  }
}
