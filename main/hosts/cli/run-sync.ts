import type { SyncContainer, SyncEvent, SyncSnapshot } from '../../engine/sync/index.ts';
import type { Problem } from '../../engine/errors/index.ts';
import type { Terminal } from './command.ts';
import { hasErrors, printProblems } from './output.ts';
import type { JobEngine } from './with-engine.ts';

interface SyncOptions {
  /** All of the project where empty. */
  readonly images: readonly string[];
  readonly once: boolean;
  readonly verify: boolean;
  readonly events: boolean;
}

/** How long something may be in the way before `--once` calls it that. */
const patienceMs = 8_000;
/** So many problems are told at once: a folder may be full of links that lead elsewhere. */
const mostProblems = 20;
/** How long containers that do not run yet are waited for. */
const waitingMs = 120_000;

/** Syncs in the foreground; what the switches said before is back when it ends. Gives the exit code. */
export async function runSync(
  engine: Pick<JobEngine, 'sync'>,
  projectId: string,
  options: SyncOptions,
  terminal: Terminal,
): Promise<number> {
  const ended = new AbortController();
  const signal = AbortSignal.any([terminal.signal, ended.signal]);
  const say = (text: string) => terminal.err(`${text}\n`);
  const began = new Date().toISOString();
  const feed = followFeed();
  let last: SyncSnapshot | null = null;
  let code: number | null = null;
  let told = '';
  const known = new Set<string>();
  let equalBefore = false;
  const verdict = judge(options);
  // what stays as it is comes in no snapshot
  const clock = setInterval(() => {
    if (!options.once || last === null || verdict(last).state !== 'failed') return;
    code = 1;
    ended.abort();
  }, 500);
  try {
    for await (const snapshot of engine.sync.watch({ projectId, hold: options.images }, signal)) {
      const unknown = options.images.find(name => !snapshot.images.some(image => image.name === name));
      if (unknown !== undefined) {
        say(`error: ${unknown} is no image of this project`);
        say(`  Its images: ${snapshot.images.map(({ name }) => name).join(', ')}.`);
        code = 1;
        break;
      }
      last = snapshot;
      const now = verdict(snapshot);
      warn(snapshot);
      if (now.line !== told) say(now.line);
      told = now.line;
      if (now.state === 'equal' && !equalBefore) {
        equalBefore = true;
        if (options.verify && !(await verifyAll(snapshot))) code = 1;
        if (options.once) {
          code ??= 0;
          break;
        }
      }
      if (options.once && now.state === 'failed') {
        code = 1;
        break;
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(clock);
    ended.abort();
    await feed;
  }
  const open = of(last, options).filter(({ state }) => state !== 'equal');
  if (code !== 0) for (const container of open) say(`${container.key}: ${explain(container)}`);
  const wrong = open.length > 0 || hasErrors(problemsOf(last, options));
  return code ?? (last?.blocked || wrong ? 1 : 0);

  /** What of the folder can't be kept equal, with its path, and what slows us down: once each. */
  function warn(snapshot: SyncSnapshot): void {
    const news = problemsOf(snapshot, options).filter(problem => !known.has(JSON.stringify(problem)));
    for (const problem of news) known.add(JSON.stringify(problem));
    printProblems(terminal, news.slice(0, mostProblems));
    if (news.length > mostProblems) say(`… and ${news.length - mostProblems} more`);
  }

  async function followFeed(): Promise<void> {
    try {
      for await (const event of engine.sync.feed({ projectId, after: 0 }, signal))
        // a running engine tells also what it did before
        if (event.at >= began && isMeant(event, options)) tell(event);
    } catch (error) {
      if (!signal.aborted) say(`error: ${(error as Error).message}`);
    }
  }

  function tell(event: SyncEvent): void {
    if (options.events) terminal.out(`${JSON.stringify(event)}\n`);
    else
      terminal.out(`${event.at.slice(11, 19)}  ${event.container ?? event.image ?? ''}  ${event.message}\n`);
  }

  async function verifyAll(snapshot: SyncSnapshot): Promise<boolean> {
    let equal = true;
    for (const { key } of of(snapshot, options)) {
      const found = await engine.sync.verify({ projectId, container: key }, signal);
      if (found.equal)
        say(`${key}: ${found.files} files read and equal in ${Math.round(found.durationMs)} ms`);
      else
        for (const { path, problem } of found.differences.slice(0, 20))
          say(`${key}: ${path}: ${problem} differs`);
      equal &&= found.equal;
    }
    return equal;
  }
}

const of = (snapshot: SyncSnapshot | null, { images }: Pick<SyncOptions, 'images'>) =>
  (snapshot?.containers ?? []).filter(
    ({ on, image }) => on && (images.length === 0 || images.includes(image)),
  );

/** Those of the images whose containers are synced, and what the folder as a whole has. */
function problemsOf(snapshot: SyncSnapshot | null, options: SyncOptions): readonly Problem[] {
  if (snapshot === null) return [];
  const mine = new Set(of(snapshot, options).map(({ image }) => image));
  const found = snapshot.images.filter(({ name }) => mine.has(name)).flatMap(({ problems }) => problems);
  const { mode, message, hint } = snapshot.watching;
  if (message === null) return found;
  const severity = mode === 'off' ? 'error' : 'warning';
  return [...found, { code: 'watching', severity, message, ...(hint !== null && { hint }) }];
}

const isMeant = ({ image }: SyncEvent, { images }: SyncOptions) =>
  images.length === 0 || image === null || images.includes(image);

/** What is to be said of a snapshot, and whether waiting for better has a point. */
function judge(options: SyncOptions) {
  let inTheWay: { readonly what: string; readonly since: number } | null = null;
  const still = (what: string, limit: number): boolean => {
    if (inTheWay?.what !== what) inTheWay = { what, since: performance.now() };
    return performance.now() - inTheWay.since > limit;
  };
  return (snapshot: SyncSnapshot): { readonly state: 'equal' | 'busy' | 'failed'; readonly line: string } => {
    const containers = of(snapshot, options);
    if (snapshot.blocked !== null)
      return { state: still('blocked', patienceMs) ? 'failed' : 'busy', line: snapshot.blocked };
    if (containers.length === 0)
      return {
        state: still('none', patienceMs) ? 'failed' : 'busy',
        line: 'No container of the project’s images runs: deploy first.',
      };
    const wrong = containers.find(({ state }) => ['degraded', 'refused', 'drift'].includes(state));
    if (wrong)
      return {
        state: still(`${wrong.state} ${wrong.key}`, wrong.state === 'drift' ? 0 : patienceMs)
          ? 'failed'
          : 'busy',
        line: `${wrong.key}: ${explain(wrong)}`,
      };
    const error = problemsOf(snapshot, options).some(
      // a large file that somebody writes comes by itself: `--once` is not done without it
      ({ severity, code }) => severity === 'error' || code === 'being-written',
    );
    if (error && containers.every(({ state }) => state === 'equal'))
      return {
        state: still('problem', patienceMs) ? 'failed' : 'busy',
        line: `${counted(containers)} equal to the folder, but for what is said above.`,
      };
    if (containers.every(({ state }) => state === 'equal'))
      return { state: 'equal', line: `${counted(containers)} equal to the folder. Ctrl+C ends sync.` };
    const late = containers.find(({ state }) => state === 'waiting' || state === 'paused');
    return {
      state: late && still(late.key, waitingMs) ? 'failed' : 'busy',
      line: late ? `${late.key}: ${explain(late)}` : `Bringing ${counted(containers)} up to date…`,
    };
  };
}

const counted = (containers: readonly SyncContainer[]): string =>
  containers.length === 1 ? '1 container' : `${containers.length} containers`;

const explain = ({ state, reason, hint, drift }: SyncContainer): string => {
  const paths = drift.filter(({ ignored }) => !ignored).map(({ path }) => path);
  const named = paths.length > 0 ? ` ${paths.slice(0, 5).join(', ')}${paths.length > 5 ? ', …' : ''}.` : '';
  return `${state}${reason === null ? '' : `: ${reason}`}${named}${hint === null ? '' : ` ${hint}`}`;
};
