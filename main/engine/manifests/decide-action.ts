import { ApiError, FIELD_MANAGER, fieldConflicts } from '../cluster/index.ts';
import type { Cluster, FieldConflict, Status } from '../cluster/index.ts';
import type { PlannedObject } from '../deploy/index.ts';
import { PtahError } from '../errors/index.ts';
import { isAlreadyApplied } from './applied-fields.ts';
import { changedFields, describeChanges } from './changed-fields.ts';
import { PART_OF_LABEL, PROJECT_LABEL, refText } from './identity.ts';
import type { PreparedObject } from './plan-types.ts';
import type { KubernetesObject, ObjectRef } from './types.ts';

export interface Decision {
  readonly action: PlannedObject['action'];
  readonly reason: string;
  /** Code, message and hint of the problem, where there is one. */
  readonly problem: {
    readonly code: string;
    readonly severity: 'error' | 'warning';
    readonly message: string;
    readonly hint?: string;
    /** The path of the field that the server refused. */
    readonly field?: string;
  } | null;
  readonly applied: KubernetesObject | null;
  readonly conflicts: readonly FieldConflict[];
  readonly consentMeans: PreparedObject['consentMeans'];
}

const PLAIN = { problem: null, applied: null, conflicts: [], consentMeans: null } as const;

/** An object that belongs to somebody else, or is on its way out, is not touched. */
export function decideByOwner(
  object: KubernetesObject,
  live: KubernetesObject,
  ref: ObjectRef,
  projectLabel: string,
): Decision | null {
  const owner = live.metadata.labels?.[PROJECT_LABEL];
  if (owner !== undefined && owner !== projectLabel) {
    return blocked(
      'owned-by-other-project',
      `${refText(ref)} belongs to the project ${owner}.`,
      'Rename the object, use another namespace, or remove it from that project first.',
    );
  }
  const set = live.metadata.labels?.[PART_OF_LABEL];
  if (owner === undefined && set !== undefined && set !== object.metadata.labels?.[PART_OF_LABEL]) {
    return blocked(
      'owned-by-other-project',
      `${refText(ref)} belongs to the ApplySet ${set} of another tool.`,
      'Rename the object or use another namespace.',
    );
  }
  if (live.metadata.deletionTimestamp !== undefined) {
    return blocked(
      'being-deleted',
      `${refText(ref)} is being deleted.`,
      'Wait until it is gone, then plan again. A finalizer that nobody answers keeps it.',
    );
  }
  return null;
}

/** What applying an object would do: asked of the server by a dry run unless the live object itself tells. */
export async function decideByServer(
  cluster: Cluster,
  object: KubernetesObject,
  live: KubernetesObject | null,
  ref: ObjectRef,
  signal?: AbortSignal,
): Promise<Decision> {
  if (live !== null && isAlreadyApplied(object, live, FIELD_MANAGER))
    return { ...PLAIN, action: 'none', reason: 'unchanged', applied: live };
  const warnings: string[] = [];
  const dryRun = (force: boolean): Promise<KubernetesObject> =>
    cluster.apply(object, {
      dryRun: true,
      force,
      onWarning: text => warnings.push(text),
      ...(signal && { signal }),
    });
  try {
    return withWarnings(decideByResult(live, await dryRun(false)), warnings);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof PtahError) || error.code === 'unreachable' || error.code === 'unauthorized')
      throw error;
    const conflicts = error instanceof ApiError ? fieldConflicts(error.apiStatus) : [];
    if (conflicts.length === 0) return decideByRefusal(error, live, ref);
    // What was changed by hand in the window (replicas, a line of its YAML) is ours to set back: the folder decides.
    if (conflicts.every(({ manager }) => manager === FIELD_MANAGER))
      return withWarnings({ ...decideByResult(live, await dryRun(true)), consentMeans: 'force' }, warnings);
    const applied = await dryRun(true).catch(() => null);
    const owners = [...new Set(conflicts.map(({ manager }) => manager))].join(', ');
    return {
      action: 'ask',
      reason: `${conflicts.length === 1 ? 'a field belongs' : `${conflicts.length} fields belong`} to ${owners}; applying takes ${conflicts.length === 1 ? 'it' : 'them'} over`,
      problem: {
        code: 'conflict',
        severity: 'warning',
        message: `${refText(ref)}: ${conflicts.map(({ field, manager }) => `${field} belongs to ${manager}`).join('; ')}.`,
        hint: 'Agree to take the fields over, or leave them out of the manifest.',
      },
      applied,
      conflicts,
      consentMeans: 'force',
    };
  }
}

function decideByResult(live: KubernetesObject | null, applied: KubernetesObject): Decision {
  if (live === null) return { ...PLAIN, action: 'create', reason: 'not in the cluster yet', applied };
  const changes = changedFields(live, applied);
  if (changes.length === 0) return { ...PLAIN, action: 'none', reason: 'unchanged', applied };
  return { ...PLAIN, action: 'change', reason: describeChanges(changes), applied };
}

function decideByRefusal(error: PtahError, live: KubernetesObject | null, ref: ObjectRef): Decision {
  const status: Status = error instanceof ApiError ? error.apiStatus : {};
  if (live !== null && error.code === 'invalid' && isImmutable(status)) {
    const fields = (status.details?.causes ?? [])
      .map(({ field }) => field)
      .filter(field => field !== undefined && field !== '');
    const what = fields.length > 0 ? [...new Set(fields)].join(', ') : 'a field';
    if (ref.kind === 'Job') {
      return {
        ...PLAIN,
        action: 'replace',
        reason: `${what} of a Job cannot be changed: it is deleted and made anew`,
        consentMeans: null,
      };
    }
    const loss = isDataHolder(ref) ? ', and the data in it is lost' : '';
    return {
      ...PLAIN,
      action: 'ask',
      reason: `${what} cannot be changed in place: the object would be deleted and made anew${loss}`,
      problem: {
        code: 'immutable',
        severity: 'warning',
        message: `${refText(ref)}: ${what} cannot be changed in place.`,
        hint: `Agree to delete it and make it anew${loss}, or take the change back.`,
      },
      consentMeans: 'replace',
    };
  }
  // A webhook that does not support dry runs refuses only these.
  if (/does not support dry run/i.test(error.message)) {
    return {
      ...PLAIN,
      action: live === null ? 'create' : 'change',
      reason:
        live === null
          ? 'not in the cluster yet'
          : 'may change: an admission webhook does not support dry runs',
      problem: { code: 'no-dry-run', severity: 'warning', message: `${refText(ref)}: ${error.message}` },
    };
  }
  const field = refusedField(status);
  return {
    ...PLAIN,
    action: 'blocked',
    reason: firstSentence(error.message),
    problem: {
      code: error.code,
      severity: 'error',
      message: error.message,
      ...(error.hint !== undefined && { hint: error.hint }),
      ...(field !== undefined && { field }),
    },
  };
}

/** The server names fields in the causes, or, where the schema does not know one, in its sentence. */
function refusedField({ message = '', details }: Status): string | undefined {
  return details?.causes?.find(({ field }) => field)?.field ?? /(\.[\w.[\]="-]+): /.exec(message)?.[1];
}

export function blocked(code: string, message: string, hint: string): Decision {
  return {
    ...PLAIN,
    action: 'blocked',
    reason: firstSentence(message),
    problem: { code, severity: 'error', message, hint },
  };
}

export function toCreate(reason: string): Decision {
  return { ...PLAIN, action: 'create', reason };
}

function withWarnings(decision: Decision, warnings: readonly string[]): Decision {
  if (warnings.length === 0 || decision.problem !== null || decision.action === 'none') return decision;
  return {
    ...decision,
    problem: { code: 'server-warning', severity: 'warning', message: warnings.join(' ') },
  };
}

/** The server's many ways to say that a field stays as it is. */
export function isImmutable(status: Status): boolean {
  const said = [
    status.message ?? '',
    ...(status.details?.causes ?? []).map(({ message }) => message ?? ''),
  ].join('\n');
  return /immutable|may not (be changed|change fields)|cannot (be changed|change roleRef)|updates to .* are forbidden|are forbidden.*updates|field can not be changed/i.test(
    said,
  );
}

function isDataHolder({ kind }: ObjectRef): boolean {
  return (
    kind === 'PersistentVolumeClaim' ||
    kind === 'PersistentVolume' ||
    kind === 'StatefulSet' ||
    kind === 'Namespace'
  );
}

function firstSentence(text: string): string {
  return text.split('\n')[0] ?? text;
}
