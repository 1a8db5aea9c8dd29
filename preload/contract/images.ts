import { z } from 'zod';
import { list, request, text, time } from './define.ts';
import { problem } from './errors.ts';
import { copyRule } from './projects.ts';

export const imageReason = z.object({
  code: z.enum([
    'never-built',
    'files-changed',
    'dockerfile-changed',
    'settings-changed',
    'base-rebuilt',
    'removed-from-docker',
    'other-content-under-tag',
    'forced',
  ]),
  message: z.string(),
  files: list(z.string()),
  fileCount: z.number(),
});

export const imageDependency = z.object({
  image: z.string(),
  written: z.string(),
  via: z.enum(['FROM', 'COPY --from', 'RUN --mount']),
  line: z.number(),
  column: z.number(),
});

/** Shape of `ptah images -o json`. */
export const imageDescription = z.object({
  name: z.string(),
  dockerfile: z.string(),
  context: z.string(),
  tag: z.string(),
  reference: z.string(),
  hash: z.string(),
  digest: z.string(),
  algorithm: z.string(),
  copies: list(copyRule),
  dependsOn: list(imageDependency),
  args: z.record(z.string(), z.string()),
  target: z.string().nullable(),
  network: z.string().nullable(),
  needs: list(z.object({ feature: z.string(), line: z.number() })),
  problems: list(problem),
});
export type ImageDescription = z.infer<typeof imageDescription>;

/** A row of the Images screen: the description, and what Docker and the nodes hold. */
export const imageState = imageDescription.extend({
  state: z.enum(['current', 'stale', 'building', 'failed', 'unknown']),
  /** Why it would be built now; null when current. */
  reason: imageReason.nullable(),
  built: z.object({ id: z.string(), size: z.number(), createdAt: time }).nullable(),
  /** The reference that was current before. */
  previousReference: z.string().nullable(),
  nodes: list(z.object({ node: z.string(), loaded: z.boolean() })),
  lastBuild: z
    .object({
      jobId: z.string(),
      durationMs: z.number(),
      at: time,
      state: z.enum(['done', 'failed', 'cancelled', 'running']),
    })
    .nullable(),
});
export type ImageState = z.infer<typeof imageState>;

export const buildStep = z.object({
  id: z.string(),
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'cached', 'failed', 'cancelled']),
  inputs: list(z.string()),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  error: z.string().nullable(),
});
export type BuildStep = z.infer<typeof buildStep>;

export const buildEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('method'),
    method: z.enum(['buildkit-session', 'buildkit', 'classic']),
    reason: z.string(),
  }),
  z.object({ type: z.literal('step'), step: buildStep }),
  z.object({
    type: z.literal('output'),
    step: z.string().nullable(),
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
  }),
  z.object({
    type: z.literal('progress'),
    step: z.string(),
    name: z.string(),
    current: z.number(),
    total: z.number(),
  }),
  z.object({ type: z.literal('warning'), message: z.string(), line: z.number().nullable() }),
]);
export type BuildEvent = z.infer<typeof buildEvent>;

export const sampleImage: ImageState = {
  name: 'api',
  dockerfile: 'api/Dockerfile',
  context: 'api',
  tag: 'b3c3fbc',
  reference: 'api:b3c3fbc',
  hash: 'b3c3fbc5112be0739fde46ce34e06a1f',
  digest: '3f0c6a2e1d5b4987a6c5d4e3f2019876543210fedcba98765432100123456789',
  algorithm: 'md5',
  copies: [
    {
      source: 'app',
      target: '/srv/app',
      kind: 'directory',
      instruction: 'COPY',
      line: 8,
      chown: null,
      chmod: null,
    },
  ],
  dependsOn: [{ image: 'base', written: 'ptah://base', via: 'FROM', line: 1, column: 6 }],
  args: { MODE: 'dev' },
  target: null,
  network: null,
  needs: [{ feature: 'mount', line: 4 }],
  problems: [],
  state: 'stale',
  reason: {
    code: 'files-changed',
    message: '1 file changed: app/main.py',
    files: ['app/main.py'],
    fileCount: 1,
  },
  built: { id: 'sha256:0123', size: 212_000_000, createdAt: '2026-01-02T03:04:05.000Z' },
  previousReference: 'api:9f04d1e',
  nodes: [{ node: 'dev-control-plane', loaded: false }],
  lastBuild: { jobId: 'job-3', durationMs: 14_000, at: '2026-01-02T03:04:05.000Z', state: 'done' },
};

export const requests = {
  'images.list': request(
    z.strictObject({ projectId: text }),
    z.object({ images: list(imageState), problems: list(problem) }),
    {
      in: { projectId: 'p-1' },
      out: { images: [sampleImage], problems: [] },
    },
  ),
  /** Builds without deploying. `force` builds what is current, too. Starts a job of kind `build`. */
  'images.build': request(
    z.strictObject({ projectId: text, names: list(text, 500), force: z.boolean() }),
    z.object({ jobId: z.string() }),
    {
      in: { projectId: 'p-1', names: ['api'], force: false },
      out: { jobId: 'job-4' },
    },
  ),
};
