import type { Job, JobContext } from '../activity/index.ts';
import {
  buildImages,
  projectEffects,
  run,
  type DeployConsent,
  type DeployEvent,
  type DeployResult,
  type RunContext,
} from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import type { JobStarted, PastDeploy } from '../engine-types.ts';
import type { Project } from '../project/index.ts';
import type { Parts } from './parts.ts';
import { claimProject } from './project-claim.ts';

/** What a deploy or build keeps beside its log. */
export interface DeployNote {
  readonly result: DeployResult | null;
  readonly fingerprint: string | null;
  /** The last build of each image in this job. */
  readonly builds: Readonly<Record<string, BuildNote>>;
}

export interface BuildNote {
  readonly state: 'running' | 'done' | 'failed' | 'cancelled';
  readonly durationMs: number;
  readonly at: string;
}

export interface DeployRequest {
  readonly fingerprint: string | null;
  readonly consent?: DeployConsent;
}

/** Deploys and builds as jobs: one at a time for each project, whoever starts them. */
export function createDeployJobs(parts: Parts) {
  const { activity } = parts;
  /** By project name and target: two windows, or two folders of one identity, never deploy at once. */
  const running = new Map<string, { readonly jobId: string; readonly fingerprint: string | null }>();
  const winding = new Map<string, Promise<unknown>>();

  const start = (
    projectId: string,
    project: Project,
    spec: {
      readonly kind: 'deploy' | 'build' | 'remove';
      readonly title: string;
      readonly fingerprint: string | null;
    },
    work: (context: JobContext<DeployEvent>, identity: string) => Promise<void>,
  ): JobStarted => {
    const identity = `${project.name}\0${project.clusterName}`;
    const other = running.get(identity);
    if (other) {
      if (spec.kind === 'deploy' && spec.fingerprint !== null && other.fingerprint === spec.fingerprint)
        return { jobId: other.jobId };
      throw new PtahError('deploy-running', `${project.name} is being deployed, built or removed already.`, {
        hint: 'See it in Activity, or wait for its end.',
        details: { output: [other.jobId] },
      });
    }
    const claim = claimProject(parts.home, identity);
    if ('heldBy' in claim)
      throw new PtahError(
        'deploy-running',
        `${project.name} is being deployed, built or removed by process ${claim.heldBy}.`,
        {
          hint: `Wait for its end. If there is no such process, delete ${claim.file}.`,
        },
      );
    const job = activity.start({ kind: spec.kind, title: spec.title, project: projectId }, async context => {
      try {
        await winding.get(identity);
        await work(context, identity);
      } finally {
        running.delete(identity);
        claim.release();
      }
    });
    running.set(identity, { jobId: job.id, fingerprint: spec.fingerprint });
    void job.finished.then(() => parts.emit('projects.changed', { ids: [projectId] }));
    parts.emit('projects.changed', { ids: [projectId] });
    return { jobId: job.id };
  };

  /** The work of a job: its events noted beside it, its result as the job's own outcome. */
  async function supervised(
    identity: string,
    fingerprint: string | null,
    context: JobContext<DeployEvent>,
    work: (context: RunContext) => Promise<DeployResult>,
  ): Promise<void> {
    let note: DeployNote = { result: null, fingerprint, builds: {} };
    const result = await work({
      signal: context.signal,
      report: context.report,
      emit(event) {
        note = withEvent(note, event);
        if (event.type === 'result' || event.type === 'build-started' || event.type === 'build-finished')
          context.keep(note);
        context.emit(event);
      },
      leftRunning(left) {
        const over = left.catch(() => {});
        winding.set(identity, over);
        parts.leave(over);
      },
    });
    context.report(result.summary);
    if (result.state === 'cancelled') throw new PtahError('cancelled', result.summary);
    if (result.error)
      throw new PtahError(result.error.code, result.error.message, {
        ...(result.error.hint !== null && { hint: result.error.hint }),
        details: result.error.details,
      });
  }

  return {
    deploy(projectId: string, project: Project, { fingerprint, consent }: DeployRequest): JobStarted {
      return start(
        projectId,
        project,
        { kind: 'deploy', title: `Deploy ${project.name}`, fingerprint },
        (job, identity) =>
          supervised(identity, fingerprint, job, context =>
            run(
              { project, fingerprint, ...(consent && { consent }) },
              projectEffects(project, parts),
              context,
            ),
          ),
      );
    },
    build(projectId: string, project: Project, names: readonly string[], force: boolean): JobStarted {
      const title = names.length === 1 ? `Build ${names[0]}` : `Build ${project.name}`;
      return start(projectId, project, { kind: 'build', title, fingerprint: null }, (job, identity) =>
        supervised(identity, null, job, context =>
          buildImages({ project, names, force }, projectEffects(project, parts), context),
        ),
      );
    },
    /** A removal: nothing is deployed or built meanwhile. */
    remove(
      projectId: string,
      project: Project,
      work: (context: JobContext<DeployEvent>) => Promise<void>,
    ): JobStarted {
      const title = `Remove ${project.name}`;
      return start(projectId, project, { kind: 'remove', title, fingerprint: null }, work);
    },
    /** Deploys of a project, newest first. */
    history: (projectId: string): readonly PastDeploy[] =>
      jobsOf(projectId)
        .filter(({ kind }) => kind === 'deploy')
        .map(job => ({
          jobId: job.id,
          startedAt: job.startedAt,
          result: noteOf(job)?.result ?? null,
          running: job.state === 'running',
        })),
    runningJob: (projectId: string): string | null =>
      jobsOf(projectId).find(({ state, kind }) => state === 'running' && kind === 'deploy')?.id ?? null,
    /** The last build of each image, and the job that it belongs to. */
    lastBuilds(projectId: string): ReadonlyMap<string, BuildNote & { readonly jobId: string }> {
      const found = new Map<string, BuildNote & { readonly jobId: string }>();
      for (const job of jobsOf(projectId))
        for (const [name, build] of Object.entries(noteOf(job)?.builds ?? {})) {
          const over = build.state === 'running' && job.state !== 'running';
          if (!found.has(name))
            found.set(name, { ...build, ...(over && { state: 'cancelled' }), jobId: job.id });
        }
      return found;
    },
  };

  function jobsOf(projectId: string): readonly Job[] {
    return activity.list().filter(({ project }) => project === projectId);
  }

  function noteOf(job: Job): DeployNote | null {
    const note = activity.note(job.id);
    return typeof note === 'object' && note !== null && 'builds' in note ? (note as DeployNote) : null;
  }
}

function withEvent(note: DeployNote, event: DeployEvent): DeployNote {
  if (event.type === 'result') return { ...note, result: event.result };
  if (event.type === 'build-started')
    return {
      ...note,
      builds: { ...note.builds, [event.image]: { state: 'running', durationMs: 0, at: event.at } },
    };
  if (event.type === 'build-finished')
    return {
      ...note,
      builds: {
        ...note.builds,
        [event.image]: { state: event.state, durationMs: event.durationMs, at: event.at },
      },
    };
  return note;
}
