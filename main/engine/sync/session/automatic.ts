import { toPtahError } from '../../errors/index.ts';
import type { DesiredTree } from '../types.ts';

interface AutomaticDeps {
  readonly quietMs: number;
  readonly deploy: (signal: AbortSignal) => Promise<{ readonly state: string; readonly message: string }>;
  readonly feed: (message: string, failed: boolean) => void;
  readonly signal: AbortSignal;
}

/** *Keep up to date*: what no copy rule covers is built, loaded and applied once the folder has been quiet for a while. */
export function createAutomatic({ quietMs, deploy, feed, signal }: AutomaticDeps): {
  look(trees: ReadonlyMap<string, Pick<DesiredTree, 'outside' | 'reference'>>): void;
  /** The same content may be tried again. */
  forget(): void;
  close(): Promise<void>;
} {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let tried = '';
  let current = '';
  let why = '';

  function arm(): void {
    clearTimeout(timer);
    if (signal.aborted || running || current === '' || current === tried) return;
    timer = setTimeout(() => {
      running = act().finally(() => {
        running = null;
        arm();
      });
    }, quietMs);
  }

  async function act(): Promise<void> {
    const mine = current;
    tried = mine;
    feed(`${why}: building and deploying.`, false);
    try {
      const { state, message } = await deploy(signal);
      feed(state === 'done' ? `Deployed: ${message}` : `Not deployed: ${message}`, state !== 'done');
    } catch (error) {
      if (signal.aborted) return;
      const { code, message } = toPtahError(error);
      // somebody deploys already: that is looked at again when it is over
      if (code === 'deploy-running') tried = '';
      else feed(`Not deployed: ${message}`, true);
    }
  }

  return {
    look(trees) {
      const outside = [...trees].filter(([, tree]) => tree.outside.length > 0);
      // the reference is of the content: a failing build is not tried again before something changes
      current = outside.map(([image, tree]) => `${image}=${tree.reference}`).join(' ');
      why = outside
        .map(([image, tree]) => `${image}: ${tree.outside[0] ?? ''}${tree.outside.length > 1 ? ', …' : ''}`)
        .join('; ');
      arm();
    },
    forget: () => void (tried = ''),
    async close() {
      clearTimeout(timer);
      await running?.catch(() => {});
    },
  };
}
