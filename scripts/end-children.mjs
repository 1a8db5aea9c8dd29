// Ending what a terminal started: a signal ends it in order, a second one at once.

/** Longer than the engine takes to remove what a cancelled job left half-made. */
const patienceMs = 70_000;
/** After this long whoever waits is told what for. */
const quietMs = 3_000;

/**
 * Asks the processes to end and settles as soon as they have. Their `exit` counts: a grandchild that keeps a pipe open would
 * delay `close`. What hangs is killed when `patience` is over, or when `hurry` is aborted.
 */
export async function endChildren(
  children,
  { patience = patienceMs, quiet = quietMs, onSlow = () => {}, hurry = new AbortController().signal } = {},
) {
  const alive = [...children].filter(child => child.exitCode === null && child.signalCode === null);
  const gone = Promise.all(alive.map(child => new Promise(resolve => child.once('exit', resolve))));
  const kill = () => alive.forEach(child => child.kill('SIGKILL'));
  for (const child of alive) child.kill('SIGTERM');
  const timers = [setTimeout(onSlow, quiet), setTimeout(kill, patience)];
  hurry.addEventListener('abort', kill, { once: true });
  if (hurry.aborted) kill();
  await gone;
  timers.forEach(clearTimeout);
}
