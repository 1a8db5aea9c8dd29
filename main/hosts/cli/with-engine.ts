import { PtahError } from '../../engine/errors/index.ts';
import { resolveHome } from '../../engine/home/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { Terminal } from './command.ts';
import { readVersion } from './version.ts';

/** The part of an engine that deploying and building need: of this process, or of the one that runs already. */
export interface JobEngine {
  /** The project at or above the folder, noted in the list that windows show. */
  use(directory: string): Promise<{ readonly id: string }>;
  readonly images: Pick<Engine['images'], 'build'>;
  readonly deploy: Pick<Engine['deploy'], 'plan' | 'start'>;
  readonly removal: Engine['removal'];
  readonly activity: Pick<Engine['activity'], 'get' | 'cancel' | 'follow'>;
  readonly sync: Pick<Engine['sync'], 'watch' | 'feed' | 'verify'>;
}

/** Runs `work` on an engine of this process and leaves nothing of it behind. */
export async function withEngine<T>(terminal: Terminal, work: (engine: Engine) => Promise<T>): Promise<T> {
  const { createEngine } = await import('../../engine/index.ts');
  const engine = createEngine({ env: terminal.env, watchFiles: false });
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

/** Runs `work` on the user's running engine, so that a window shows the job, too; where none runs, on one of this process. */
export async function withJobEngine<T>(
  terminal: Terminal,
  work: (engine: JobEngine) => Promise<T>,
): Promise<T> {
  const attached = await attach(terminal);
  if (!attached)
    return withEngine(terminal, engine =>
      work({ ...engine, use: dir => engine.projects.use({ dir, remember: true }) }),
    );
  try {
    return await work(attached.engine);
  } finally {
    attached.close();
  }
}

/** What decides where a deploy goes: with one of these set, the terminal means another world than a running engine may. */
const ownWorld = ['DOCKER_HOST', 'DOCKER_CONTEXT', 'KUBECONFIG', 'PTAH_KIND_NODE_IMAGE'];

async function attach({ env }: Terminal): Promise<{ readonly engine: JobEngine; close(): void } | null> {
  if (ownWorld.some(name => env[name])) return null;
  const { attachClient } = await import('../attach/index.ts');
  const client = await attachClient(resolveHome(env), readVersion());
  if (!client) return null;
  return {
    close: () => client.close(),
    engine: {
      async use(directory) {
        const { findProjectRoot } = await import('../../engine/project/index.ts');
        const root = findProjectRoot(directory);
        const opened = await client.request('projects.open', { path: root ?? directory, asNew: true });
        if (opened.result === 'opened') return { id: opened.project.id };
        throw new PtahError(
          'project-not-found',
          `Neither ${directory} nor a folder above it holds a ptah.yml.`,
          {
            hint: 'Open the folder in the window to have one proposed, or write one: “kind: {name: NAME}” is enough.',
          },
        );
      },
      images: {
        build: ({ projectId, names, force }) =>
          client.request('images.build', { projectId, names: [...names], force }),
      },
      deploy: {
        plan: ({ projectId }, signal) => client.request('deploy.plan', { projectId }, { signal }),
        start: ({ projectId, fingerprint, consent }) =>
          client.request('deploy.start', {
            projectId,
            fingerprint,
            ...(consent && {
              consent: { ...consent, prune: [...consent.prune], replace: [...consent.replace] },
            }),
          }),
      },
      sync: {
        watch: ({ projectId, hold }, signal) =>
          client.stream('sync.watch', { projectId, ...(hold && { hold: [...hold] }) }, { signal }),
        feed: ({ projectId, after }, signal) => client.stream('sync.feed', { projectId, after }, { signal }),
        verify: ({ projectId, container }, signal) =>
          client.request('sync.verify', { projectId, container }, { signal }),
      },
      removal: {
        plan: ({ projectId }, signal) => client.request('removal.plan', { projectId }, { signal }),
        start: ({ groups, ...rest }) => client.request('removal.start', { ...rest, groups: [...groups] }),
      },
      activity: {
        get: ({ jobId }) => client.request('activity.get', { jobId }),
        cancel: ({ jobId }) => client.request('activity.cancel', { jobId }),
        follow: ({ jobId, after }, signal) => client.stream('activity.follow', { jobId, after }, { signal }),
      },
    },
  };
}
