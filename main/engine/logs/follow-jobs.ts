import type { Activity, Job } from '../activity/index.ts';
import type { DeployEvent } from '../deploy/index.ts';
import { buildSource } from './log-sources.ts';
import type { NewLine } from './log-store.ts';
import { LineSplitter } from './split-lines.ts';
import { momentOf } from './timestamp.ts';
import type { LogSourceInfo, LogSourceState } from './types.ts';

export interface FollowJobsOptions {
  readonly activity: Pick<Activity<DeployEvent>, 'list' | 'follow' | 'onChange'>;
  readonly projectId: string;
  readonly onLine: (source: LogSourceInfo, line: NewLine) => void;
  readonly onState: (source: LogSourceInfo, state: LogSourceState) => void;
  readonly signal: AbortSignal;
}

/** Finished jobs whose output is shown beside what runs. */
const PAST_JOBS = 3;

/** Gives what builds and deploys of the project print: of those that run, of the last finished ones, and of all that start. */
export function followJobs({ activity, projectId, onLine, onState, signal }: FollowJobsOptions): void {
  const followed = new Set<string>();
  const follow = (job: Job): void => {
    if (job.project !== projectId || followed.has(job.id)) return;
    followed.add(job.id);
    void readJob(job.id).catch(() => {});
  };
  async function readJob(jobId: string): Promise<void> {
    const open = new Map<string, { readonly source: LogSourceInfo; readonly splitter: LineSplitter }>();
    const outlet = (image: string | null, step: string) => {
      const source = buildSource(jobId, image, step);
      const known = open.get(source.key) ?? { source, splitter: new LineSplitter() };
      if (!open.has(source.key)) onState(source, 'following');
      open.set(source.key, known);
      return known;
    };
    const say = (source: LogSourceInfo, text: string, moment: { seconds: number; nanos: number }): void => {
      const bytes = Buffer.from(text);
      onLine(source, { bytes, start: 0, end: bytes.length, ...moment });
    };
    for await (const { at, event } of activity.follow(jobId, 0, signal)) {
      const moment = momentOf(Date.parse(at));
      if (event.type === 'log') {
        const { source } = outlet(null, event.step);
        for (const line of event.text.split('\n')) say(source, line, moment);
      } else if (event.type === 'build-started') {
        const { source } = outlet(event.image, '');
        say(source, `Building ${event.reference}${event.reason ? `: ${event.reason.message}` : ''}`, moment);
      } else if (event.type === 'build') {
        const { source, splitter } = outlet(event.image, '');
        const { event: built } = event;
        if (built.type === 'output')
          splitter.push(Buffer.from(built.text), (bytes, start, end) =>
            onLine(source, { bytes, start, end, ...moment }),
          );
        else if (built.type === 'step' && built.step.startedAt !== null && built.step.finishedAt === null)
          say(source, `=> ${built.step.name}`, moment);
        else if (built.type === 'warning') say(source, `WARNING: ${built.message}`, moment);
      } else if (event.type === 'build-finished') {
        const { source, splitter } = outlet(event.image, '');
        const rest = splitter.rest();
        if (rest) onLine(source, { bytes: rest, start: 0, end: rest.length, ...moment });
        if (event.error !== null) say(source, `ERROR: ${event.error}`, moment);
        onState(source, event.state === 'failed' ? 'failed' : 'ended');
      }
    }
    for (const { source, splitter } of open.values()) {
      const rest = splitter.rest();
      if (rest) onLine(source, { bytes: rest, start: 0, end: rest.length, ...momentOf(Date.now()) });
      onState(source, 'ended');
    }
  }
  const mine = activity.list().filter(({ project }) => project === projectId);
  const running = mine.filter(({ state }) => state === 'running');
  const past = mine.filter(({ state }) => state !== 'running').slice(0, PAST_JOBS);
  for (const job of [...past.reverse(), ...running]) follow(job);
  const stop = activity.onChange(job => {
    if (job.state === 'running') follow(job);
  });
  signal.addEventListener('abort', stop, { once: true });
}
