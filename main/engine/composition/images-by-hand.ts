import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { listContext } from '../content/index.ts';
import type { Gathered } from '../deploy/index.ts';
import { adviseDockerfile, outlineDockerfile, type DockerfileAdvice } from '../dockerfile/index.ts';
import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import type { ClusterState, Done, ProjectInput } from '../engine-types.ts';
import {
  createRuns,
  heldTags,
  loadCopies,
  matchLayers,
  planRun,
  readHistory,
  removeTags,
  whyKept,
  type BuildStep,
  type HeldTag,
  type ImageDescription,
  type ImageLayer,
  type RemovedTags,
  type RunPlan,
  type RunRequest,
  type RunView,
  type TagQuery,
} from '../images/index.ts';
import type { RunFeed } from '../logs/index.ts';
import type { Project } from '../project/index.ts';
import { forgetCopies, type ForgottenCopies } from '../removal/index.ts';
import type { ContainerPlace, TerminalSize } from '../terminals/index.ts';
import type { createDeployJobs } from './deploy-jobs.ts';
import type { Parts } from './parts.ts';
import { abortable, type SharedGather } from './shared-gather.ts';

type OneImage = ProjectInput & { readonly name: string };
type OneRun = ProjectInput & { readonly id: string };

/** What the Images screen does beside building. */
export interface ImagesByHand {
  layers(input: OneImage, signal?: AbortSignal): Promise<ImageLayers>;
  tags(input: ProjectInput, signal?: AbortSignal): Promise<ProjectTags>;
  removeTags(
    input: ProjectInput & {
      readonly references: readonly string[];
      /** Their copies on the nodes, too. */
      readonly nodes?: boolean | undefined;
    },
    signal?: AbortSignal,
  ): Promise<RemovedTags & { readonly copies: ForgottenCopies['removed'] }>;
  runPlan(input: OneImage, signal?: AbortSignal): Promise<RunPlan>;
  run(
    input: OneImage & Pick<RunRequest, 'ports' | 'environment' | 'mounts' | 'command'>,
    signal?: AbortSignal,
  ): Promise<RunView>;
  runs(input: ProjectInput, signal?: AbortSignal): Promise<readonly RunView[]>;
  stopRun(input: OneRun): Promise<Done>;
  dismissRun(input: OneRun): Promise<Done>;
  runTerminal(input: OneRun & TerminalSize): Promise<{ readonly id: string }>;
}

export interface ImageLayers {
  readonly image: string;
  readonly reference: string | null;
  readonly current: boolean;
  readonly size: number;
  readonly layers: readonly ImageLayer[];
  readonly dockerfile: string;
  readonly advice: readonly DockerfileAdvice[];
}

export interface ProjectTags {
  readonly tags: readonly (HeldTag & { readonly keep: string | null })[];
  /** Why pods and nodes could not be asked. */
  readonly unasked: string | null;
}

interface Deps {
  readonly gather: SharedGather;
  readonly jobs: Pick<ReturnType<typeof createDeployJobs>, 'lastBuilds'>;
  read(projectId: string): Promise<Project>;
  cluster(
    projectId: string,
    project: Project,
    gathered: Gathered,
    signal?: AbortSignal,
  ): Promise<Pick<ClusterState, 'nodes'>>;
  openTerminal(place: ContainerPlace & TerminalSize): Promise<{ readonly id: string }>;
}

const done = { ok: true } as const;

export function createImagesByHand(
  parts: Parts,
  deps: Deps,
): { readonly images: ImagesByHand; feed(projectId: string): RunFeed; close(): void } {
  const runs = createRuns(() => parts.docker());
  /** Ids of the projects that were asked for, by the name that their containers carry. */
  const ids = new Map<string, Set<string>>();
  const changes = new Set<(projectId: string) => void>();
  runs.onChange(name => {
    for (const projectId of ids.get(name) ?? []) {
      parts.emit('images.runsChanged', { projectId });
      for (const tell of changes) tell(projectId);
    }
  });

  async function nameOf(projectId: string): Promise<string> {
    const { name } = await deps.read(projectId);
    ids.set(name, (ids.get(name) ?? new Set()).add(projectId));
    return name;
  }
  async function look(projectId: string, signal?: AbortSignal) {
    const project = await deps.read(projectId);
    return { project, gathered: await abortable(deps.gather(project), signal) };
  }
  async function imageOf({ projectId, name }: OneImage, signal?: AbortSignal) {
    const found = await look(projectId, signal);
    const image = found.gathered.world.images.find(one => one.name === name);
    if (image === undefined)
      throw new PtahError('not-found', `${found.project.name} has no image ${name}.`, {
        hint: 'The folder changed: look at the list again.',
      });
    return { ...found, image };
  }
  /** The image of the folder as it is; what Docker does not hold can't be run. */
  async function runnable(input: OneImage, signal?: AbortSignal): Promise<ImageDescription> {
    const { image } = await imageOf(input, signal);
    if ((await parts.docker().inspectImage(image.reference, signal)) === null)
      throw new PtahError('not-built', `${image.reference} is not built yet.`, {
        hint: 'Build the image first.',
      });
    return image;
  }

  return {
    images: {
      async layers(input, signal) {
        const { project, gathered, image } = await imageOf(input, signal);
        const held = gathered.world.built
          .filter(({ reference }) => reference.startsWith(`${image.name}:`))
          .toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
        const current = held.find(
          ({ reference, digest }) => reference === image.reference && digest === image.digest,
        );
        const shown = current ?? held[0] ?? null;
        const [advice, layers] = await Promise.all([
          adviceOn(parts, project, image, signal),
          shown === null
            ? []
            : layersOf(parts, deps, input.projectId, project, image, shown, current !== undefined, signal),
        ]);
        return {
          image: image.name,
          reference: shown?.reference ?? null,
          current: current !== undefined,
          size: shown?.size ?? 0,
          layers,
          dockerfile: image.dockerfile,
          advice,
        };
      },
      async tags({ projectId }, signal) {
        const { query, unasked } = await tagQuery(
          parts,
          deps,
          projectId,
          await look(projectId, signal),
          signal,
        );
        const tags = await heldTags(parts.docker(), query, signal);
        return { tags: tags.map(tag => ({ ...tag, keep: whyKept(tag) })), unasked };
      },
      async removeTags({ projectId, references, nodes = false }, signal = parts.closing) {
        const found = await look(projectId, signal);
        const { query } = await tagQuery(parts, deps, projectId, found, signal);
        try {
          const { removed, kept } = await removeTags(parts.docker(), query, references, signal);
          const copies = nodes ? await copiesOf(parts, found, removed, signal) : { removed: [], kept: [] };
          return { removed, copies: copies.removed, kept: [...kept, ...copies.kept] };
        } finally {
          deps.gather.outdate();
        }
      },
      async runPlan(input, signal) {
        const { name, reference } = await runnable(input, signal);
        return planRun(parts.docker(), { image: name, reference }, signal);
      },
      async run({ projectId, name, ports, environment, mounts, command }, signal) {
        const project = await nameOf(projectId);
        const { reference } = await runnable({ projectId, name }, signal);
        return runs.start({ project, image: name, reference, ports, environment, mounts, command }, signal);
      },
      runs: async ({ projectId }, signal) => runs.list(await nameOf(projectId), signal),
      async stopRun({ projectId, id }) {
        await runs.stop(await nameOf(projectId), id);
        return done;
      },
      async dismissRun({ projectId, id }) {
        await runs.dismiss(await nameOf(projectId), id);
        return done;
      },
      async runTerminal({ projectId, id, cols, rows }) {
        const run = (await runs.list(await nameOf(projectId))).find(one => one.id === id);
        if (run?.state !== 'running')
          throw new PtahError('not-found', 'That container does not run any more.', {
            hint: 'Run the image again.',
          });
        return deps.openTerminal({ projectId, id, name: run.name, image: run.image, cols, rows });
      },
    },
    feed: projectId => ({
      list: async signal => runs.list(await nameOf(projectId), signal),
      async *log(id, after, signal) {
        yield* runs.log(await nameOf(projectId), id, after, signal);
      },
      knows: id => runs.knows(id),
      onChange(listener) {
        const tell = (changed: string): void => {
          if (changed === projectId) listener();
        };
        changes.add(tell);
        return () => void changes.delete(tell);
      },
    }),
    close: () => runs.close(),
  };
}

/** What Docker no longer holds goes from the nodes, too; a cluster that can't be asked keeps its copies, and that is told. */
async function copiesOf(
  parts: Parts,
  { project, gathered }: { readonly project: Project; readonly gathered: Gathered },
  references: readonly string[],
  signal: AbortSignal,
): Promise<ForgottenCopies> {
  if (references.length === 0) return { removed: [], kept: [] };
  const cluster = gathered.api;
  const unasked = (reason: string) => ({ removed: [], kept: [{ reference: 'Copies on nodes', reason }] });
  if (cluster === null) return unasked(gathered.world.cluster.message);
  try {
    return await forgetCopies(project, { docker: parts.docker(), cluster }, references, signal);
  } catch (error) {
    if (isAbort(error) || signal.aborted) throw error;
    return unasked(toPtahError(error).message);
  }
}

async function adviceOn(
  parts: Parts,
  project: Project,
  image: ImageDescription,
  signal?: AbortSignal,
): Promise<readonly DockerfileAdvice[]> {
  try {
    const [text, { entries }] = await Promise.all([
      readFile(join(project.root, image.dockerfile), 'utf8'),
      listContext({
        root: join(project.root, image.context),
        dockerfile: basename(image.dockerfile),
        exclude: [resolve(project.root, project.config.buildOutput), join(project.root, '.ptah')],
        index: parts.index,
        signal,
      }),
    ]);
    return adviseDockerfile(text, {
      args: image.args,
      target: image.target,
      files: entries.map(({ path }) => path),
    });
  } catch (error) {
    if (isAbort(error) || signal?.aborted === true) throw error;
    // a folder that can't be read is told by the image's own problems
    return [];
  }
}

async function layersOf(
  parts: Parts,
  { jobs }: Deps,
  projectId: string,
  project: Project,
  image: ImageDescription,
  shown: { readonly id: string; readonly digest: string | null },
  current: boolean,
  signal?: AbortSignal,
): Promise<readonly ImageLayer[]> {
  const [history, text] = await Promise.all([
    readHistory(parts.docker(), shown.id, signal),
    dockerfileOf(parts, project, image, shown.digest, current),
  ]);
  const outline = text === null ? null : outlineDockerfile(text, { args: image.args, target: image.target });
  const last = jobs.lastBuilds(projectId).get(image.name);
  const steps = last?.state === 'done' ? await stepsOf(parts, last.jobId, image.name, signal) : [];
  return matchLayers(history, outline, steps);
}

/** As it was built, else, where it is the image of the folder, as it is. */
async function dockerfileOf(
  { home }: Parts,
  project: Project,
  image: ImageDescription,
  digest: string | null,
  current: boolean,
): Promise<string | null> {
  const record = digest === null ? null : await loadCopies(home, project.name, image.name, digest);
  if (record !== null) return record.dockerfile;
  return current ? readFile(join(project.root, image.dockerfile), 'utf8').catch(() => null) : null;
}

/** The steps of a build that is over, from its job's own record. */
async function stepsOf(
  { activity }: Parts,
  jobId: string,
  image: string,
  signal?: AbortSignal,
): Promise<readonly BuildStep[]> {
  const steps = new Map<string, BuildStep>();
  try {
    for await (const { event } of activity.follow(jobId, 0, signal))
      if (event.type === 'build' && event.image === image && event.event.type === 'step')
        steps.set(event.event.step.id, event.event.step);
  } catch (error) {
    if (isAbort(error)) throw error;
  }
  return [...steps.values()];
}

async function tagQuery(
  parts: Parts,
  deps: Deps,
  projectId: string,
  { project, gathered }: { readonly project: Project; readonly gathered: Gathered },
  signal?: AbortSignal,
): Promise<{ readonly query: TagQuery; readonly unasked: string | null }> {
  const pods = new Map<string, string[]>();
  const nodes = new Map<string, string[]>();
  let unasked: string | null = gathered.api === null ? gathered.world.cluster.message : null;
  try {
    if (gathered.api !== null) {
      const [{ items }, state] = await Promise.all([
        gathered.api.list({ apiVersion: 'v1', kind: 'Pod', namespace: null }, signal),
        deps.cluster(projectId, project, gathered, signal),
      ]);
      for (const { metadata, spec } of items)
        for (const reference of imagesOfPod(spec))
          add(pods, reference, `${metadata.namespace}/${metadata.name}`);
      for (const node of state.nodes)
        for (const { reference } of node.images ?? []) add(nodes, plainReference(reference), node.name);
    }
  } catch (error) {
    if (isAbort(error) || signal?.aborted === true) throw error;
    unasked = toPtahError(error).message;
  }
  const current = new Set(gathered.world.images.map(({ reference }) => reference));
  return { query: { project: project.name, current, pods, nodes }, unasked };
}

function imagesOfPod(spec: unknown): ReadonlySet<string> {
  const { containers = [], initContainers = [] } = (spec ?? {}) as {
    readonly containers?: readonly { readonly image?: string }[];
    readonly initContainers?: readonly { readonly image?: string }[];
  };
  return new Set(
    [...containers, ...initContainers].flatMap(({ image }) => (image ? [plainReference(image)] : [])),
  );
}

function add(to: Map<string, string[]>, reference: string, name: string): void {
  const names = to.get(reference) ?? [];
  if (!names.includes(name)) names.push(name);
  to.set(reference, names);
}

/** As Docker writes it: nodes write the registry out. */
const plainReference = (reference: string): string => reference.replace(/^docker\.io\/(library\/)?/, '');
