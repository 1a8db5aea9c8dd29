import { PtahError } from '../../../errors/index.ts';
import type { Node } from '../../../targets/index.ts';
import type { Channel, ContainerAddress, TreeEntry } from '../../types.ts';
import { signalNumber } from '../errno.ts';
import { applyThrough } from './apply.ts';
import { followUpTo } from './follow.ts';
import { bytes, number } from './frames.ts';
import { OperationError } from './node-link.ts';
import type { NodeLink, NodeLinks } from './node-link.ts';
import { createStages } from './stages.ts';
import { treeOf } from './tree-of.ts';
import { createWrittenFiles } from './written.ts';

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

  const followOf = followUpTo(targets);
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
    // nobody hears it where what follows throws
    answer.catch(() => undefined);
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

  const stages = createStages(link, place, () => state === 'open');
  const written = createWrittenFiles();
  const apply = applyThrough({ link, place, check, ended, stages, written, answered });

  return {
    kind: 'node',
    reason: `Through the node ${node.name}, straight into the container’s files: needs nothing in the container.`,
    apply,
    stage: stages.stage,
    run,
    async read(all, { signal, hash = true, trusted = false } = {}) {
      check(signal);
      const known = new Map<string, TreeEntry>();
      if (trusted)
        for (const path of all) {
          const entry = await written.unchanged(path, each => link.request('T', ...place(each)));
          if (entry !== null) known.set(path, entry);
        }
      const paths = known.size === 0 ? all : all.filter(path => !known.has(path));
      if (paths.length === 0) return known;
      // in one piece: a call can't have as many arguments as a folder may have files
      const wanted = Buffer.concat(paths.flatMap(path => [number(followOf(path)), bytes(path)]));
      const answer = await collect('S', [number(handle), number(hash ? 1 : 0), wanted], signal);
      const found = treeOf(paths, answer);
      return known.size === 0 ? found : new Map([...known, ...found]);
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
      stages.close();
      if (state !== 'closed') void link.request('C', number(handle)).catch(() => undefined);
      end('closed', 'The channel was closed.');
      await release();
    },
  };
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
