import { randomUUID } from 'node:crypto';
import { listContext } from '../content/index.ts';
import type { ContentIndex, ContextListing } from '../content/index.ts';
import type { Docker } from '../docker/index.ts';
import { PtahError } from '../errors/index.ts';
import { runBuild } from './build-attempt.ts';
import type { Attempt } from './build-attempt.ts';
import { createBuildRecorder } from './build-recorder.ts';
import type { BuildEvent, BuildMethod, BuildRequest, BuildResult } from './types.ts';

export interface BuildOptions {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: BuildEvent) => void;
  /** Ways to build, best first; by default what the engine offers. */
  readonly methods?: readonly BuildMethod[];
  /** What is known of the files already, so that they are not read twice. */
  readonly index?: ContentIndex;
}

/**
 * Builds an image: BuildKit with a session of our own, else without one, else the classic builder. The engine is asked what it
 * has; a way that fails before the Dockerfile's first instruction, and not because of the Dockerfile, gives place to the next.
 */
export async function buildImage(
  docker: Docker,
  request: BuildRequest,
  options: BuildOptions = {},
): Promise<BuildResult> {
  const { signal, onEvent = () => undefined } = options;
  const begun = performance.now();
  throwIfCancelled(signal);
  const listing = await listContext({
    root: request.contextDir,
    dockerfile: request.dockerfile,
    exclude: request.exclude,
    index: options.index,
    signal,
  });
  checkListing(request, listing);
  const methods = options.methods ?? (await methodsOf(docker, signal));

  let reason = 'the engine’s best way';
  for (const [index, method] of methods.entries()) {
    throwIfCancelled(signal);
    onEvent({ type: 'method', method, reason });
    const recorder = createBuildRecorder(onEvent);
    const attempt: Attempt = {
      docker,
      request,
      listing,
      method,
      buildId: randomUUID().replaceAll('-', ''),
      recorder,
      signal,
    };
    const outcome = await runBuild(attempt);
    if (outcome.type === 'built') {
      return { id: outcome.id, method, durationMs: Math.round(performance.now() - begun) };
    }
    if (outcome.type === 'failed' || index === methods.length - 1) throw outcome.error;
    reason = `${method} is not possible here: ${outcome.error.message}`;
  }
  throw new PtahError('docker-api', 'Docker offers no way to build images.', { hint: 'Update Docker.' });
}

async function methodsOf(docker: Docker, signal: AbortSignal | undefined): Promise<readonly BuildMethod[]> {
  const { builders } = await docker.info(signal);
  const buildkit: readonly BuildMethod[] = builders.includes('buildkit')
    ? ['buildkit-session', 'buildkit']
    : [];
  return builders.includes('classic') ? [...buildkit, 'classic'] : buildkit;
}

/** The image is labelled with the digest that was planned; another content must not get that label. */
function checkListing(request: BuildRequest, listing: ContextListing): void {
  if (request.contextDigest === undefined || request.contextDigest === listing.digest) return;
  throw new PtahError(
    'context-changed',
    `The files of ${request.name} changed since its digest was computed.`,
    { hint: 'Plan and build again.' },
  );
}

function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
}
