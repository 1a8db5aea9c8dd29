import { z } from 'zod';

/** The first line of the engine on its private socket. Both sides have to be of one version: they share one contract. */
export const hello = z.object({
  type: z.literal('hello'),
  program: z.literal('ptah-desktop'),
  protocol: z.number(),
  version: z.string(),
  pid: z.number(),
});
export type Hello = z.infer<typeof hello>;

export const protocol = 1;
