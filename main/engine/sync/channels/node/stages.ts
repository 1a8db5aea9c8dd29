import type { Channel, Operation, StagedFile } from '../../types.ts';
import { bytes, number } from './frames.ts';
import type { NodeLink } from './node-link.ts';
import { token } from './token.ts';

/** Nobody asked for it: it goes away again. */
const keptMs = 5_000;
/** Whoever reads the file is kept waiting no longer than this. */
const patienceMs = 2_000;

type FileOperation = Extract<Operation, { readonly op: 'file' }>;

interface Stage {
  readonly mode: number;
  readonly owner: string | null;
  readonly answer: Promise<Buffer>;
  length: number;
  hash: string | null;
  over: boolean;
  timer: NodeJS.Timeout | undefined;
  post(letter: string, ...payload: readonly Uint8Array[]): Promise<void> | undefined;
}

/** Large files that travel while they are still being hashed. They lie beside their place until an operation takes them. */
export interface Stages {
  readonly stage: NonNullable<Channel['stage']>;
  /** Puts what is staged into its place when it is just what the operation wants; null when there is no such thing. */
  take(operation: FileOperation): Promise<Buffer> | null;
  close(): void;
}

export function createStages(
  link: NodeLink,
  place: (path: string) => readonly Uint8Array[],
  isOpen: () => boolean,
): Stages {
  const stages = new Map<string, Stage>();

  function begin(id: number, path: string, mode: number, owner: string | null): Stage {
    const answer = link.answer(id);
    const stage: Stage = {
      mode,
      owner,
      answer,
      length: 0,
      hash: null,
      over: false,
      timer: undefined,
      post: (letter, ...payload) => link.post(id, letter, ...payload),
    };
    // no room, a folder that can't be written: the operation meets it again, and tells it
    answer.catch(() => (stage.over = true));
    void stage.post('B', ...place(path), number(mode), bytes(owner ?? ''), bytes(token(path, 'ahead')));
    return stage;
  }

  function discard(path: string, stage: Stage): void {
    clearTimeout(stage.timer);
    if (stages.get(path) === stage) stages.delete(path);
    if (stage.over) return;
    stage.over = true;
    void stage.post('F', Buffer.from('0'));
  }

  return {
    stage(path, { mode, owner }): StagedFile | null {
      if (!isOpen()) return null;
      const before = stages.get(path);
      if (before !== undefined) discard(path, before);
      const id = link.next();
      const stage = begin(id, path, mode & 0o7777, owner);
      stages.set(path, stage);
      return {
        write(chunk, release) {
          if (stage.over) {
            release();
            return undefined;
          }
          stage.length += chunk.length;
          const room = link.pass(id, 'W', chunk, release);
          if (room === undefined) return undefined;
          return patiently(room, () => discard(path, stage));
        },
        end(hash) {
          if (hash === null || stage.over) return discard(path, stage);
          stage.hash = hash;
          stage.timer = setTimeout(() => discard(path, stage), keptMs).unref();
        },
      };
    },
    take(operation) {
      const stage = stages.get(operation.path);
      if (stage === undefined) return null;
      const fits =
        !stage.over &&
        stage.hash === operation.hash &&
        stage.length === operation.size &&
        stage.mode === (operation.mode & 0o7777) &&
        stage.owner === operation.owner;
      if (!fits) {
        discard(operation.path, stage);
        return null;
      }
      clearTimeout(stage.timer);
      stages.delete(operation.path);
      stage.over = true;
      void stage.post('F', Buffer.from('1'));
      return stage.answer;
    },
    close() {
      for (const [path, stage] of stages) discard(path, stage);
    },
  };
}

/** Waits for room, but calls `late` rather than wait for long. */
async function patiently(room: Promise<void>, late: () => void): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => {
    late();
    resolve(undefined);
  }, patienceMs);
  await Promise.race([room, promise]);
  clearTimeout(timer);
}
