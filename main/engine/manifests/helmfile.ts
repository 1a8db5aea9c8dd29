import { basename, dirname } from 'node:path';
import type { PinnedContext } from '../cluster/index.ts';
import type { PlannedHelmfile } from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import type { Tools } from '../tools/index.ts';

/** Whether the project's Helmfile can be synced: both programs have to be there before anything starts. */
export async function planHelmfile(tools: Tools, file: string | null): Promise<PlannedHelmfile | null> {
  if (file === null) return null;
  const found = await Promise.all(
    ['helmfile', 'helm'].map(async name => ({ name, tool: await tools.find(name) })),
  );
  const missing = found.filter(({ tool }) => tool === null).map(({ name }) => name);
  if (missing.length === 0) return { file: basename(file), action: 'sync', problem: null };
  return {
    file: basename(file),
    action: 'blocked',
    problem: {
      code: 'tool-missing',
      severity: 'error',
      message: `The project has a Helmfile, but ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not on the PATH.`,
      hint: 'Install helm and helmfile (Setup shows where they are looked for), or remove helmfile.yaml.',
      file: basename(file),
    },
  };
}

export interface SyncHelmfileOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** Runs `helmfile sync` against the pinned context and no other. */
export async function syncHelmfile(
  tools: Tools,
  request: { readonly file: string; readonly pinned: PinnedContext },
  options: SyncHelmfileOptions = {},
): Promise<void> {
  const { file, pinned } = request;
  if (pinned.source === 'kind') {
    throw new PtahError(
      'context-missing',
      `Helmfile needs the context ${pinned.context} in a kubeconfig file.`,
      {
        hint: `Run: kind export kubeconfig --name ${pinned.clusterName}`,
      },
    );
  }
  const env = Object.fromEntries(
    Object.entries(options.env ?? process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );
  await tools.run('helmfile', ['sync', '--file', file, '--kube-context', pinned.context], {
    cwd: dirname(file),
    // Charts that run helm by themselves get the same context; nothing falls back to the current one.
    env: { ...env, HELM_KUBECONTEXT: pinned.context },
    ...(options.onLine && { onLine: options.onLine }),
    ...(options.signal && { signal: options.signal }),
  });
}
