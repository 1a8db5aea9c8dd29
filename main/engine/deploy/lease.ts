import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import type { Cluster } from '../cluster/index.ts';
import { PtahError, isAbort, toPtahError, type Problem } from '../errors/index.ts';
import type { Home } from '../home/index.ts';
import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';
import { PROJECT_LABEL, projectLabel } from '../manifests/index.ts';
import type { Project } from '../project/index.ts';

/** A holder that has not renewed for so long is gone. */
const durationSeconds = 30;
const renewMs = 10_000;

interface LeaseSpec {
  readonly holderIdentity?: string | null;
  readonly leaseDurationSeconds?: number | null;
  readonly renewTime?: string | null;
}

/** Who we are to other machines: the same for every process of this user here. */
export function holderOf(home: Pick<Home, 'config'>): string {
  return `${hostname()}-${createHash('sha256').update(home.config).digest('hex').slice(0, 8)}`;
}

function leaseRef(project: Project): ObjectRef {
  const plain = /^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/.test(project.name);
  const name = plain ? project.name : createHash('sha256').update(project.name).digest('hex').slice(0, 16);
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    namespace: project.config.namespace ?? 'default',
    name: `ptah-desktop-${name}`,
  };
}

/** Who else deploys this project at the moment, as a problem of the plan; null when nobody does. */
export async function leaseProblem(
  cluster: Cluster,
  project: Project,
  holder: string,
  signal: AbortSignal,
  now = Date.now(),
): Promise<Problem | null> {
  try {
    const other = otherHolder(await cluster.get(leaseRef(project), signal), holder, now);
    return other === null ? null : { severity: 'error', ...heldBy(project, other) };
  } catch (error) {
    if (signal.aborted && isAbort(error)) throw error;
    // whoever may not read Leases deploys without one
    return null;
  }
}

/**
 * Holds the project's Lease until the function that it gives is called: an engine on another machine then plans, but does
 * not deploy. A namespace that is not there yet holds none: nobody else can have deployed into it.
 */
export async function holdLease(
  cluster: Cluster,
  project: Project,
  holder: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const ref = leaseRef(project);
  const write = async (duration: number, at: AbortSignal | undefined) => {
    const live = await cluster.get(ref, at);
    const other = otherHolder(live, holder, Date.now());
    if (other !== null) {
      const { code, message, hint } = heldBy(project, other);
      throw new PtahError(code, message, { hint });
    }
    const lease = leaseObject(project, ref, holder, duration, live);
    // whoever removed the project removed the Lease, too
    if (!live && duration < durationSeconds) return;
    // the version read makes the write fail when another machine was faster
    if (live) await cluster.apply(lease, { force: true, ...(at && { signal: at }) });
    else await cluster.create(lease, at);
  };
  try {
    await write(durationSeconds, signal);
  } catch (error) {
    const { code } = toPtahError(error);
    if (code === 'lease-held' || (signal.aborted && isAbort(error))) throw error;
    if (code === 'conflict')
      throw new PtahError('lease-held', `${project.name} has just begun to be deployed from elsewhere.`, {
        hint: 'Look at the plan again.',
        cause: error,
      });
    return () => Promise.resolve();
  }
  const timer = setInterval(() => void write(durationSeconds, undefined).catch(() => {}), renewMs).unref();
  return async () => {
    clearInterval(timer);
    await write(1, AbortSignal.timeout(2_000)).catch(() => {});
  };
}

/** Leaves no Lease of ours behind; one that another machine holds stays. */
export async function forgetLease(
  cluster: Cluster,
  project: Project,
  holder: string,
  signal: AbortSignal,
): Promise<void> {
  const ref = leaseRef(project);
  const live = await cluster.get(ref, signal);
  if (live && otherHolder(live, holder, Date.now()) === null) await removeIfThere(cluster, ref, signal);
}

export async function removeIfThere(cluster: Cluster, ref: ObjectRef, signal: AbortSignal): Promise<void> {
  try {
    await cluster.remove(ref, { signal });
  } catch (error) {
    if (toPtahError(error).code !== 'not-found') throw error;
  }
}

function otherHolder(lease: KubernetesObject | null, holder: string, now: number): string | null {
  const spec = lease?.spec as LeaseSpec | undefined;
  if (!spec?.holderIdentity || spec.holderIdentity === holder || !spec.renewTime) return null;
  const ends = Date.parse(spec.renewTime) + (spec.leaseDurationSeconds ?? durationSeconds) * 1_000;
  return ends > now ? spec.holderIdentity : null;
}

const heldBy = (project: Project, other: string) => ({
  code: 'lease-held',
  message: `${project.name} is being deployed from ${other}.`,
  hint: 'Wait for its end; a deploy that died there frees the project within half a minute.',
});

function leaseObject(
  project: Project,
  ref: ObjectRef,
  holder: string,
  duration: number,
  live: KubernetesObject | null,
): KubernetesObject {
  // MicroTime: the API server wants six digits
  const now = new Date().toISOString().replace('Z', '000Z');
  return {
    apiVersion: ref.apiVersion,
    kind: ref.kind,
    metadata: {
      name: ref.name,
      ...(ref.namespace !== null && { namespace: ref.namespace }),
      labels: { [PROJECT_LABEL]: projectLabel(project.name) },
      ...(live && { resourceVersion: live.metadata.resourceVersion }),
    },
    spec: { holderIdentity: holder, leaseDurationSeconds: duration, renewTime: now },
  };
}
