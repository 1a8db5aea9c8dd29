import { resolveNodeImage } from '../cluster/index.ts';
import type { DiagnosticsDeps } from './deps.ts';
import type { Check } from './types.ts';

/** The image that new clusters' nodes are made of: on this machine, or to be had. */
export function checkNodeImage(deps: DiagnosticsDeps): Check {
  return {
    id: 'node-image',
    category: 'cluster',
    title: 'Node image',
    async run(signal) {
      const docker = deps.docker();
      const { kindNodeImage } = await deps.settings();
      const options = { kindConfig: null, setting: kindNodeImage, env: deps.env, signal };
      const decision = await resolveNodeImage(docker, deps.tools, options);
      if (!decision)
        return {
          state: 'failed',
          summary: 'No node image is known',
          hint: 'Install kind, or name a node image in Settings.',
          fixes: [],
          evidence: null,
        };
      const { reference, reason } = decision;
      if (await docker.inspectImage(reference, signal))
        return {
          state: 'ok',
          summary: `${reference} is on this machine`,
          hint: decision.from === 'local' ? `Taken because ${reason}.` : null,
          fixes: [],
          evidence: null,
        };
      const pullable = await canBePulled(reference, signal);
      return {
        state: pullable ? 'ok' : 'failed',
        summary: pullable
          ? `${reference} is pulled when the first cluster is made`
          : `${reference} is not on this machine and cannot be pulled`,
        hint: pullable
          ? null
          : 'Pull or load a kindest/node image, or name the one that you have in Settings (PTAH_KIND_NODE_IMAGE).',
        fixes: pullable
          ? []
          : [
              {
                id: 'pull',
                title: 'Pull the node image',
                commands: [`docker pull ${reference}`],
                automatic: true,
              },
            ],
        evidence: null,
      };

      async function canBePulled(image: string, signal: AbortSignal): Promise<boolean> {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(5_000)]);
        try {
          const answer = await docker.stream({
            method: 'GET',
            path: `/distribution/${image}/json`,
            signal: limit,
          });
          answer.body.resume();
          return answer.status === 200;
        } catch {
          signal.throwIfAborted();
          return false;
        }
      }
    },
    async fix(_fixId, log, signal) {
      const docker = deps.docker();
      const { kindNodeImage } = await deps.settings();
      const options = { kindConfig: null, setting: kindNodeImage, env: deps.env, signal };
      const decision = await resolveNodeImage(docker, deps.tools, options);
      if (decision) await docker.pullImage(decision.reference, log, signal);
    },
  };
}
