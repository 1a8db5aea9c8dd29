import { z } from 'zod';
import { list } from './define.ts';

export const problem = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  hint: z.string().optional(),
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
});
export type Problem = z.infer<typeof problem>;

/** What was seen when something failed; see `Evidence` of the engine. */
export const errorDetails = z.looseObject({
  command: list(z.string()).optional(),
  exitCode: z.number().nullable().optional(),
  output: list(z.string()).optional(),
  file: z.string().optional(),
  line: z.number().optional(),
  column: z.number().optional(),
  status: z.number().optional(),
  problems: list(problem).optional(),
});

/** How every error crosses a border (design §2). `cause` is the chain of causes' messages, nearest first. */
export const wireError = z.object({
  code: z.string(),
  message: z.string(),
  cause: list(z.string()),
  hint: z.string().nullable(),
  details: errorDetails,
});
export type WireError = z.infer<typeof wireError>;

/** The error as a finished job or deploy keeps it. */
export const storedError = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});
export type StoredError = z.infer<typeof storedError>;

export const sampleProblem: Problem = {
  code: 'unknown-image',
  severity: 'error',
  message: 'No image of this project is called "apy".',
  hint: 'Did you mean "api"?',
  file: 'k8s/api.yaml',
  line: 12,
  column: 16,
};
