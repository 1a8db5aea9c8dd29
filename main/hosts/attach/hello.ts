import { createHash } from 'node:crypto';
import { z } from 'zod';

/** The first line of the engine on its private socket. Both sides have to be of one version: they share one contract. */
export const hello = z.object({
  type: z.literal('hello'),
  program: z.literal('ptah-desktop'),
  protocol: z.number(),
  version: z.string(),
  pid: z.number(),
  /** Which Docker and clusters it works with: `worldOf` its environment. */
  world: z.string().optional(),
});
export type Hello = z.infer<typeof hello>;

export const protocol = 1;

/** What decides where a deploy goes: with one of these set, a terminal means another world than a running engine may. */
const deciding = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'KUBECONFIG', 'PTAH_KIND_NODE_IMAGE'];

export function worldOf(env: NodeJS.ProcessEnv): string {
  const values = JSON.stringify(deciding.map(name => env[name] || null));
  return createHash('sha256').update(values).digest('hex').slice(0, 16);
}
