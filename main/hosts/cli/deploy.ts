import type { DeployConsent, Plan } from '../../engine/deploy/index.ts';
import { UsageError, type Command, type CommandInput, type Terminal } from './command.ts';
import { ensureProject } from './ensure-project.ts';
import { followJob } from './follow-job.ts';
import { startForwards } from './forward.ts';
import { nameOf, planText } from './plan-text.ts';
import { eventSink, eventsHelp, eventsOption, failedJob, report } from './report.ts';
import { syncAfterDeploy } from './sync.ts';
import { withJobEngine, type JobEngine } from './with-engine.ts';

/** `ptah deploy`: from the folder to running pods. */
export const deploy: Command = {
  name: 'deploy',
  summary: 'Build, load and apply what changed, and wait until it runs',
  synopsis: '',
  options: {
    ...eventsOption,
    yes: { type: 'boolean', short: 'y' },
    prune: { type: 'boolean' },
    force: { type: 'boolean' },
    'recreate-cluster': { type: 'boolean' },
    build: { type: 'boolean' },
    'no-build': { type: 'boolean' },
    forward: { type: 'boolean' },
    'no-forward': { type: 'boolean' },
    sync: { type: 'boolean' },
    'no-sync': { type: 'boolean' },
  },
  help: [
    '-y, --yes            Do not ask; a folder without ptah.yml gets the one that is proposed',
    '--prune              Remove what no manifest names any more, after showing it',
    '--force              Take over fields that others hold, and replace what cannot be changed',
    '--recreate-cluster   Delete the cluster with everything in it and make it anew',
    '--no-build           Fail where an image would have to be built',
    '--forward            Then forward every port of the project, until ptah forward --kill',
    '--sync               Then keep the containers equal to the folder, until Ctrl+C',
    eventsHelp,
  ],
  failed: failedJob,
  async run(input, terminal) {
    if (!(await ensureProject(input, terminal))) return nothingDone(terminal);
    return withJobEngine(terminal, async engine => {
      const { id } = await engine.use(input.directory);
      // only what may have to be asked for needs a plan of its own: a deploy begins with reading the world anyway
      if (!needsQuestions(input)) return start(engine, id, null, undefined, input, terminal);
      const plan = await engine.deploy.plan({ projectId: id }, terminal.signal);
      const toBuild = plan.images.filter(({ action }) => action === 'build').map(({ name }) => name);
      if (input.options['no-build'] && toBuild.length > 0) {
        terminal.err(`error: --no-build, but ${toBuild.join(', ')} would have to be built\n`);
        return 1;
      }
      const consent = await agree(plan, input, terminal);
      if (!consent) return nothingDone(terminal);
      return start(engine, id, plan.fingerprint, consent, input, terminal);
    });
  },
};

function nothingDone(terminal: Terminal): number {
  terminal.err('Nothing was done.\n');
  return 1;
}

const needsQuestions = ({ options }: CommandInput) =>
  ['prune', 'force', 'recreate-cluster', 'no-build'].some(name => options[name] === true);

async function start(
  engine: JobEngine,
  projectId: string,
  fingerprint: string | null,
  consent: DeployConsent | undefined,
  input: CommandInput,
  terminal: Terminal,
): Promise<number> {
  const { jobId } = await engine.deploy.start({ projectId, fingerprint, ...(consent && { consent }) });
  const code = await report(
    await followJob(engine, jobId, terminal, eventSink(input, terminal)),
    input,
    terminal,
  );
  if (code !== 0) return code;
  // the ports stay when this command ends: another engine holds them where this one ends with it
  const forwarded = input.options.forward === true ? await startForwards(input, terminal) : 0;
  return input.options.sync === true ? syncAfterDeploy(engine, projectId, input, terminal) : forwarded;
}

/** What goes beyond the plan's own steps is asked for, or was said with `--yes`. Null when the answer is no. */
async function agree(
  plan: Plan,
  { options }: CommandInput,
  terminal: Terminal,
): Promise<DeployConsent | null> {
  const prune = options.prune ? plan.prune.filter(({ keptUnlessAsked }) => !keptUnlessAsked) : [];
  const replace = options.force ? plan.objects.filter(({ action }) => action === 'ask') : [];
  const recreateCluster = options['recreate-cluster'] === true && plan.cluster.exists;
  const questions = [
    ...(prune.length > 0 ? [`Remove ${prune.map(({ ref }) => nameOf(ref)).join(', ')}?`] : []),
    ...(replace.length > 0
      ? [`Take over or replace ${replace.map(({ ref }) => nameOf(ref)).join(', ')}?`]
      : []),
    ...(recreateCluster ? [`Delete the cluster ${plan.cluster.name} with everything in it?`] : []),
  ];
  if (!options.yes && questions.length > 0) terminal.err(`${planText(plan)}\n`);
  if (!options.yes)
    for (const question of questions) {
      if (!terminal.interactive) throw new UsageError(`${question} Without a terminal, --yes has to say so`);
      if (!(await terminal.confirm(question))) return null;
    }
  return {
    prune: prune.map(({ ref }) => ref),
    replace: replace.map(({ ref }) => ref),
    force: options.force === true,
    recreateCluster,
  };
}
