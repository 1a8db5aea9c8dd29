/** Ends child processes, and waits for them no longer than this: one that hangs must not keep the terminal. */
const patienceMs = 3_000;

/**
 * Asks them to end, and settles as soon as all have: `exited` is what counts, for a pipe that a grandchild keeps open delays
 * `close` beyond the process’s own end.
 */
export async function endChildren(children, { patience = patienceMs, signal = 'SIGTERM' } = {}) {
  const alive = [...children].filter(child => child.exitCode === null && child.signalCode === null);
  const gone = Promise.all(alive.map(child => new Promise(resolve => child.once('exit', resolve))));
  for (const child of alive) child.kill(signal);
  let timer;
  const limit = new Promise(resolve => {
    timer = setTimeout(resolve, patience);
  });
  await Promise.race([gone, limit]);
  clearTimeout(timer);
}
