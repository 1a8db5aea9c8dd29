import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { PtahError, toPtahError, type Problem } from '../errors/index.ts';
import type { Done, FolderListing, OpenResult, ProjectDetail, ProjectSummary } from '../engine-types.ts';
import {
  buildOutputPath,
  findProjectRoot,
  locateDroppedFolder,
  openProject,
  proposeProject,
  writeProposal,
  type Project,
  type ProjectRegistry,
  type RegisteredProject,
  type ProposedEdit,
} from '../project/index.ts';
import { browseFolder, homeFolder } from './browse.ts';
import type { createDeployJobs } from './deploy-jobs.ts';
import type { FileWatch } from './file-watch.ts';
import type { Parts } from './parts.ts';

interface ProjectsOptions {
  readonly registry: ProjectRegistry;
  readonly jobs: ReturnType<typeof createDeployJobs>;
  /** Null where nobody looks for changes: in a terminal. */
  readonly watch: FileWatch | null;
}

/** The projects that the user has opened, each read from disk whenever it is asked for. */
export function createProjects(parts: Parts, { registry, jobs, watch }: ProjectsOptions) {
  /** Projects that a terminal uses without putting them on the list. */
  const used = new Map<string, string>();

  const rootOf = (id: string): string => {
    const root = registry.list().find(known => known.id === id)?.root ?? used.get(id);
    if (root === undefined)
      throw new PtahError('project-unknown', 'This project is not on the list any more.', {
        hint: 'Open its folder again.',
      });
    return root;
  };
  const readRoot = (root: string): Promise<Project> => openProject(root, { env: parts.env });
  const read = async (id: string): Promise<Project> => {
    const project = await readRoot(rootOf(id));
    watch?.add(id, project.root, [buildOutputPath(project.root, project.config.buildOutput)]);
    return project;
  };

  const summarise = async (
    known: RegisteredProject,
  ): Promise<{ summary: ProjectSummary; project: Project | null }> => {
    const [last] = jobs.history(known.id).filter(({ result }) => result !== null);
    const base = {
      id: known.id,
      root: known.root,
      lastOpened: known.lastOpened,
      lastDeploy: last?.result
        ? { at: last.startedAt, state: last.result.state, summary: last.result.summary }
        : null,
      runningJob: jobs.runningJob(known.id),
    };
    try {
      const project = await readRoot(known.root);
      const problem = project.problems.find(({ severity }) => severity === 'error') ?? null;
      return {
        project,
        summary: {
          ...base,
          name: project.name,
          state: 'ok',
          problem,
          clusterName: project.clusterName,
          imageCount: project.dockerfiles.length,
          manifestCount: project.manifests.length,
        },
      };
    } catch (error) {
      return {
        project: null,
        summary: {
          ...base,
          name: known.name,
          state: stateOf(toPtahError(error)),
          problem: toProblem(error),
          clusterName: null,
          imageCount: 0,
          manifestCount: 0,
        },
      };
    }
  };

  const opened = async (root: string): Promise<OpenResult> => {
    const project = await readRoot(root);
    const known = await registry.add({ root: project.root, name: project.name });
    parts.emit('projects.changed', { ids: [known.id] });
    return { result: 'opened', project: (await summarise(known)).summary };
  };

  /** Another folder on the list with the same name and cluster: both would manage the same objects. */
  const sameIdentity = async (project: Project): Promise<RegisteredProject | null> => {
    for (const known of registry.list()) {
      if (known.root === project.root) continue;
      const other = await readRoot(known.root).catch(() => null);
      if (other?.name === project.name && other.clusterName === project.clusterName) return known;
    }
    return null;
  };

  return {
    read,
    list: async (): Promise<readonly ProjectSummary[]> =>
      Promise.all(registry.list().map(async known => (await summarise(known)).summary)),

    async get({ id }: { readonly id: string }): Promise<ProjectDetail> {
      const known = registry.list().find(known => known.id === id) ?? {
        id,
        root: rootOf(id),
        name: '',
        lastOpened: new Date().toISOString(),
      };
      const { summary, project } = await summarise(known);
      // also what cannot be read now: whoever mends ptah.yml, or brings the folder back, wants to see it
      watch?.add(id, known.root, project ? [buildOutputPath(project.root, project.config.buildOutput)] : []);
      return {
        ...summary,
        config: project && configOf(project),
        context: project && `kind-${project.clusterName}`,
        helmfile: project?.helmfile ?? null,
        problems: project?.problems ?? (summary.problem ? [summary.problem] : []),
      };
    },

    async open({ path, asNew }: { readonly path: string; readonly asNew?: boolean }): Promise<OpenResult> {
      const root = findProjectRoot(path);
      if (root === null) return { result: 'proposal', proposal: await proposeProject(path) };
      if (!asNew) {
        const other = await sameIdentity(await readRoot(root));
        if (other) return { result: 'same-identity', project: (await summarise(other)).summary, root };
      }
      return opened(root);
    },

    async accept(input: {
      readonly root: string;
      readonly configText: string;
      readonly edits: readonly ProposedEdit[];
    }): Promise<OpenResult> {
      await writeProposal({ ...input, reasons: [], problems: [] });
      return opened(input.root);
    },

    async remove({ id }: { readonly id: string }): Promise<Done> {
      watch?.remove(id);
      await registry.remove(id);
      parts.emit('projects.changed', { ids: [id] });
      return { ok: true };
    },

    async locate({ name, entries }: { readonly name: string; readonly entries: readonly string[] }) {
      const { candidates } = await locateDroppedFolder(
        { name, entries: entries.map(entry => ({ name: entry })) },
        { recentParents: recentRoots().map(root => dirname(root)), home: homeFolder(parts.env) },
      );
      return { candidates };
    },

    browse: async ({ path }: { readonly path: string | null }): Promise<FolderListing> =>
      browseFolder(path, { recentRoots: recentRoots(), examples: parts.examples, env: parts.env }),

    async use({ dir, remember }: { readonly dir: string; readonly remember?: boolean }) {
      const project = await readRoot(dir);
      const known = registry.list().find(({ root }) => root === project.root);
      if (remember)
        return { id: (await registry.add({ root: project.root, name: project.name })).id, project };
      const id = known?.id ?? `p-${createHash('sha256').update(project.root).digest('hex').slice(0, 16)}`;
      used.set(id, project.root);
      return { id, project };
    },
  };

  function recentRoots(): readonly string[] {
    return registry.list().map(({ root }) => root);
  }
}

function configOf({ config, configFile }: Project): NonNullable<ProjectDetail['config']> {
  return {
    file: configFile,
    namespace: config.namespace ?? 'default',
    kindName: config.kind.name,
    kindConfig: config.kind.config,
    apiServerPort: config.apiServer.port,
    uiService: config.ui.service,
    uiUser: config.ui.user,
    dockerfiles: config.dockerfiles,
    manifests: config.manifests,
    buildOutput: config.buildOutput,
    tagAlgorithm: config.tagAlgorithm,
  };
}

function stateOf({ code }: PtahError): ProjectSummary['state'] {
  if (code === 'folder-missing' || code === 'not-a-directory') return 'missing';
  return code === 'project-not-found' ? 'unconfigured' : 'invalid';
}

/** The first thing that is wrong, with its place. */
function toProblem(error: unknown): Problem {
  const { code, message, hint, details } = toPtahError(error);
  const [first] = details.problems ?? [];
  if (first) return first;
  return {
    code,
    severity: 'error',
    message,
    ...(hint && { hint }),
    ...(details.file && { file: details.file }),
    ...(details.line !== undefined && { line: details.line }),
    ...(details.column !== undefined && { column: details.column }),
  };
}
