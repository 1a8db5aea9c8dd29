import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { directoryLine, fileLine, symlinkLine, type Listing } from './trees.ts';

type Node =
  | { type: 'file'; mode: number; bytes: Buffer }
  | { type: 'directory'; mode: number }
  | { type: 'symlink'; target: string };

/** Numbers that a seed decides (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

// What a person's tools really leave behind, and what breaks a protocol made of words and lines.
const names = [
  'a',
  'b',
  'c',
  'd',
  'main.py',
  'Main.py',
  'index.html',
  '.env',
  '.hidden',
  'README',
  'with space',
  "it's",
  'say "hi"',
  'back\\slash',
  'new\nline',
  '-rf',
  '--',
  '-',
  '*',
  '$HOME',
  '`id`',
  'ünïcödé',
  '日本語',
  'e\u0301',
  '\u00e9',
  ' lead',
  'trail ',
  '%00',
  '#x',
  'a;b',
  'tab\there',
  '~',
  '4913',
];
const fileModes = [0o644, 0o600, 0o755, 0o640, 0o664];
const directoryModes = [0o755, 0o700, 0o775];

/**
 * Random operations on a real folder, and a model in memory of what the folder then is. `kinds` counts what was done, so that a test
 * can see that all of it was.
 */
export class RandomTree {
  readonly kinds = new Map<string, number>();
  private readonly nodes = new Map<string, Node>();
  private readonly root: string;
  private readonly random: () => number;

  constructor(root: string, random: () => number) {
    this.root = root;
    this.random = random;
  }

  get size(): number {
    return this.nodes.size;
  }

  listing(): Listing {
    return new Map(
      this.nodes.entries().map(([path, node]) => {
        if (node.type === 'file') return [path, fileLine(node.mode, node.bytes)];
        return [path, node.type === 'directory' ? directoryLine(node.mode) : symlinkLine(node.target)];
      }),
    );
  }

  /** One operation; false when none of its kind was possible. */
  step(): boolean {
    const dice = this.random();
    // a tree that grows without end would only test patience
    if (this.nodes.size > 400) return this.remove();
    if (dice < 0.22) return this.create();
    if (dice < 0.42) return this.edit();
    if (dice < 0.52) return this.replace();
    if (dice < 0.6) return this.makeDirectory();
    if (dice < 0.7) return this.rename();
    if (dice < 0.78) return this.remove();
    if (dice < 0.85) return this.changeMode();
    if (dice < 0.91) return this.link();
    if (dice < 0.96) return this.turn();
    return this.swap();
  }

  private done(kind: string): true {
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
    return true;
  }
  private full = (path: string): string => join(this.root, path);
  private pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.random() * list.length)];
  }
  private paths(...types: Node['type'][]): string[] {
    return [...this.nodes].filter(([, { type }]) => types.includes(type)).map(([path]) => path);
  }
  private folder(): string {
    return this.pick(['', '', ...this.paths('directory')]) ?? '';
  }
  private fresh(): string | null {
    const folder = this.folder();
    if (folder.split('/').length > 6) return null;
    const name = this.pick(names) ?? 'a';
    const path = folder === '' ? name : `${folder}/${name}`;
    return this.nodes.has(path) ? null : path;
  }
  private bytes(): Buffer {
    const dice = this.random();
    let size = Math.floor(this.random() * 2000);
    if (dice < 0.1) size = 0;
    else if (dice > 0.98) size = 200_000;
    const bytes = Buffer.alloc(size);
    for (let index = 0; index < size; index += 1 + (index >> 4)) bytes[index] = this.random() * 256;
    return bytes;
  }
  private below(path: string): string[] {
    return [...this.nodes.keys()].filter(other => other === path || other.startsWith(`${path}/`));
  }

  private create(): boolean {
    const path = this.fresh();
    if (path === null) return false;
    const bytes = this.bytes();
    writeFileSync(this.full(path), bytes);
    chmodSync(this.full(path), 0o644);
    this.nodes.set(path, { type: 'file', mode: 0o644, bytes });
    return this.done('create');
  }
  private edit(): boolean {
    const path = this.pick(this.paths('file'));
    const node = path === undefined ? undefined : this.nodes.get(path);
    if (path === undefined || node?.type !== 'file') return false;
    // also what no size and no second of a clock gives away
    const bytes =
      this.random() < 0.3 && node.bytes.length > 0
        ? Buffer.from(node.bytes.map(byte => byte ^ 1))
        : this.bytes();
    writeFileSync(this.full(path), bytes);
    node.bytes = bytes;
    return this.done('edit');
  }
  /** As editors save: written beside, renamed over. */
  private replace(): boolean {
    const path = this.pick(this.paths('file'));
    const node = path === undefined ? undefined : this.nodes.get(path);
    if (path === undefined || node?.type !== 'file') return false;
    const folder = dirname(path);
    const beside = join(folder, `.${this.random().toString(36).slice(2)}.swp`);
    const bytes = this.bytes();
    writeFileSync(this.full(beside), bytes);
    chmodSync(this.full(beside), node.mode);
    renameSync(this.full(beside), this.full(path));
    node.bytes = bytes;
    return this.done('replace');
  }
  private makeDirectory(): boolean {
    const path = this.fresh();
    if (path === null) return false;
    mkdirSync(this.full(path));
    chmodSync(this.full(path), 0o755);
    this.nodes.set(path, { type: 'directory', mode: 0o755 });
    return this.done('directory');
  }
  private rename(): boolean {
    const from = this.pick([...this.nodes.keys()]);
    const to = this.fresh();
    if (from === undefined || to === null || to.startsWith(`${from}/`)) return false;
    renameSync(this.full(from), this.full(to));
    this.move(from, to);
    return this.done('rename');
  }
  private move(from: string, to: string): void {
    for (const path of this.below(from)) {
      const node = this.nodes.get(path);
      this.nodes.delete(path);
      if (node) this.nodes.set(`${to}${path.slice(from.length)}`, node);
    }
  }
  private remove(): boolean {
    const path = this.pick([...this.nodes.keys()]);
    if (path === undefined) return false;
    rmSync(this.full(path), { recursive: true });
    for (const gone of this.below(path)) this.nodes.delete(gone);
    return this.done('remove');
  }
  private changeMode(): boolean {
    const path = this.pick(this.paths('file', 'directory'));
    const node = path === undefined ? undefined : this.nodes.get(path);
    if (path === undefined || node === undefined || node.type === 'symlink') return false;
    const mode = this.pick(node.type === 'file' ? fileModes : directoryModes) ?? 0o755;
    chmodSync(this.full(path), mode);
    node.mode = mode;
    return this.done('chmod');
  }
  /** Links stay inside: to a neighbour, whether it is there or not. */
  private link(): boolean {
    const path = this.fresh();
    if (path === null) return false;
    const target = this.pick(['a', 'b', 'main.py', 'nowhere', 'with space']) ?? 'a';
    symlinkSync(target, this.full(path));
    this.nodes.set(path, { type: 'symlink', target });
    return this.done('symlink');
  }
  /** A file becomes a directory, a directory a file, a link a file. */
  private turn(): boolean {
    const path = this.pick([...this.nodes.keys()]);
    const node = path === undefined ? undefined : this.nodes.get(path);
    if (path === undefined || node === undefined) return false;
    rmSync(this.full(path), { recursive: true });
    for (const gone of this.below(path)) this.nodes.delete(gone);
    if (node.type === 'file') {
      mkdirSync(this.full(path));
      chmodSync(this.full(path), 0o755);
      this.nodes.set(path, { type: 'directory', mode: 0o755 });
    } else {
      const bytes = this.bytes();
      writeFileSync(this.full(path), bytes);
      chmodSync(this.full(path), 0o644);
      this.nodes.set(path, { type: 'file', mode: 0o644, bytes });
    }
    return this.done('turn');
  }
  /** a becomes b and b becomes a: no order of plain sends is right for a moment in between. */
  private swap(): boolean {
    const [a, b] = [this.pick(this.paths('file')), this.pick(this.paths('file'))];
    if (a === undefined || b === undefined || a === b) return false;
    const beside = `${a}.swapping`;
    linkSync(this.full(a), this.full(beside));
    unlinkSync(this.full(a));
    renameSync(this.full(b), this.full(a));
    renameSync(this.full(beside), this.full(b));
    const [first, second] = [this.nodes.get(a), this.nodes.get(b)];
    if (first && second) {
      this.nodes.set(a, second);
      this.nodes.set(b, first);
    }
    return this.done('swap');
  }
}
