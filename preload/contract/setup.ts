import { z } from 'zod';
import { list, none, request, text } from './define.ts';
import { errorDetails } from './errors.ts';

export const fix = z.object({
  id: z.string(),
  title: z.string(),
  commands: list(z.string()),
  automatic: z.boolean(),
});
export const checkResult = z.object({
  id: z.string(),
  category: z.enum(['containers', 'cluster', 'tools', 'machine']),
  title: z.string(),
  state: z.enum(['ok', 'warning', 'failed', 'not-needed']),
  summary: z.string(),
  hint: z.string().nullable(),
  fixes: list(fix),
  evidence: errorDetails.nullable(),
  durationMs: z.number(),
});
export type CheckResult = z.infer<typeof checkResult>;

const sample: CheckResult = {
  id: 'kind',
  category: 'cluster',
  title: 'kind',
  state: 'failed',
  summary: 'kind is not on the PATH',
  hint: 'kind makes the local cluster',
  fixes: [
    { id: 'install', title: 'Install kind', commands: ['go install sigs.k8s.io/kind'], automatic: true },
  ],
  evidence: { command: ['kind', 'version'], exitCode: null, output: [] },
  durationMs: 12,
};

export const requests = {
  /** The checks there are, without running them: the rows of the Setup screen. */
  'setup.list': request(none, list(checkResult.pick({ id: true, category: true, title: true })), {
    in: {},
    out: [{ id: 'kind', category: 'cluster', title: 'kind' }],
  }),
  'setup.check': request(z.strictObject({ id: text }), checkResult, { in: { id: 'kind' }, out: sample }),
  /** Starts a job of kind `fix`. */
  'setup.fix': request(z.strictObject({ checkId: text, fixId: text }), z.object({ jobId: z.string() }), {
    in: { checkId: 'kind', fixId: 'install' },
    out: { jobId: 'job-1' },
  }),
};
