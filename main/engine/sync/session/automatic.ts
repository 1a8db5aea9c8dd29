import { toPtahError } from '../../errors/index.ts';
import type { DesiredTree } from '../types.ts';

interface AutomaticDeps {
  readonly quietMs: number;
  readonly deploy: (signal: AbortSignal) => Promise<{ readonly state: string; readonly message: string }>;
  /** A text that is another one whenever `ptah.yml`, a manifest or the like was changed. */
  readonly projectFiles: () => Promise<string>;
  readonly feed: (message: string, failed: boolean) => void;
  /** Nothing is to be done just now; `look` says when that is over. */
  readonly isHeld: () => boolean;
  /** A deploy is over, however it ended. */
  readonly onOver: () => void;
  readonly signal: AbortSignal;
}

/** What *Keep up to date* looks at of an image. */
type Watched = Pick<DesiredTree, 'outside' | 'changes'>;

/**
 * *Keep up to date*: what no copy rule covers is built, loaded and applied once the folder has been quiet for a while. Whatever is saved
 * while that runs is one more time; what failed is tried again when something changes.
 */
export interface Automatic {
  look(trees: ReadonlyMap<string, Watched>): void;
  /** Some file of the project may be another. */
  hint(): void;
  /** Turned on; again does nothing. */
  begin(): void;
  /** Turned off. What runs is not stopped. */
  end(): void;
  close(): Promise<void>;
}

export function createAutomatic(deps: AutomaticDeps): Automatic {
  const { quietMs, feed, signal } = deps;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let on = false;
  /** What was last acted upon. */
  let tried = '';
  let images = '';
  let why: readonly string[] = [];
  /** The project's own files as they were deployed, as far as we know; null when that has to be found out or failed. */
  let applied: string | null = null;
  let files: string | null = null;
  let reading: Promise<void> | null = null;
  let readAgain = false;

  /** What there is to do, in a text that is another one for everything else; empty where there is nothing. */
  const current = (): string => keyOf(images, files, applied);

  function arm(): void {
    clearTimeout(timer);
    const now = current();
    if (!on || signal.aborted || running || now === '' || now === tried || deps.isHeld()) return;
    timer = setTimeout(() => {
      running = act().finally(() => {
        running = null;
        arm();
      });
    }, quietMs);
  }

  async function act(): Promise<void> {
    tried = current();
    const [built, deploying] = [images, files];
    const reasons = [...why, ...(files === applied ? [] : ['the project’s own files changed'])];
    feed(`${reasons.join('; ')}: building and deploying.`, false);
    try {
      const { state, message } = await deps.deploy(signal);
      // after a failure nobody knows what of it was applied: whatever comes next is applied too, also what was there before
      applied = state === 'done' ? deploying : null;
      if (applied === null) tried = keyOf(built, deploying, null);
      feed(state === 'done' ? `Deployed: ${message}` : `Not deployed: ${message}`, state !== 'done');
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = toPtahError(error);
      // somebody deploys already: that is looked at again when it is over
      if (code === 'deploy-running') tried = '';
      else feed(`Not deployed: ${message}`, true);
    }
    deps.onOver();
  }

  async function readFiles(): Promise<void> {
    do {
      readAgain = false;
      // what can't be read now is read with the next hint
      const now = await deps.projectFiles().catch(() => null);
      if (now === null) continue;
      if (files === null) applied = now;
      files = now;
    } while (readAgain && !signal.aborted);
  }

  function hint(): void {
    if (!on || signal.aborted) return;
    readAgain = reading !== null;
    reading ??= readFiles().finally(() => {
      reading = null;
      arm();
    });
  }

  return {
    look(trees) {
      const outside = [...trees].filter(([, tree]) => tree.outside.length > 0);
      images = outside.map(([image, { changes }]) => `${image}=${changes}`).join(' ');
      why = outside.map(
        ([image, tree]) => `${image}: ${tree.outside[0]?.file ?? ''}${tree.outside.length > 1 ? ', …' : ''}`,
      );
      arm();
    },
    hint,
    begin() {
      if (on) return;
      on = true;
      // what failed before may be tried again
      tried = '';
      files = null;
      hint();
      arm();
    },
    end() {
      on = false;
      clearTimeout(timer);
    },
    async close() {
      clearTimeout(timer);
      await running?.catch(() => {});
      await reading?.catch(() => {});
    },
  };
}

function keyOf(images: string, files: string | null, applied: string | null): string {
  const changed = files !== null && files !== applied ? `files=${files}` : '';
  return [images, changed].filter(part => part !== '').join(' ');
}
