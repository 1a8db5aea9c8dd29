import { PtahError } from '../../../errors/index.ts';
import type { BatchResult, Channel, Operation, OperationFailure } from '../../types.ts';
import { isSmall, smallBytes, sourceChanged, streamBytes } from '../sources.ts';
import type { FileOperation } from '../sources.ts';
import { bytes, number } from './frames.ts';
import { OperationError } from './node-link.ts';
import type { NodeLink } from './node-link.ts';
import type { Stages } from './stages.ts';
import { token } from './token.ts';
import type { WrittenFiles } from './written.ts';

/** How many files are read ahead of the one that is sent. */
const readAhead = 24;

/** What a channel lends to the sending of a batch. */
export interface ApplyContext {
  readonly link: NodeLink;
  /** Container, path and how far links are followed, as frames have them. */
  readonly place: (path: string) => readonly Uint8Array[];
  /** Throws when the channel is of no use any more. */
  readonly check: (signal?: AbortSignal) => void;
  /** What an error means for the channel. */
  readonly ended: (error: unknown) => unknown;
  /** Files that may be there already, beside their place. */
  readonly stages: Stages;
  readonly written: WrittenFiles;
  readonly answered: <T>(answer: Promise<T>, signal?: AbortSignal) => Promise<T>;
}

/** Sends the operations in their order, and waits for none but the last. */
export function applyThrough({
  link,
  place,
  check,
  ended,
  stages,
  written,
  answered,
}: ApplyContext): Channel['apply'] {
  return apply;

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
      const note = (stamp: Buffer): void =>
        written.note(path, { type: 'file', mode: mode & 0o7777, size, hash: operation.hash }, stamp);
      const staged = stages.take(operation);
      if (staged !== null) {
        answers.push(settled(path, staged.then(note), size));
        return;
      }
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
      const stamp = await answer.catch(() => null);
      if (refused) return;
      if (whole) {
        if (stamp !== null) note(stamp);
        done.push(path);
      } else failed.push({ path, ...sourceChanged });
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
