import { toPtahError } from '../../errors/index.ts';
import type { Project } from '../../project/index.ts';

interface KeepLeaseDeps {
  readonly hold: (project: Project) => Promise<() => Promise<void>>;
  readonly heldBy: (project: Project) => Promise<string | null>;
  readonly project: Project;
  readonly everyMs: number;
  readonly changed: () => void;
}

export interface KeptLease {
  held(): boolean;
  /** Who has it instead, in a sentence. */
  blocked(): string | null;
  close(): Promise<void>;
}

/** Holds the project for as long as it is wanted, and tries again for as long as another machine has it. */
export function keepLease({ hold, heldBy, project, everyMs, changed }: KeepLeaseDeps): KeptLease {
  let release: (() => Promise<void>) | null = null;
  let other: string | null = null;
  let closed = false;
  let looking: Promise<void> | null = null;

  async function look(): Promise<void> {
    const before = [release !== null, other] as const;
    try {
      // a renewal that came too late is no error of its own: somebody else has the project then
      const taken = release ? await heldBy(project) : null;
      if (taken !== null) {
        const mine = release;
        release = null;
        other = taken;
        // ends its renewals; what is another's it leaves as it is
        await mine?.().catch(() => {});
      } else if (!release) {
        const mine = await hold(project);
        if (closed) return await mine();
        release = mine;
        other = null;
      }
    } catch (error) {
      const { code, message } = toPtahError(error);
      // a cluster that does not answer for a moment takes nothing from us
      if (code === 'lease-held') other = message;
      else if (!release) other = message;
    }
    if (!closed && (before[0] !== (release !== null) || before[1] !== other)) changed();
  }

  const tick = () => {
    looking ??= look().finally(() => (looking = null));
  };
  tick();
  const timer = setInterval(tick, everyMs).unref();
  return {
    held: () => release !== null,
    blocked: () => other,
    async close() {
      closed = true;
      clearInterval(timer);
      await looking?.catch(() => {});
      await release?.();
      release = null;
    },
  };
}
