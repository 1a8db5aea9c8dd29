import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import { podBackend, type PodPlace } from './pod-backend.ts';
import { podFacts } from './pod-facts.ts';
import type { DebugOffer, TerminalBackend } from './types.ts';

const startMs = 60_000;
// `true`, not `:`: a shell ends where a redirection of a special built-in fails.
/** As long as its file is there, at most half a day: a debug container that was forgotten ends by itself. */
const idle =
  'f=/tmp/ptah-debug; { true >"$f"; } 2>/dev/null || f=/ptah-debug; true >"$f"; i=0; while [ -e "$f" ] && [ "$i" -lt 43200 ]; do sleep 1; i=$((i+1)); done';
const end = 'rm -f /tmp/ptah-debug /ptah-debug';
/** Names of images that are known to bring a shell, the smallest first. */
const withShell = [/busybox/, /alpine/, /local-path-helper/, /debian/, /ubuntu/, /python/, /node/, /mariadb/];
/** What a node holds for itself. */
const ofTheNode = /(^|\/)(kube-|etcd|coredns|pause|kindnetd|local-path-provisioner)/;

/** What adding a debug container would mean. Reads only. */
export async function debugOffer(
  cluster: Cluster,
  place: PodPlace,
  signal?: AbortSignal,
): Promise<DebugOffer> {
  const pod = await podFacts(cluster, place.namespace, place.pod, signal);
  if (pod === null)
    throw new PtahError('not-found', `There is no pod ${place.pod} in namespace ${place.namespace}.`);
  const images = await imagesOf(cluster, pod.node, signal);
  return {
    pod: place.pod,
    container: place.container,
    node: pod.node,
    steps: [
      `Adds a container to pod ${place.pod}, beside ${place.container}, from an image that ${pod.node ?? 'the node'} holds already. Nothing is pulled.`,
      `It shares the network of the pod and sees the processes of ${place.container}; their files are below /proc/1/root.`,
      'Nothing is restarted. Closing the terminal ends it; the pod keeps it in its list until the pod itself is gone.',
    ],
    images,
  };
}

async function imagesOf(
  cluster: Cluster,
  node: string | null,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  if (node === null) return [];
  const found = await cluster.get({ apiVersion: 'v1', kind: 'Node', namespace: null, name: node }, signal);
  // an image that lost its names has null there, not an empty list
  const status = (found?.status ?? {}) as {
    readonly images?: readonly { readonly names?: readonly string[] | null }[];
  };
  const names = (status.images ?? []).flatMap(
    image => (image.names ?? []).find(name => !name.includes('@')) ?? [],
  );
  const rank = (name: string): number => {
    const at = withShell.findIndex(pattern => pattern.test(name));
    return at < 0 ? withShell.length : at;
  };
  return names.filter(name => !ofTheNode.test(name)).sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Adds the container and waits until it runs; its backend ends it again. */
export async function addDebugContainer(
  connect: (signal: AbortSignal) => Promise<Cluster>,
  place: PodPlace,
  image: string,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly backend: TerminalBackend }> {
  const cluster = await connect(signal);
  const name = `ptah-debug-${randomBytes(4).toString('hex')}`;
  const path = `/api/v1/namespaces/${encodeURIComponent(place.namespace)}/pods/${encodeURIComponent(place.pod)}/ephemeralcontainers`;
  const container = {
    name,
    image,
    // a pull would be a surprise: what is not in the node fails at once
    imagePullPolicy: 'Never',
    targetContainerName: place.container,
    command: ['sh', '-c', idle],
  };
  const answer = await cluster.fetch(path, {
    method: 'PATCH',
    headers: { 'content-type': 'application/strategic-merge-patch+json' },
    body: JSON.stringify({ spec: { ephemeralContainers: [container] } }),
    signal,
  });
  if (!answer.ok) throw refused(answer.status, await answer.text());
  await answer.body?.cancel();
  await started(cluster, place, name, image, signal);
  const backend = podBackend(connect, { ...place, container: name });
  return {
    name,
    backend: {
      ...backend,
      async dispose() {
        await backend.dispose?.();
        const limit = AbortSignal.timeout(5_000);
        try {
          const there = await connect(limit);
          const target = { namespace: place.namespace, name: place.pod, container: name };
          const session = await there.exec(target, { argv: ['sh', '-c', end], stdin: false }, limit);
          session.stdout.resume();
          session.stderr.resume();
          await session.exit;
        } catch {
          // gone already, or out of reach: it ends by itself
        }
      },
    },
  };
}

async function started(
  cluster: Cluster,
  place: PodPlace,
  name: string,
  image: string,
  signal: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + startMs;
  for (;;) {
    const pod = await podFacts(cluster, place.namespace, place.pod, signal);
    const state = pod?.status(name)?.state;
    if (state?.running) return;
    const failed =
      state?.terminated ?? (/^Err|Error|Invalid/.test(state?.waiting?.reason ?? '') && state?.waiting);
    if (failed || pod === null || Date.now() > deadline)
      throw new PtahError(
        'debug-container-failed',
        `The debug container of ${image} did not start: ${words(state)}.`,
        { hint: 'Choose an image with a shell that the node holds.' },
      );
    await sleep(300, undefined, { signal });
  }
}

function words(
  state: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: { readonly reason?: string; readonly exitCode?: number; readonly message?: string };
  } = {},
): string {
  const found = state.waiting ?? state.terminated;
  return [found?.reason, found?.message].filter(Boolean).join(', ') || 'it is still waiting';
}

function refused(status: number, body: string): PtahError {
  let message = body.trim();
  try {
    message = (JSON.parse(body) as { message?: string }).message ?? message;
  } catch {
    // no Status object: the text as it is
  }
  return new PtahError(
    status === 403 ? 'forbidden' : 'invalid',
    `The API server did not take the debug container: ${message}`,
    {
      details: { status },
      hint: 'It needs the right to patch pods/ephemeralcontainers.',
    },
  );
}
