import { PtahError } from '../errors/index.ts';
import type { Problem } from '../errors/index.ts';
import type { FieldConflict } from './types.ts';

/** The part of a Kubernetes `Status` that we read. */
export interface Status {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly retryAfterSeconds?: number;
    readonly causes?: readonly StatusCause[];
  };
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** What was being done, for messages: `patch deployments "api" in namespace shop`. */
export interface Attempt {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string | null;
  readonly name: string | null;
}

/** An error that the API server answered, with its `Status` at hand for whoever classifies it. */
export class ApiError extends PtahError {
  readonly apiStatus: Status;

  constructor(
    code: string,
    message: string,
    apiStatus: Status,
    options: ConstructorParameters<typeof PtahError>[2],
  ) {
    super(code, message, options);
    this.apiStatus = apiStatus;
  }
}

/** The answer of a failed request as an error of ours. */
export function statusError(httpStatus: number, body: string, attempt: Attempt): ApiError {
  const status = parseStatus(body, httpStatus);
  const said = status.message ?? `HTTP ${httpStatus}`;
  const what = describe(attempt);
  const problems = (status.details?.causes ?? []).map(causeProblem);
  const details = { status: httpStatus, ...(problems.length > 0 && { problems }) };
  const code = codeOf(httpStatus, status);
  switch (code) {
    case 'forbidden':
      // An exceeded quota and a terminating namespace also come as 403: the server's own words say which.
      return new ApiError(code, `Not allowed to ${what}: ${said}`, status, {
        details,
        hint: forbiddenHint(said),
      });
    case 'not-found':
      return new ApiError(code, `Cannot ${what}: ${said}`, status, { details });
    case 'conflict': {
      const owners = fieldConflicts(status);
      const names = [...new Set(owners.map(({ manager }) => manager))].join(', ');
      const message =
        owners.length > 0
          ? `Cannot ${what}: ${owners.length} of its fields belong to ${names}.`
          : `Cannot ${what}: ${said}`;
      const hint =
        owners.length > 0
          ? `Leave these fields out of the manifest, or agree to take them over: ${owners.map(({ field }) => field).join(', ')}`
          : 'Try again: the object changed meanwhile.';
      return new ApiError(code, message, status, { details, hint });
    }
    case 'invalid':
      return new ApiError(code, `Cannot ${what}: ${said}`, status, {
        details,
        hint: 'Mend the named fields in the manifest.',
      });
    case 'too-large':
      return new ApiError(code, `Cannot ${what}: ${said}`, status, {
        details,
        hint: 'A ConfigMap or Secret holds at most 1 MiB: split it, or put the data into an image or a volume.',
      });
    case 'gone':
      return new ApiError(code, `Cannot ${what}: the resource version is too old.`, status, { details });
    case 'unauthorized':
      return new ApiError(code, `The API server does not accept the credentials of the kubeconfig.`, status, {
        details,
        hint: 'They may have expired, or the cluster was made anew: run kind export kubeconfig.',
      });
    default:
      return new ApiError(code, `Cannot ${what}: ${said}`, status, { details });
  }
}

function codeOf(httpStatus: number, status: Status): string {
  if (httpStatus === 401) return 'unauthorized';
  if (httpStatus === 403) return 'forbidden';
  if (httpStatus === 404) return 'not-found';
  if (httpStatus === 409) return 'conflict';
  if (httpStatus === 410 || status.reason === 'Expired' || status.reason === 'Gone') return 'gone';
  if (httpStatus === 413) return 'too-large';
  if (httpStatus === 422 || httpStatus === 400) return 'invalid';
  // A field that the schema does not know fails server-side apply with 500 and these words on older API servers.
  if (
    httpStatus === 500 &&
    /failed to create typed patch object|field not declared in schema/.test(status.message ?? '')
  )
    return 'invalid';
  if (httpStatus === 429 || httpStatus >= 500) return 'busy';
  return 'api';
}

function forbiddenHint(said: string): string {
  if (/exceeded quota/.test(said)) return 'Raise the ResourceQuota of the namespace or ask for less.';
  if (/being terminated/.test(said))
    return 'The namespace is being deleted: wait until it is gone, then deploy again.';
  return 'Ask for a Role that allows it, or use another user in the kubeconfig.';
}

/** The managers in the causes of a 409 of server-side apply: `conflict with "kubectl" using apps/v1`. */
export function fieldConflicts(status: Status): FieldConflict[] {
  return (status.details?.causes ?? [])
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ message, field }) => ({
      manager: /conflict with "((?:[^"\\]|\\.)*)"/.exec(message ?? '')?.[1] ?? message ?? 'unknown',
      field: field ?? '',
    }));
}

function causeProblem(cause: StatusCause): Problem {
  const field = cause.field ? `${cause.field}: ` : '';
  return { code: cause.reason ?? 'cause', severity: 'error', message: `${field}${cause.message ?? ''}` };
}

function parseStatus(body: string, httpStatus: number): Status {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && (parsed as { kind?: unknown }).kind === 'Status')
      return parsed;
  } catch {
    // A proxy in between, or a server that is only starting, answers with plain text.
  }
  const text = body.trim().slice(0, 500);
  return { code: httpStatus, message: text === '' ? `HTTP ${httpStatus}` : text };
}

function describe({ verb, resource, namespace, name }: Attempt): string {
  const object = name === null ? resource : `${resource} ${JSON.stringify(name)}`;
  return namespace === null ? `${verb} ${object}` : `${verb} ${object} in namespace ${namespace}`;
}
