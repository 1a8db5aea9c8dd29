import { pinKindContext } from '../cluster/index.ts';
import { holdLease, holderOf, leaseProblem } from '../deploy/index.ts';
import { describeImages, labels, settleReferences } from '../images/index.ts';
import type { Project } from '../project/index.ts';
import { createSync, type Sync } from '../sync/index.ts';
import type { createDeployJobs } from './deploy-jobs.ts';
import type { Parts } from './parts.ts';
import { projectFiles } from './project-files.ts';

interface LiveSyncOptions {
  readonly read: (projectId: string) => Promise<Project>;
  readonly jobs: Pick<ReturnType<typeof createDeployJobs>, 'deploy'>;
  readonly remember: boolean;
  /** Calls back when a file of a project may be another; gives what ends that. */
  readonly onFiles: (projectId: string, hint: () => void) => () => void;
}

/** Live sync with this engine's Docker, clusters and jobs. */
export function createLiveSync(parts: Parts, { read, jobs, remember, onFiles }: LiveSyncOptions): Sync {
  const holder = holderOf(parts.home);
  return createSync({
    home: parts.home,
    index: parts.index,
    docker: parts.docker,
    read,
    closing: parts.closing,
    remember,
    async cluster(project, signal) {
      const docker = parts.docker();
      return parts.connect(
        await pinKindContext(project.clusterName, { env: parts.env, docker, tools: parts.tools, signal }),
      );
    },
    async references(project) {
      const described = await describeImages(project, { index: parts.index, signal: parts.closing });
      const held = (await parts.docker().listImages({}, parts.closing)).flatMap(image =>
        image.tags.map(reference => ({ reference, digest: image.labels[labels.digest] ?? null })),
      );
      return new Map(settleReferences(described, held).map(({ name, reference }) => [name, reference]));
    },
    async image(reference) {
      const image = await parts.docker().inspectImage(reference, parts.closing);
      return (
        image && {
          digest: image.labels[labels.digest] ?? null,
          project: image.labels[labels.project] ?? null,
        }
      );
    },
    async builtDigest(project, name) {
      const images = await parts
        .docker()
        .listImages(
          { labels: [`${labels.project}=${project.name}`, `${labels.image}=${name}`] },
          parts.closing,
        );
      const newest = images.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0];
      return newest?.labels[labels.digest] ?? null;
    },
    projectFiles: project => projectFiles(project, parts.closing),
    onFiles,
    hold: (cluster, project, signal) => holdLease(cluster, project, holder, signal),
    heldBy: async (cluster, project, signal) =>
      (await leaseProblem(cluster, project, holder, signal))?.message ?? null,
    async deploy(projectId, signal) {
      const { jobId } = jobs.deploy(projectId, await read(projectId), { fingerprint: null });
      const over = AbortSignal.any([signal, parts.closing]);
      // the job's own log has the events; here only its end counts
      for await (const item of parts.activity.follow(jobId, Number.MAX_SAFE_INTEGER, over)) void item;
      const { state, status, error } = parts.activity.get(jobId);
      return { state: state === 'succeeded' ? 'done' : state, message: error?.message ?? status };
    },
  });
}
