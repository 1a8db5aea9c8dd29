import { toPtahError } from '../../errors/index.ts';
import type { AfterSync, Channel } from '../types.ts';

interface AfterSyncDeps {
  readonly rules: () => readonly AfterSync[];
  readonly channel: () => Channel | null;
  readonly restart: (channel: Channel) => Promise<void>;
  readonly feed: (type: 'reload' | 'failure', message: string) => void;
  readonly signal: AbortSignal;
}

/** What happens in the container after files arrived: never two at once, and what comes meanwhile is one more time. */
export function createAfterSync({ rules, channel, restart, feed, signal }: AfterSyncDeps): {
  /** `initial`: the container was brought up to date, nobody edited. */
  ran(paths: readonly string[], initial: boolean): void;
  close(): Promise<void>;
} {
  let running: Promise<void> | null = null;
  const due = new Map<string, AfterSync>();

  async function work(): Promise<void> {
    for (let [next] = due; next && !signal.aborted; [next] = due) {
      const [key, rule] = next;
      due.delete(key);
      const way = channel();
      if (!way) continue;
      try {
        await carryOut(rule, way);
      } catch (error) {
        if (!signal.aborted) feed('failure', `After sync of ${rule.target}: ${toPtahError(error).message}`);
      }
    }
  }

  async function carryOut(rule: AfterSync, way: Channel): Promise<void> {
    if ('signal' in rule) {
      await way.signal(rule.signal, signal);
      feed('reload', `Sent the signal ${rule.signal}.`);
    } else if ('command' in rule) {
      const { exitCode, output } = await way.run(rule.command, signal);
      const words = output.trim().split('\n').slice(-3).join(' ');
      if (exitCode === 0) feed('reload', `Ran ${rule.command.join(' ')}.`);
      else feed('failure', `${rule.command.join(' ')} ended with exit code ${exitCode}: ${words}`);
    } else await restart(way);
  }

  return {
    ran(paths, initial) {
      for (const rule of rules()) {
        // a restarted container comes from its image and is brought up to date: that must not restart it again
        if ('restart' in rule && initial) continue;
        const base = rule.target === '/' ? '/' : `${rule.target}/`;
        if (paths.some(path => path === rule.target || path.startsWith(base)))
          due.set(JSON.stringify(rule), rule);
      }
      if (due.size === 0) return;
      running ??= work().finally(() => (running = null));
    },
    close: async () => {
      due.clear();
      await running?.catch(() => {});
    },
  };
}
