import { posix } from 'node:path';
import type { ContextTree } from './context-tree.ts';
import type { CopyRule } from './types.ts';

/** Directories that every base image but `scratch` brings along (Filesystem Hierarchy Standard). */
const OF_BASE_IMAGES = (
  '/bin /boot /dev /etc /home /lib /media /mnt /opt /proc /root /run /sbin /srv /sys /tmp /usr /usr/bin /usr/lib /usr/local ' +
  '/usr/local/bin /usr/local/lib /usr/local/share /usr/sbin /usr/share /var /var/cache /var/lib /var/log /var/run /var/tmp'
).split(' ');

/** Directories known to be in the image at a point of the build: a file copied onto one lands inside it. */
export class KnownDirectories {
  readonly #paths = new Set(['/']);
  readonly #copied: { readonly rule: CopyRule; readonly tree: ContextTree }[] = [];

  constructor(base: string) {
    if (base !== 'scratch') for (const path of OF_BASE_IMAGES) this.#paths.add(path);
  }

  add(path: string): void {
    for (let each = path; !this.#paths.has(each); each = posix.dirname(each)) this.#paths.add(each);
  }

  addCopied(rule: CopyRule, tree: ContextTree): void {
    this.add(rule.target);
    this.#copied.push({ rule, tree });
  }

  has(path: string): boolean {
    return (
      this.#paths.has(path) ||
      this.#copied.some(({ rule, tree }) => {
        const prefix = rule.target === '/' ? '/' : `${rule.target}/`;
        return (
          path.startsWith(prefix) &&
          tree.typeOf(posix.join(rule.source, path.slice(prefix.length))) === 'directory'
        );
      })
    );
  }
}
