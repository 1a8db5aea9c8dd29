import type { Docker } from '../../docker/index.ts';
import { PtahError, toPtahError } from '../../errors/index.ts';
import { labels } from '../../images/index.ts';
import { decideLoads } from '../decide-loads.ts';
import { fanOut } from '../fan-out.ts';
import type { ImageTarget, LoadProgress, Node, NodeImage, WantedImage } from '../types.ts';
import { importImages } from './import-images.ts';
import { findKindNodes } from './kind-nodes.ts';
import { listNodeImages, snapshotterOf } from './node-images.ts';

const progressEveryMs = 100;

interface SizedImage extends WantedImage {
  readonly size: number;
}

interface NodeLoad {
  readonly node: Node;
  readonly before: readonly NodeImage[];
  readonly images: readonly SizedImage[];
}

/** Images go into the containerd of every node of a Kind cluster. */
export function kindTarget(docker: Docker, clusterName: string): ImageTarget {
  return {
    kind: 'kind',
    nodes: () => findKindNodes(docker, clusterName),
    images: (node, names) => listNodeImages(node, { names }),

    async load(references, nodes, { signal, onProgress } = {}) {
      if (references.length === 0 || nodes.length === 0) return;
      const wanted = await Promise.all(references.map(reference => inspectWanted(docker, reference, signal)));
      const loads = (await Promise.all(nodes.map(node => whatNodeLacks(node, wanted, signal)))).filter(
        ({ images }) => images.length > 0,
      );
      for (const node of nodes) {
        if (!loads.some(load => load.node === node))
          onProgress?.({ node: node.name, sentBytes: 0, totalBytes: 0, done: true });
      }
      if (loads.length > 0) await stream(docker, loads, signal, onProgress);
    },
  };
}

async function inspectWanted(
  docker: Docker,
  reference: string,
  signal: AbortSignal | undefined,
): Promise<SizedImage> {
  const image = await docker.inspectImage(reference, signal);
  if (!image)
    throw new PtahError('not-found', `Docker has no image ${reference}.`, { hint: 'Build it first.' });
  return { reference, id: image.id, digest: image.labels[labels.digest] ?? image.id, size: image.size };
}

async function whatNodeLacks(
  node: Node,
  wanted: readonly SizedImage[],
  signal: AbortSignal | undefined,
): Promise<NodeLoad> {
  const names = wanted.map(({ reference }) => reference);
  const before = await listNodeImages(node, { names, signal });
  const decisions = decideLoads(wanted, [{ node: node.name, images: before }]);
  return { node, before, images: wanted.filter((_, index) => decisions[index]?.action === 'load') };
}

/** One `docker save` for all nodes: what at least one lacks goes to each of those that lack something. */
async function stream(
  docker: Docker,
  loads: readonly NodeLoad[],
  signal: AbortSignal | undefined,
  onProgress: ((progress: LoadProgress) => void) | undefined,
): Promise<void> {
  const images = [
    ...new Map(loads.flatMap(load => load.images).map(image => [image.reference, image])).values(),
  ];
  const closing = new AbortController();
  const all = signal ? AbortSignal.any([signal, closing.signal]) : closing.signal;
  const totalBytes = images.reduce((sum, { size }) => sum + size, 0);
  const source = await docker.saveImages(
    images.map(({ reference }) => reference),
    all,
  );
  const meters = loads.map(({ node }) => createMeter(node.name, totalBytes, onProgress));
  const { branches, done } = fanOut(source, {
    branches: loads.length,
    onBytes: (branch, sent) => meters[branch]?.sent(sent),
  });
  done.catch(() => undefined);

  const results = await Promise.allSettled(
    loads.map(async ({ node, before }, index) => {
      const branch = branches[index];
      if (!branch) return;
      try {
        const snapshotter = await snapshotterOf(node, signal);
        await importImages({ node, snapshotter, images, before, archive: branch.stream, signal });
        meters[index]?.finish();
      } catch (error) {
        branch.drop(toPtahError(error));
        throw error;
      }
    }),
  );
  closing.abort();
  await done.catch(() => undefined);
  const failures = results.flatMap(result =>
    result.status === 'rejected' ? [toPtahError(result.reason, 'load-failed')] : [],
  );
  throwFailures(failures, loads.length, signal);
}

function throwFailures(failures: readonly PtahError[], nodes: number, signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PtahError('cancelled', 'Loading was cancelled.');
  const [first] = failures;
  if (!first) return;
  if (failures.length === 1) throw first;
  throw new PtahError(
    first.code,
    `Loading failed on ${failures.length} of ${nodes} nodes. ${failures.map(({ message }) => message).join(' ')}`,
    {
      hint: first.hint,
      details: first.details,
      cause: first,
    },
  );
}

interface Meter {
  sent(bytes: number): void;
  finish(): void;
}

function createMeter(
  node: string,
  total: number,
  onProgress: ((progress: LoadProgress) => void) | undefined,
): Meter {
  let bytes = 0;
  let reported = 0;
  return {
    sent(now) {
      bytes = now;
      if (performance.now() - reported < progressEveryMs) return;
      reported = performance.now();
      // The size of the archive is only estimated beforehand.
      onProgress?.({ node, sentBytes: bytes, totalBytes: Math.max(total, bytes), done: false });
    },
    finish: () => onProgress?.({ node, sentBytes: bytes, totalBytes: bytes, done: true }),
  };
}
