import type { Channel } from '../types.ts';

const patienceMs = 10_000;

/** Ends the first process of a container, so that Kubernetes starts it anew. */
export async function endProcess(way: Channel, signal: AbortSignal): Promise<void> {
  await way.signal('TERM', signal);
  let late: NodeJS.Timeout | undefined;
  const patience = new Promise<'late'>(resolve => (late = setTimeout(() => resolve('late'), patienceMs)));
  const over = await Promise.race([way.closed.then(() => 'over' as const), patience]);
  clearTimeout(late);
  // the first process of a container does not hear what it has no handler for
  if (over === 'late') await way.signal('KILL', signal).catch(() => {});
}
