import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { kindKubeconfig } from '../cluster/index.ts';
import type { PinnedContext } from '../cluster/index.ts';
import type { PlannedHelmfile } from '../deploy/index.ts';
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
  const env = options.env ?? process.env;
  // A cluster that no kubeconfig file names: helm reads only files, so it gets one of its own for as long as it runs.
  const folder = pinned.source === 'kind' ? await mkdtemp(join(tmpdir(), 'ptah-helmfile-')) : null;
  try {
    const pinnedEnv: Record<string, string> = { ...defined(env), HELM_KUBECONTEXT: pinned.context };
    if (folder !== null) {
      pinnedEnv.KUBECONFIG = join(folder, 'config');
      const text = await kindKubeconfig(pinned.clusterName, tools, env, options.signal);
      await writeFile(pinnedEnv.KUBECONFIG, text, { mode: 0o600 });
    }
    await tools.run('helmfile', ['sync', '--file', file, '--kube-context', pinned.context], {
      cwd: dirname(file),
      // Charts' hooks that run helm by themselves get the same context; nothing falls back to the current one.
      env: pinnedEnv,
      ...(options.onLine && { onLine: options.onLine }),
      ...(options.signal && { signal: options.signal }),
    });
  } finally {
    if (folder !== null) await rm(folder, { recursive: true, force: true });
  }
}

function defined(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
