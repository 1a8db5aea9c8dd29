import type { Command } from './command.ts';
import { followJob } from './follow-job.ts';
import { eventSink, eventsHelp, eventsOption, failedJob, report } from './report.ts';
import { withJobEngine } from './with-engine.ts';

/** `ptah build`: the images and the rewritten manifests, without a cluster. */
export const build: Command = {
  name: 'build',
  summary: 'Build the images that changed, and write the manifests to build_output',
  synopsis: '[NAME…]',
  options: { ...eventsOption, force: { type: 'boolean' } },
  help: ['--force              Also what is current', eventsHelp],
  takes: [0, 500],
  failed: failedJob,
  run: (input, terminal) =>
    withJobEngine(terminal, async engine => {
      const { id } = await engine.use(input.directory);
      const { jobId } = await engine.images.build({
        projectId: id,
        names: [...input.arguments],
        force: input.options.force === true,
      });
      return report(await followJob(engine, jobId, terminal, eventSink(input, terminal)), input, terminal);
    }),
};
