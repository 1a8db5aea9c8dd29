import { PtahError } from '../../../errors/index.ts';
import type { Node } from '../../../targets/index.ts';
import type {
  BatchResult,
  Channel,
  ContainerAddress,
  Operation,
  OperationFailure,
  Tree,
  TreeEntry,
} from '../../types.ts';
import { errnoName, signalNumber } from '../errno.ts';
import { isSmall, sha256, smallBytes, sourceChanged, streamBytes } from '../sources.ts';
import type { FileOperation } from '../sources.ts';
import { bytes, number } from './frames.ts';
import { OperationError } from './node-link.ts';
import type { NodeLink, NodeLinks } from './node-link.ts';

export interface NodeChannelOptions {
  readonly address: ContainerAddress;
  readonly node: Node;
  readonly links: NodeLinks;
  /** Where rules copy to; links of the image are followed up to there and no further. */
  readonly targets: readonly string[];
  /** Runs a command as the container's own user. */
  readonly run: Channel['run'];
  readonly signal: AbortSignal;
}

/** How many files are read ahead of the one that is sent. */
const readAhead = 24;

/**
 * The channel through the node that runs the container: needs nothing in it. Rejects with `channel-unfit` and the reason where the
 * node or the container does not allow it, with `read-only` where none could, with `container-gone` where it has ended.
 */
export async function openNodeChannel(options: NodeChannelOptions): Promise<Channel> {
  const { address, node, links, targets, signal } = options;
  const id = address.containerId.replace(/^.*:\/\//, '');
  const pid = await firstProcess(node, id, signal);
  const used = await links.use(node).catch((error: unknown) => {
    throw unfit(`${node.name} cannot run our helper`, error);
  });
  const { link } = used;
  const release = (): Promise<void> => used.release();
  try {
    const handle = link.next();
    const answer = link.answer(handle);
    void link.post(handle, 'O', number(pid), bytes(id), ...targets.map(bytes));
    const said = (await answer.catch(gone)).toString('latin1');
    if (said.startsWith('1')) {
      void link.request('C', number(handle)).catch(() => undefined);
      throw unfit('the pod has a user namespace of its own');
    }
    if (targets.length > 0 && !said.slice(1).includes('1')) throw readOnly(address);
    return channelOver(link, handle, options, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** containerd names the first process of each of its tasks; the CRI's container ID is the task's. */
async function firstProcess(node: Node, id: string, signal: AbortSignal): Promise<number> {
  const { exitCode, stdout, stderr } = await node.exec(['ctr', '-n', 'k8s.io', 'tasks', 'ls'], {
    signal,
    timeoutMs: 10_000,
    allowFailure: true,
  });
  if (exitCode !== 0)
    throw unfit(`the node’s containerd does not answer: ${stderr.trim().split('\n').at(-1)}`);
  const row = stdout.split('\n').find(line => line.startsWith(`${id} `));
  const [, pid, state] = row?.trim().split(/\s+/) ?? [];
  if (pid === undefined || state === 'STOPPED')
    throw new PtahError('container-gone', `Container ${id.slice(0, 12)} does not run on ${node.name}.`);
  return Number(pid);
}

function channelOver(
  link: NodeLink,
  handle: number,
  { address, node, targets, run }: NodeChannelOptions,
  release: () => Promise<void>,
): Channel {
  const over = Promise.withResolvers<string>();
  let state: 'open' | 'gone' | 'closed' = 'open';
  const forgetEnd = link.onEnd(handle, () => end('gone', 'The container has ended.'));
  void link.lost.then(error => end('closed', error.message));

  function end(how: 'gone' | 'closed', reason: string): void {
    if (state !== 'open') return;
    state = how;
    forgetEnd();
    over.resolve(reason);
  }

  function check(signal?: AbortSignal): void {
    if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
    if (state === 'gone')
      throw new PtahError(
        'container-gone',
        `Container ${address.container} of pod ${address.pod} has ended.`,
      );
    if (state === 'closed') throw new PtahError('channel-lost', 'The channel is closed.');
  }

  /** How many components of the path may be links: those of the rule's target. */
  const follows = new Map<string, number>();
  function follow(path: string): number {
    const parts = depth(path);
    let most = -1;
    for (const target of targets)
      if (path === target || path.startsWith(target === '/' ? '/' : `${target}/`))
        most = Math.max(most, depth(target));
    return most < 0 ? parts - 1 : most;
  }
  function followOf(path: string): number {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (targets.includes(path)) return follow(path);
    let known = follows.get(parent);
    if (known === undefined) {
      if (follows.size > 10_000) follows.clear();
      known = follow(path);
      // Where no target holds it, all of its directories may be links; its own name may not.
      follows.set(parent, known);
    }
    return known;
  }
  const place = (path: string): Buffer[] => [number(handle), bytes(path), number(followOf(path))];

  async function answered<T>(answer: Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal === undefined) return answer;
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(new PtahError('cancelled', 'Cancelled.'));
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([answer, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async function collect(
    letter: string,
    payload: readonly Uint8Array[],
    signal?: AbortSignal,
  ): Promise<Buffer> {
    check(signal);
    const chunks: Buffer[] = [];
    const id = link.next();
    const answer = link.answer(id, chunk => chunks.push(chunk));
    void link.post(id, letter, ...payload);
    try {
      await answered(answer, signal);
    } catch (error) {
      throw ended(error);
    }
    return Buffer.concat(chunks);
  }

  /** A process that is gone takes the channel with it. */
  function ended(error: unknown): unknown {
    if (!(error instanceof OperationError) || error.code !== 'ESRCH') return error;
    end('gone', 'The container has ended.');
    return new PtahError('container-gone', `Container ${address.container} of pod ${address.pod} has ended.`);
  }

  async function apply(
    operations: readonly Operation[],
    { signal, onBytes }: { readonly signal?: AbortSignal; readonly onBytes?: (sent: number) => void } = {},
  ): Promise<BatchResult> {
    check(signal);
    const done: string[] = [];
    const failed: OperationFailure[] = [];
    const answers: Promise<void>[] = [];
    let fatal: unknown = null;
    let sent = 0;

    async function settled(path: string, answer: Promise<unknown>, weight: number): Promise<void> {
      try {
        await answer;
        done.push(path);
        if (weight > 0) onBytes?.((sent += weight));
      } catch (error) {
        const why = ended(error);
        if (why instanceof OperationError) failed.push({ path, code: why.code, message: why.message });
        else fatal ??= why;
      }
    }

    function expect(path: string, id: number, weight = 0): void {
      answers.push(settled(path, link.answer(id), weight));
    }

    async function sendFile(operation: FileOperation, content: Uint8Array | null | undefined): Promise<void> {
      const { path, mode, owner, size } = operation;
      const head = [...place(path), number(mode & 0o7777), bytes(owner ?? ''), bytes(token(path))];
      const id = link.next();
      if (content === null) {
        failed.push({ path, ...sourceChanged });
        return;
      }
      if (content !== undefined) {
        expect(path, id, size);
        await link.post(id, 'P', ...head, bytes(content));
        return;
      }
      let refused = false;
      const answer = link.answer(id);
      answers.push(
        answer.then(
          () => undefined,
          (error: unknown) => {
            refused = true;
            const why = ended(error);
            if (why instanceof OperationError) failed.push({ path, code: why.code, message: why.message });
            else fatal ??= why;
          },
        ),
      );
      void link.post(id, 'B', ...head);
      let whole = false;
      try {
        whole = await streamBytes(
          operation,
          chunk => {
            if (refused) return undefined;
            onBytes?.((sent += chunk.length));
            return link.post(id, 'W', chunk);
          },
          signal,
        );
      } finally {
        void link.post(id, 'F', Buffer.from(whole ? '1' : '0'));
      }
      if (refused) return;
      await answer.catch(() => undefined);
      if (refused) return;
      if (whole) done.push(path);
      else failed.push({ path, ...sourceChanged });
    }

    const contents = readingAhead(operations);
    try {
      for (const [index, operation] of operations.entries()) {
        check(signal);
        if (fatal !== null) break;
        const { path } = operation;
        if (operation.op === 'file') {
          await sendFile(operation, await contents(index));
          continue;
        }
        const id = link.next();
        expect(path, id);
        if (operation.op === 'directory')
          await link.post(
            id,
            'M',
            ...place(path),
            number(operation.mode & 0o7777),
            bytes(operation.owner ?? ''),
          );
        else if (operation.op === 'symlink')
          await link.post(
            id,
            'L',
            ...place(path),
            bytes(operation.owner ?? ''),
            bytes(token(path)),
            bytes(operation.target),
          );
        else if (operation.op === 'mode')
          await link.post(id, 'H', ...place(path), number(operation.mode & 0o7777));
        else await link.post(id, 'R', ...place(path));
      }
      await answered(Promise.all(answers), signal);
    } catch (error) {
      if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
      throw error;
    }
    if (fatal !== null) throw fatal;
    return { done, failed };
  }

  return {
    kind: 'node',
    reason: `Through the node ${node.name}, straight into the container’s files: needs nothing in the container.`,
    apply,
    run,
    async read(paths, { signal, hash = true } = {}) {
      const wanted = paths.flatMap(path => [number(followOf(path)), bytes(path)]);
      const answer = await collect('S', [number(handle), number(hash ? 1 : 0), ...wanted], signal);
      return treeOf(paths, answer);
    },
    async fetch(path, signal) {
      try {
        return await collect('G', place(path), signal);
      } catch (error) {
        if (!(error instanceof OperationError)) throw error;
        throw new PtahError('read-failed', `${path} cannot be read: ${error.message}`, {
          details: { file: path },
        });
      }
    },
    async signal(name, signal) {
      check(signal);
      const value = signalNumber(name);
      if (value === null) throw new PtahError('invalid', `${name} is no signal.`);
      try {
        await answered(link.request('K', number(handle), number(value)), signal);
      } catch (error) {
        throw ended(error);
      }
    },
    closed: over.promise,
    async close() {
      if (state !== 'closed') void link.request('C', number(handle)).catch(() => undefined);
      end('closed', 'The channel was closed.');
      await release();
    },
  };
}

/** Reads the next small files while the first ones travel; `undefined` for those that are streamed. */
function readingAhead(
  operations: readonly Operation[],
): (index: number) => Promise<Uint8Array | null | undefined> {
  const contents = new Map<number, Promise<Uint8Array | null>>();
  let next = 0;
  return async index => {
    for (; next < operations.length && next <= index + readAhead; next += 1) {
      const operation = operations[next];
      if (operation?.op === 'file' && isSmall(operation)) contents.set(next, smallBytes(operation));
    }
    const content = await contents.get(index);
    contents.delete(index);
    return content;
  };
}

/** Answers of the helper, each with the number of its path. */
function treeOf(paths: readonly string[], answer: Buffer): Tree {
  const tree = new Map<string, TreeEntry>();
  for (let at = 0; at < answer.length;) {
    const path = paths[answer.readUInt32BE(at)] ?? '';
    const type = answer.toString('latin1', at + 4, at + 5);
    const mode = answer.readUInt32BE(at + 5);
    const size = Number(answer.readBigUInt64BE(at + 9));
    const length = answer.readUInt32BE(at + 17);
    const rest = answer.toString('utf8', at + 21, at + 21 + length);
    at += 21 + length;
    if (type === 'f') tree.set(path, { type: 'file', mode: mode & 0o7777, size, hash: rest });
    else if (type === 'd') tree.set(path, { type: 'directory', mode: mode & 0o7777 });
    else if (type === 'l') tree.set(path, { type: 'symlink', target: rest });
    else
      throw new PtahError('read-failed', `${path} cannot be read: ${rest} (${errnoName(mode)})`, {
        details: { file: path },
      });
  }
  return tree;
}

function depth(path: string): number {
  return path.split('/').filter(part => part !== '').length;
}

/** The same for the same path, so that what a killed helper left is replaced by the next attempt. */
function token(path: string): string {
  return sha256(Buffer.from(path)).slice(0, 12);
}

function unfit(reason: string, cause?: unknown): PtahError {
  return new PtahError('channel-unfit', reason, { cause });
}

function readOnly({ container, pod }: ContainerAddress): PtahError {
  return new PtahError(
    'read-only',
    `Container ${container} of pod ${pod} has a read-only root file system: its files cannot be replaced.`,
    {
      hint: 'Mount a volume (an emptyDir) at the folder that is synced, or leave out readOnlyRootFilesystem while developing.',
    },
  );
}

function gone(error: unknown): never {
  if (error instanceof OperationError) throw new PtahError('container-gone', error.message);
  throw error;
}
