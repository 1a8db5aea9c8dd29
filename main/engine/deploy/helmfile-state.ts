import { createHash } from 'node:crypto';
import { readFile, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import type { Cluster } from '../cluster/index.ts';
import { isAbort } from '../errors/index.ts';
import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';
import { removeIfThere } from './lease.ts';
import { projectLabel, PROJECT_LABEL } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';

/** Files that a Helmfile may name without bounds on what they are. */
const mostFiles = 5_000;

/**
 * Changes when the Helmfile does, or anything in the project's folder that it names (charts, values). A sync takes many
 * seconds and makes a new revision of each release, so one whose inputs are the same is left out.
 */
export async function helmfileDigest(project: Project, signal: AbortSignal): Promise<string> {
  const digest = createHash('sha256');
  if (project.helmfile === null) return '';
  const text = await readFile(project.helmfile, 'utf8').catch(() => '');
  digest.update(text);
  const folder = dirname(project.helmfile);
  const named = new Set(text.match(/[\w./@-]+/g)?.filter(word => /[./]/.test(word)) ?? []);
  const files = new Set<string>();
  for (const word of named) {
    const path = resolve(folder, word);
    if (path.startsWith(`${project.root}/`)) await collect(path, files);
    signal.throwIfAborted();
  }
  for (const file of [...files].sort()) {
    digest.update(`\0${relative(project.root, file)}\0`);
    digest.update(await readFile(file).catch(() => ''));
  }
  return digest.digest('hex');
}

async function collect(path: string, files: Set<string>): Promise<void> {
  if (files.size >= mostFiles) return;
  const found = await stat(path).catch(() => null);
  if (found?.isFile()) files.add(path);
  if (!found?.isDirectory()) return;
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => []))
    if (entry.name !== '.git' && entry.name !== 'node_modules') await collect(join(path, entry.name), files);
}

/** Helm keeps one Secret per revision of a release; the deployed one has this label. */
const deployedReleases = {
  apiVersion: 'v1',
  kind: 'Secret',
  labelSelector: 'owner=helm,status=deployed',
} as const;

function recordRef(project: Project): ObjectRef {
  const key = createHash('sha256').update(project.name).digest('hex').slice(0, 10);
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    // the project's own namespace may not be there yet: a Helmfile runs before the objects
    namespace: 'kube-system',
    name: `ptah-desktop-helmfile-${key}`,
  };
}

/** What the cluster was last synced with; null when it never was, or when one of the releases is gone. */
export async function syncedHelmfileDigest(
  cluster: Cluster,
  project: Project,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    const record = await cluster.get(recordRef(project), signal);
    const data = record?.data as Readonly<Record<string, string>> | undefined;
    if (!data?.digest) return null;
    const present = new Set((await releases(cluster, signal)).map(({ key }) => key));
    const recorded = (data.releases ?? '').split('\n').filter(Boolean);
    return recorded.every(key => present.has(key)) ? data.digest : null;
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    // whoever may not look syncs once more: that is never wrong
    return null;
  }
}

/** Releases that the project's Helmfile brought and that are still there, as `namespace/name`. */
export async function syncedReleases(
  cluster: Cluster,
  project: Project,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const data = (await cluster.get(recordRef(project), signal))?.data as
    Readonly<Record<string, string>> | undefined;
  const recorded = (data?.releases ?? '').split('\n').filter(Boolean);
  if (recorded.length === 0) return [];
  const present = new Set((await releases(cluster, signal)).map(({ key }) => key));
  return recorded.filter(key => present.has(key));
}

/** Forgets what the cluster was synced with. */
export async function forgetHelmfileSync(
  cluster: Cluster,
  project: Project,
  signal: AbortSignal,
): Promise<void> {
  await removeIfThere(cluster, recordRef(project), signal);
}

/** Revisions of releases that the cluster holds now, whoever made them. */
export async function helmRevisions(cluster: Cluster, signal: AbortSignal): Promise<ReadonlySet<string>> {
  try {
    return new Set((await releases(cluster, signal)).map(({ revision }) => revision));
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    return new Set();
  }
}

/** Notes in the cluster what it was synced with. A sync makes a new revision of each of its releases: so they are told from others. */
export async function recordHelmfileSync(
  cluster: Cluster,
  project: Project,
  digest: string,
  before: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<void> {
  const { apiVersion, kind, name, namespace } = recordRef(project);
  try {
    const mine = (await releases(cluster, signal)).filter(({ revision }) => !before.has(revision));
    const record: KubernetesObject = {
      apiVersion,
      kind,
      metadata: {
        name,
        ...(namespace !== null && { namespace }),
        labels: { [PROJECT_LABEL]: projectLabel(project.name) },
      },
      data: { digest, releases: mine.map(({ key }) => key).join('\n') },
    };
    await cluster.apply(record, { force: true, signal });
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    // nothing is lost: the next deploy syncs once more
  }
}

async function releases(cluster: Cluster, signal: AbortSignal) {
  const { items } = await cluster.list(deployedReleases, signal);
  return items.map(({ metadata }) => ({
    key: `${metadata.namespace}/${metadata.labels?.name}`,
    revision: `${metadata.namespace}/${metadata.name}`,
  }));
}
