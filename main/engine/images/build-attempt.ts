import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import type { ContextListing } from '../content/index.ts';
import { connectionFailure, readJsonLines, registryCredentials, registryHost } from '../docker/index.ts';
import type { Docker } from '../docker/index.ts';
import { PtahError } from '../errors/index.ts';
import { contextEntries, parentEntries, textEntry } from './build-context.ts';
import { buildFailure } from './build-failure.ts';
import type { BuildRecorder } from './build-recorder.ts';
import { compareSyncPaths } from './buildkit/file-sync.ts';
import type { SyncEntry } from './buildkit/file-sync.ts';
import { openBuildSession } from './buildkit/session.ts';
import type { BuildSession } from './buildkit/session.ts';
import { decodeStatus } from './buildkit/status.ts';
import { packContext } from './context-archive.ts';
import { imageLabels } from './labels.ts';
import type { BuildMethod, BuildRequest } from './types.ts';

export interface Attempt {
  readonly docker: Docker;
  readonly request: BuildRequest;
  readonly listing: ContextListing;
  readonly method: BuildMethod;
  readonly buildId: string;
  readonly recorder: BuildRecorder;
  readonly signal: AbortSignal | undefined;
}

export type Outcome =
  | { readonly type: 'built'; readonly id: string }
  /** This way of building is not to be had; another may be. */
  | { readonly type: 'unavailable'; readonly error: PtahError }
  | { readonly type: 'failed'; readonly error: PtahError };

/** One build by one method. Never rejects. */
export async function runBuild(attempt: Attempt): Promise<Outcome> {
  const { recorder, signal } = attempt;
  // A signal of our own, so that the streams are closed however the attempt ends.
  const closing = new AbortController();
  const stop = (): void => {
    closing.abort();
    cancelInEngine(attempt);
  };
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) closing.abort();
  const context: { session: BuildSession | null; archive: Readable | null } = {
    session: null,
    archive: null,
  };
  try {
    const id = await untilAborted(signal, build(attempt, context, closing.signal));
    recorder.finish('done');
    return { type: 'built', id };
  } catch (thrown) {
    const error = await explain(attempt, thrown, context);
    recorder.finish(error.code === 'cancelled' ? 'cancelled' : 'failed', error.message);
    return { type: isUnavailable(attempt, error) ? 'unavailable' : 'failed', error };
  } finally {
    signal?.removeEventListener('abort', stop);
    closing.abort();
    context.session?.close();
    context.archive?.destroy();
  }
}

async function build(
  attempt: Attempt,
  context: { session: BuildSession | null; archive: Readable | null },
  signal: AbortSignal,
): Promise<string> {
  const { docker, request, listing, method, recorder } = attempt;
  const query = buildQuery(attempt);
  const headers: Record<string, string> = {};
  if (method === 'buildkit-session') {
    const name = posix.basename(request.dockerfile);
    context.session = await openBuildSession(
      docker,
      {
        context: contextEntries(listing),
        dockerfile: [textEntry(name, request.dockerfileText)],
        sharedKey: createHash('sha256').update(`${request.project}\0${request.contextDir}`).digest('hex'),
      },
      signal,
    );
    query.set('remote', 'client-session');
    query.set('session', context.session.id);
    query.set('dockerfile', name);
  } else {
    context.archive = packContext(archiveEntries(request, listing));
    headers['Content-Type'] = 'application/x-tar';
    query.set('dockerfile', request.dockerfile);
    const credentials = await basesCredentials(request.dockerfileText);
    if (credentials) headers['X-Registry-Config'] = credentials;
  }
  const answer = await docker.stream({
    method: 'POST',
    path: `/build?${query.toString()}`,
    headers,
    body: context.archive ?? undefined,
    signal,
  });
  let id: string | null = null;
  let failure: string | null = null;
  for await (const message of readJsonLines(answer.body)) {
    if (message.id === 'moby.buildkit.trace' && typeof message.aux === 'string')
      recorder.status(decodeStatus(Buffer.from(message.aux, 'base64')));
    else if (typeof message.error === 'string') failure = detailOf(message.errorDetail) ?? message.error;
    else if (hasId(message.aux)) id = message.aux.ID;
    else if (typeof message.stream === 'string') recorder.classic(message.stream);
    else if (typeof message.status === 'string')
      recorder.classic(
        [message.id, message.status, message.progress].filter(part => typeof part === 'string').join(' ') +
          '\n',
      );
  }
  if (failure !== null) throw new EngineReport(failure);
  if (id === null) throw new Error('the engine ended the build without a result');
  return id;
}

/** What the engine said about the build itself, in contrast to a connection that broke. */
class EngineReport extends Error {}

function buildQuery({ request, method, buildId }: Attempt): URLSearchParams {
  const query = new URLSearchParams({
    t: request.reference,
    buildargs: JSON.stringify(request.args),
    labels: JSON.stringify(imageLabels(request)),
    rm: '1',
    forcerm: '1',
  });
  if (method !== 'classic') {
    query.set('version', '2');
    query.set('buildid', buildId);
  }
  if (request.target !== null) query.set('target', request.target);
  if (request.network !== null) query.set('networkmode', request.network);
  return query;
}

/** The context with the resolved text in the place of the Dockerfile, which goes along even where it is ignored. */
function archiveEntries(request: BuildRequest, listing: ContextListing): readonly SyncEntry[] {
  const dockerfile = textEntry(posix.normalize(request.dockerfile), request.dockerfileText);
  const entries = contextEntries(listing).filter(entry => entry.path !== dockerfile.path);
  const known = new Set(entries.map(entry => entry.path));
  const parents = parentEntries(dockerfile.path).filter(entry => !known.has(entry.path));
  return [...entries, ...parents, dockerfile].toSorted((a, b) => compareSyncPaths(a.path, b.path));
}

/** Without a session the engine must be told beforehand: the credentials of the registries that the Dockerfile names, no others. */
async function basesCredentials(dockerfile: string): Promise<string | null> {
  const bases = [...dockerfile.matchAll(/^\s*FROM\s+(?:--\S+\s+)*(\S+)|--from=(\S+)/gim)].map(
    match => match[1] ?? match[2] ?? '',
  );
  const found: Record<string, unknown> = {};
  for (const host of new Set(bases.map(registryHost))) {
    const credentials = await registryCredentials(host);
    if (credentials) found[host === 'docker.io' ? 'https://index.docker.io/v1/' : host] = credentials;
  }
  return Object.keys(found).length > 0 ? Buffer.from(JSON.stringify(found)).toString('base64url') : null;
}

async function explain(
  attempt: Attempt,
  thrown: unknown,
  { session }: { readonly session: BuildSession | null },
): Promise<PtahError> {
  const { docker, request, recorder, signal } = attempt;
  if (signal?.aborted) return new PtahError('cancelled', `Building ${request.name} was cancelled.`);
  const ours = session?.failure();
  if (ours && ours.code === 'context-changed') return ours;
  if (thrown instanceof EngineReport) return buildFailure(request, thrown.message, recorder.failedStep());
  if (thrown instanceof PtahError) return thrown;
  // A stream that breaks: the engine went away, or just this connection did.
  try {
    await docker.info(AbortSignal.timeout(3000));
  } catch {
    return connectionFailure(docker.endpoint, thrown);
  }
  return new PtahError(
    'docker-api',
    `Building ${request.name} was interrupted: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    {
      hint: 'Build again; if it happens once more, look at the log of the Docker engine.',
      cause: thrown,
    },
  );
}

/** Whether another way of building may do better: nothing of the Dockerfile was run and the cause is the way itself. */
function isUnavailable({ method, recorder }: Attempt, error: PtahError): boolean {
  if (method === 'classic' || recorder.started()) return false;
  if (error.code === 'docker-api') return true;
  // moby/buildkit#2429 and the engines that cannot fetch an archive that came without a session (Docker 26: “build-context-…”).
  return (
    error.code === 'build-failed' &&
    /no active session|build-context-|frame too large|only one connection|PAXHeader|PaxHeader|buildkit not supported/i.test(
      error.message,
    )
  );
}

/** Rejects as soon as the signal is aborted; the engine may take its time to notice. */
async function untilAborted<T>(signal: AbortSignal | undefined, work: Promise<T>): Promise<T> {
  if (!signal) return work;
  work.catch(() => undefined);
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(new PtahError('cancelled', 'Cancelled.'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** BuildKit goes on when only the connection is closed; it must be told. */
function cancelInEngine({ docker, method, buildId }: Attempt): void {
  if (method === 'classic') return;
  docker
    .stream({ method: 'POST', path: `/build/cancel?id=${buildId}`, signal: AbortSignal.timeout(5000) })
    .then(({ body }) => body.resume())
    .catch(() => undefined);
}

function hasId(value: unknown): value is { readonly ID: string } {
  return typeof value === 'object' && value !== null && 'ID' in value && typeof value.ID === 'string';
}

function detailOf(value: unknown): string | null {
  return typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string'
    ? value.message
    : null;
}
