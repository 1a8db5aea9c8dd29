import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PtahError } from '../errors/index.ts';
import { withOperation } from './core/diff.ts';
import type { Channel, DesiredTree, OpenChannel, Operation, TreeEntry } from './types.ts';

export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex');
export const fileOf = (text: string, mode = 0o644): TreeEntry => ({
  type: 'file',
  mode,
  size: Buffer.byteLength(text),
  hash: sha256(text),
});

/** A container in memory, with faults to order. */
export interface FakeContainer {
  readonly disk: Map<string, TreeEntry>;
  readonly open: OpenChannel;
  /** Batches that were asked for. */
  readonly batches: readonly (readonly Operation[])[];
  readonly opened: () => number;
  readonly signals: readonly string[];
  readonly commands: readonly (readonly string[])[];
  /** Every write fails with this code until it is null again. */
  fail(code: string | null): void;
  /** The channel is lost after so many operations of the next batch. */
  cutAfter(operations: number): void;
  /** Opening fails with this error until it is null again. */
  refuse(error: PtahError | null): void;
  /** The best that can be opened from now on. */
  offer(kind: Channel['kind']): void;
  /** The container's process ends, and with it every channel. */
  end(): void;
  /** Somebody writes inside. */
  put(path: string, text: string | null): void;
}

export function createFakeContainer(initial: Readonly<Record<string, string>> = {}): FakeContainer {
  const disk = new Map<string, TreeEntry>();
  const contents = new Map<string, string>();
  const batches: (readonly Operation[])[] = [];
  const signals: string[] = [];
  const commands: (readonly string[])[] = [];
  const ends = new Set<(reason: string) => void>();
  let code: string | null = null;
  let cut: number | null = null;
  let refusal: PtahError | null = null;
  let count = 0;
  let kind: Channel['kind'] = 'node';
  const put = (path: string, text: string | null) => {
    if (text === null) disk.delete(path);
    else {
      disk.set(path, fileOf(text));
      contents.set(sha256(text), text);
    }
  };
  for (const [path, text] of Object.entries(initial)) put(path, text);
  const lose = (reason: string) => {
    for (const end of ends) end(reason);
    ends.clear();
  };

  const open: OpenChannel = async (_, { betterThan }) => {
    await Promise.resolve();
    if (refusal) throw refusal;
    if (betterThan !== undefined && kind === betterThan) throw new PtahError('no-channel', 'No better one.');
    const opened = kind;
    count += 1;
    let lost = false;
    let over: (reason: string) => void = () => {};
    const closed = new Promise<string>(resolve => (over = resolve));
    const end = (reason: string) => {
      lost = true;
      over(reason);
    };
    ends.add(end);
    const alive = async () => {
      await Promise.resolve();
      if (lost) throw new PtahError('channel-lost', 'The stream ended.');
    };
    const channel: Channel = {
      kind: opened,
      passing: opened !== 'node',
      reason: 'A test.',
      closed,
      async read(paths) {
        await alive();
        return new Map(
          paths.flatMap(path => {
            const entry = disk.get(path);
            return entry ? [[path, entry] as const] : [];
          }),
        );
      },
      async fetch(path) {
        await alive();
        const entry = disk.get(path);
        return Buffer.from(entry?.type === 'file' ? (contents.get(entry.hash) ?? '') : '');
      },
      async apply(operations) {
        await alive();
        batches.push(operations);
        const done: string[] = [];
        const failed: { path: string; code: string; message: string }[] = [];
        for (const operation of operations) {
          if (cut !== null && cut-- === 0) {
            cut = null;
            lose('cut');
          }
          await alive();
          if (code !== null && operation.op === 'file') {
            failed.push({ path: operation.path, code, message: 'no space left on device' });
            continue;
          }
          withOperation(disk, operation);
          done.push(operation.path);
        }
        return { done, failed };
      },
      async signal(name) {
        await alive();
        signals.push(name);
        if (name === 'TERM' || name === 'KILL') lose('ended');
      },
      async run(argv) {
        await alive();
        commands.push(argv);
        return { exitCode: 0, output: '' };
      },
      async close() {
        await Promise.resolve();
        ends.delete(end);
        end('closed');
      },
    };
    return channel;
  };
  return {
    disk,
    open,
    batches,
    signals,
    commands,
    opened: () => count,
    fail: next => void (code = next),
    cutAfter: operations => void (cut = operations),
    refuse: error => void (refusal = error),
    offer: next => void (kind = next),
    end: () => lose('ended'),
    put,
  };
}

/** A folder on disk whose tree is told by hand: `/app` is what it holds. */
export function createFakeFolder(root: string) {
  const files = new Map<string, string>();
  let revision = 0;
  const contents = new Set<string>();
  return {
    write(name: string, text: string) {
      files.set(name, text);
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    },
    remove: (name: string) => void files.delete(name),
    desired: (outside: readonly string[] = [], held: ReadonlySet<string> = new Set()): DesiredTree => {
      const reference = `api:${[...files].map(([name, text]) => sha256(name + text).slice(0, 4)).join('')}${outside.join('')}`;
      contents.add(reference);
      return {
        image: 'api',
        reference,
        rules: [{ source: '.', target: '/app', kind: 'directory', line: 1, chown: null, chmod: null }],
        tree: new Map([...files].map(([name, text]) => [`/app/${name}`, fileOf(text)])),
        sources: new Map([...files.keys()].map(name => [`/app/${name}`, join(root, name)])),
        owners: new Map(),
        outside: outside.map(file => ({ file, at: '2026-01-02T03:04:05.000Z' })),
        changes: contents.size,
        held,
        problems: [],
        revision: ++revision,
      };
    },
  };
}
