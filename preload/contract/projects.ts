import { z } from 'zod';
import { done, event, list, none, request, text, time } from './define.ts';
import { problem, sampleProblem } from './errors.ts';

/** A row of the Projects screen. */
export const projectSummary = z.object({
  id: z.string(),
  name: z.string(),
  /** Absolute path. */
  root: z.string(),
  /** `missing`: the folder is gone. `invalid`: see `problem`. */
  state: z.enum(['ok', 'missing', 'invalid', 'unconfigured']),
  problem: problem.nullable(),
  clusterName: z.string().nullable(),
  imageCount: z.number(),
  manifestCount: z.number(),
  lastOpened: time,
  lastDeploy: z
    .object({
      at: time,
      state: z.enum(['deployed', 'unchanged', 'failed', 'cancelled']),
      summary: z.string(),
    })
    .nullable(),
  /** The running deploy's job, if one runs. */
  runningJob: z.string().nullable(),
});
export type ProjectSummary = z.infer<typeof projectSummary>;

export const copyRule = z.object({
  source: z.string(),
  target: z.string(),
  kind: z.enum(['file', 'directory']),
  instruction: z.enum(['COPY', 'ADD']),
  line: z.number(),
  chown: z.string().nullable(),
  chmod: z.string().nullable(),
});

export const projectDetail = projectSummary.extend({
  config: z
    .object({
      file: z.string(),
      namespace: z.string(),
      kindName: z.string().nullable(),
      kindConfig: z.string().nullable(),
      apiServerPort: z.number(),
      uiService: z.string(),
      uiUser: z.string(),
      dockerfiles: z.string(),
      manifests: z.string(),
      buildOutput: z.string(),
      tagAlgorithm: z.string(),
    })
    .nullable(),
  context: z.string().nullable(),
  helmfile: z.string().nullable(),
  problems: list(problem),
});
export type ProjectDetail = z.infer<typeof projectDetail>;

export const proposedEdit = z.object({
  file: z.string(),
  line: z.number(),
  before: z.string(),
  after: z.string(),
  reason: z.string(),
});
export const projectProposal = z.object({
  root: z.string(),
  configText: z.string(),
  edits: list(proposedEdit),
  reasons: list(z.string()),
  problems: list(problem),
});
export type ProjectProposal = z.infer<typeof projectProposal>;

/** `opened`: it is in the list. `proposal`: no ptah.yml; nothing was written. `refused`: not a project, says why. */
export const openResult = z.discriminatedUnion('result', [
  z.object({ result: z.literal('opened'), project: projectSummary }),
  z.object({ result: z.literal('proposal'), proposal: projectProposal }),
  z.object({ result: z.literal('same-identity'), project: projectSummary, root: z.string() }),
]);
export type OpenResult = z.infer<typeof openResult>;

export const folderEntry = z.object({
  name: z.string(),
  path: z.string(),
  isProject: z.boolean(),
  hasDockerfile: z.boolean(),
});
export const folderListing = z.object({
  path: z.string(),
  parent: z.string().nullable(),
  folders: list(folderEntry),
  /** Places to start from: home, recent parents, examples. */
  places: list(z.object({ name: z.string(), path: z.string() })),
});
export type FolderListing = z.infer<typeof folderListing>;

const summary: ProjectSummary = {
  id: 'p-1',
  name: 'shop',
  root: '/home/me/code/shop',
  state: 'ok',
  problem: null,
  clusterName: 'dev',
  imageCount: 3,
  manifestCount: 4,
  lastOpened: '2026-01-02T03:04:05.000Z',
  lastDeploy: { at: '2026-01-02T03:04:05.000Z', state: 'deployed', summary: 'Built api, changed 2 objects' },
  runningJob: null,
};
const proposal: ProjectProposal = {
  root: '/home/me/code/shop',
  configText: 'kind:\n  name: shop\n',
  edits: [
    {
      file: 'k8s.yaml',
      line: 17,
      before: '          image: shop:latest',
      after: '          image: ptah://shop',
      reason: 'shop:latest is never pulled',
    },
  ],
  reasons: ['The Dockerfile in the root is the image shop'],
  problems: [],
};

const id = z.strictObject({ id: text });

export const requests = {
  'projects.list': request(none, list(projectSummary), { in: {}, out: [summary] }),
  'projects.get': request(id, projectDetail, {
    in: { id: 'p-1' },
    out: {
      ...summary,
      config: {
        file: '/home/me/code/shop/ptah.yml',
        namespace: 'default',
        kindName: 'dev',
        kindConfig: null,
        apiServerPort: 8001,
        uiService: 'kubernetes-dashboard',
        uiUser: 'dashboard-admin',
        dockerfiles: '(?i)(?P<name>\\w+)[/\\\\][\\w\\.]*Dockerfile',
        manifests: '^(?!helmfile).*\\.yaml',
        buildOutput: '.build',
        tagAlgorithm: 'md5',
      },
      context: 'kind-dev',
      helmfile: null,
      problems: [sampleProblem],
    },
  }),
  /** Opens a folder by path. `asNew` answers the question of two folders with one identity (design §9). */
  'projects.open': request(z.strictObject({ path: text, asNew: z.boolean().optional() }), openResult, {
    in: { path: '/home/me/code/shop' },
    out: { result: 'opened', project: summary },
  }),
  /** Writes what `projects.open` proposed, if the folder has not changed since, and opens it. */
  'projects.accept': request(
    z.strictObject({ root: text, configText: z.string().max(65_536), edits: list(proposedEdit, 500) }),
    openResult,
    {
      in: { root: proposal.root, configText: proposal.configText, edits: [...proposal.edits] },
      out: { result: 'opened', project: summary },
    },
  ),
  /** Takes it off the list. Touches neither the folder nor the cluster. */
  'projects.remove': request(id, done, { in: { id: 'p-1' }, out: { ok: true } }),
  /** A folder dropped in a browser brings no path: it is looked for by name and listing (design §9). */
  'projects.locate': request(
    z.strictObject({ name: text, entries: list(text, 5000) }),
    z.object({ candidates: list(z.string()) }),
    {
      in: { name: 'shop', entries: ['ptah.yml', 'api'] },
      out: { candidates: ['/home/me/code/shop'] },
    },
  ),
  'projects.browse': request(z.strictObject({ path: text.nullable() }), folderListing, {
    in: { path: null },
    out: {
      path: '/home/me',
      parent: '/home',
      folders: [{ name: 'code', path: '/home/me/code', isProject: false, hasDockerfile: false }],
      places: [{ name: 'Home', path: '/home/me' }],
    },
  }),
  /** The native dialog; null in a browser (use `projects.browse`) and when cancelled. */
  'projects.chooseFolder': request(none, z.object({ path: z.string().nullable() }), {
    in: {},
    out: { path: '/home/me/code/shop' },
  }),
};

export const events = {
  'projects.changed': event(z.object({ ids: list(z.string()) }), { ids: ['p-1'] }),
  /** Files of a project changed: its plan may be another one now. */
  'projects.filesChanged': event(z.object({ id: z.string() }), { id: 'p-1' }),
};
