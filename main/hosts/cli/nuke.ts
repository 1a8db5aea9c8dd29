import type { RemovedItem } from '../../engine/deploy/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import type { RemovalGroupId, RemovalPlan } from '../../engine/removal/index.ts';
import { UsageError, type Command, type CommandInput, type Terminal } from './command.ts';
import { removalQuestion, removalText } from './nuke-text.ts';
import { print } from './output.ts';
import { eventSink, eventsHelp, eventsOption } from './report.ts';
import { withJobEngine, type JobEngine } from './with-engine.ts';

interface NukeResult {
  readonly state: 'removed' | 'nothing' | 'failed' | 'cancelled';
  readonly summary: string;
  readonly removed: readonly RemovedItem[];
  readonly failed: readonly RemovedItem[];
}

/** `ptah nuke`: takes away what is the project's, shows it first, and touches nothing else. */
export const nuke: Command = {
  name: 'nuke',
  summary: 'Take away what is the project’s, after showing it: objects, images, what was written',
  synopsis: '',
  options: {
    ...eventsOption,
    yes: { type: 'boolean', short: 'y' },
    docker: { type: 'boolean' },
    'no-docker': { type: 'boolean' },
    kind: { type: 'boolean' },
    'no-kind': { type: 'boolean' },
    volumes: { type: 'boolean' },
    namespaces: { type: 'boolean' },
  },
  help: [
    '-y, --yes            Do not ask',
    '--no-docker          Leave the project’s images in Docker (--docker, the default, takes them)',
    '--kind               Also the Kind cluster, if it was made for this project and nobody else uses it',
    '--volumes            Also the project’s volumes and claims',
    '--namespaces         Also its namespaces and definitions, where nothing of others is in them',
    eventsHelp,
  ],
  failed: ({ message }) => ({
    plan: null,
    result: { state: 'failed', summary: message, removed: [], failed: [] } satisfies NukeResult,
  }),
  run: (input, terminal) =>
    withJobEngine(terminal, async engine => {
      const { id } = await engine.use(input.directory);
      const plan = await engine.removal.plan({ projectId: id }, terminal.signal);
      const groups = groupsOf(input);
      const wanted = plan.groups.filter(group => groups.includes(group.id));
      if (wanted.every(({ items }) => items.length === 0)) return nothing(plan, groups, input, terminal);
      if (!input.options.yes) {
        terminal.err(removalText(plan, groups));
        if (!terminal.interactive) {
          if (input.format !== 'text') await print(terminal, { plan, result: null }, input.format, () => '');
          throw new UsageError('Nothing was removed: without a terminal, --yes has to say so');
        }
        if (!(await terminal.confirm(removalQuestion(plan, groups)))) {
          terminal.err('Nothing was removed.\n');
          return 1;
        }
      }
      return remove(engine, id, plan, groups, input, terminal);
    }),
};

/** What is asked apart has to be named. */
function groupsOf({ options }: CommandInput): readonly RemovalGroupId[] {
  for (const name of ['docker', 'kind'])
    if (options[name] && options[`no-${name}`])
      throw new UsageError(`--${name} and --no-${name} exclude each other`);
  return [
    'live',
    'objects',
    'node-images',
    ...(options['no-docker'] ? [] : (['images'] as const)),
    'output',
    ...(options.volumes ? (['volumes'] as const) : []),
    ...(options.namespaces ? (['namespaces'] as const) : []),
    ...(options.kind ? (['cluster'] as const) : []),
  ];
}

async function nothing(
  plan: RemovalPlan,
  groups: readonly RemovalGroupId[],
  { format }: CommandInput,
  terminal: Terminal,
): Promise<number> {
  const unseen = unseenIn(plan, groups);
  const result: NukeResult = {
    state: unseen.length > 0 ? 'failed' : 'nothing',
    summary: unseen.length > 0 ? `Nothing was removed. ${unseen.join('. ')}` : 'Nothing to remove',
    removed: [],
    failed: [],
  };
  if (format === 'text') terminal.err(removalText(plan, groups));
  await print(terminal, { plan, result }, format, () => (unseen.length > 0 ? '' : `${result.summary}.\n`));
  return tellUnseen(unseen, terminal);
}

/** What was meant to go and could not be looked at, or may not be taken. Without it nothing is done, whatever else went. */
function unseenIn(plan: RemovalPlan, groups: readonly RemovalGroupId[]): readonly string[] {
  const byReason = new Map<string, string[]>();
  for (const { id, title, unavailable } of plan.groups)
    if (unavailable !== null && groups.includes(id))
      byReason.set(unavailable, [...(byReason.get(unavailable) ?? []), title]);
  return [...byReason].map(([reason, titles]) => `${titles.join(', ')}: ${reason.replace(/\.$/, '')}`);
}

function tellUnseen(unseen: readonly string[], terminal: Terminal): number {
  if (unseen.length === 0) return 0;
  terminal.err('error: Not everything could be removed.\n');
  for (const each of unseen) terminal.err(`  ${each}\n`);
  return 1;
}

async function remove(
  engine: JobEngine,
  projectId: string,
  plan: RemovalPlan,
  groups: readonly RemovalGroupId[],
  input: CommandInput,
  terminal: Terminal,
): Promise<number> {
  const { jobId } = await engine.removal.start({
    projectId,
    // with --yes nobody looked at the list, and what is there now is meant
    fingerprint: input.options.yes ? null : plan.fingerprint,
    groups,
    clusterName: groups.includes('cluster') ? plan.cluster.name : null,
  });
  const told = await follow(engine, jobId, input, terminal);
  const { state, status, error } = await engine.activity.get({ jobId });
  const failed = told.filter(({ outcome }) => outcome === 'failed');
  const unseen = unseenIn(plan, groups);
  const done = state === 'succeeded' && unseen.length === 0;
  const result: NukeResult = {
    state: done ? 'removed' : state === 'cancelled' ? 'cancelled' : 'failed',
    summary: [error?.message ?? status, ...(state === 'cancelled' ? [] : unseen)].join('. '),
    removed: told.filter(({ outcome }) => outcome !== 'failed'),
    failed,
  };
  if (input.options.events) terminal.out(`${JSON.stringify({ type: 'result', result })}\n`);
  else
    await print(terminal, { plan, result }, input.format, () =>
      state === 'succeeded' ? `${status}.\n` : '',
    );
  if (state === 'succeeded') return tellUnseen(unseen, terminal);
  if (state === 'cancelled') {
    terminal.err('Cancelled. What was told as removed is gone; the rest is as it was.\n');
    return 1;
  }
  if (error && failed.length === 0)
    throw new PtahError(error.code, error.message, { ...(error.hint !== null && { hint: error.hint }) });
  terminal.err(`error: ${result.summary}\n`);
  for (const { title, message } of failed) terminal.err(`  ${title}: ${message}\n`);
  return 1;
}

async function follow(engine: JobEngine, jobId: string, input: CommandInput, terminal: Terminal) {
  const told: RemovedItem[] = [];
  const show = eventSink(input, terminal);
  const cancel = () => {
    terminal.err('Cancelling…\n');
    engine.activity.cancel({ jobId }).catch(() => {});
  };
  if (terminal.signal.aborted) cancel();
  terminal.signal.addEventListener('abort', cancel, { once: true });
  try {
    for await (const { event } of engine.activity.follow({ jobId, after: 0 }, new AbortController().signal)) {
      if (event.type === 'removed') told.push(event.item);
      show(event);
    }
  } finally {
    terminal.signal.removeEventListener('abort', cancel);
  }
  return told;
}
