import { z } from 'zod';
import { list, request, text, time } from './define.ts';

/** The first is the oldest. */
export const imageLayer = z.object({
  instruction: z.string().nullable(),
  text: z.string(),
  size: z.number(),
  createdAt: time,
  /** Null for what the base image brought. */
  line: z.number().nullable(),
  /** How it came about in the last build; null where nobody knows. */
  last: z.enum(['cached', 'built']).nullable(),
  durationMs: z.number().nullable(),
});
export type ImageLayer = z.infer<typeof imageLayer>;

export const dockerfileAdvice = z.object({
  code: z.enum([
    'dependencies-before-code',
    'packages-before-code',
    'lists-alone',
    'changing-argument',
    'context-not-ignored',
  ]),
  line: z.number(),
  message: z.string(),
  why: z.string(),
  suggestion: z.string().nullable(),
});
export type DockerfileAdvice = z.infer<typeof dockerfileAdvice>;

export const imageLayers = z.object({
  image: z.string(),
  /** What was looked at: the image of the folder as it is, else the newest that Docker holds; null where it holds none. */
  reference: z.string().nullable(),
  /** Whether that is what the folder gives now. */
  current: z.boolean(),
  size: z.number(),
  layers: list(imageLayer),
  /** Relative to the project. */
  dockerfile: z.string(),
  advice: list(dockerfileAdvice),
});
export type ImageLayers = z.infer<typeof imageLayers>;

export const heldTag = z.object({
  reference: z.string(),
  id: z.string(),
  image: z.string(),
  digest: z.string().nullable(),
  size: z.number(),
  createdAt: time,
  current: z.boolean(),
  containers: list(z.string()),
  pods: list(z.string()),
  nodes: list(z.string()),
  /** Why it is not to be removed; null where nothing speaks against it. */
  keep: z.string().nullable(),
});
export type HeldTag = z.infer<typeof heldTag>;

const project = { projectId: text };

export const requests = {
  /** Layers of the image, and advice on the order of its Dockerfile as it is now. */
  'images.layers': request(z.strictObject({ ...project, name: text }), imageLayers, {
    in: { projectId: 'p-1', name: 'api' },
    out: {
      image: 'api',
      reference: 'api:b3c3fbc',
      current: true,
      size: 212_000_000,
      layers: [
        {
          instruction: 'COPY',
          text: 'COPY . .',
          size: 52_000,
          createdAt: '2026-01-02T03:04:05.000Z',
          line: 4,
          last: 'built',
          durationMs: 120,
        },
      ],
      dockerfile: 'api/Dockerfile',
      advice: [
        {
          code: 'dependencies-before-code',
          line: 5,
          message: 'Install the dependencies before the code comes in on line 4.',
          why: '`COPY . .` changes with every edit.',
          suggestion: 'COPY requirements.txt ./',
        },
      ],
    },
  }),
  /** Every tag of the project in Docker, and what still needs it. `unasked` says why pods and nodes are not in it. */
  'images.tags': request(
    z.strictObject(project),
    z.object({ tags: list(heldTag), unasked: z.string().nullable() }),
    {
      in: { projectId: 'p-1' },
      out: {
        tags: [
          {
            reference: 'api:9f04d1e',
            id: 'sha256:0123',
            image: 'api',
            digest: '3f0c6a2e',
            size: 211_000_000,
            createdAt: '2026-01-01T03:04:05.000Z',
            current: false,
            containers: [],
            pods: ['default/api-5d9c-x7k2p'],
            nodes: ['dev-control-plane'],
            keep: 'Pod default/api-5d9c-x7k2p runs it.',
          },
        ],
        unasked: null,
      },
    },
  ),
  /**
   * Removes old tags of the project from Docker, with `nodes` also their copies on the nodes, never another's: what is needed by now is
   * kept, with the reason.
   */
  'images.removeTags': request(
    z.strictObject({ ...project, references: list(text, 1000), nodes: z.boolean().optional() }),
    z.object({
      removed: list(z.string()),
      copies: list(z.object({ reference: z.string(), node: z.string() })),
      kept: list(z.object({ reference: z.string(), reason: z.string() })),
    }),
    {
      in: { projectId: 'p-1', references: ['api:9f04d1e'], nodes: true },
      out: {
        removed: ['api:9f04d1e'],
        copies: [{ reference: 'api:9f04d1e', node: 'dev-control-plane' }],
        kept: [],
      },
    },
  ),
};
