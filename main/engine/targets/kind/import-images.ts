import type { Readable } from 'node:stream';
import { diskFull, isDiskFull } from '../../docker/index.ts';
import { PtahError } from '../../errors/index.ts';
import { normaliseReference } from '../image-name.ts';
import type { Node, NodeImage, WantedImage } from '../types.ts';
import { recordsOf } from './forget-images.ts';
import { ctr, listNodeImages, recordLabels } from './node-images.ts';

/** An hour: gigabytes over a slow disk are no failure. */
const importTimeoutMs = 3_600_000;

export interface ImportRequest {
  readonly node: Node;
  readonly snapshotter: string;
  readonly images: readonly WantedImage[];
  /** What the node held before. */
  readonly before: readonly NodeImage[];
  readonly archive: Readable;
  readonly signal?: AbortSignal;
}

/**
 * Imports an archive of `docker save`, proves that its images are there and unpacked, and notes their digests. Whatever goes
 * wrong, no name is left that was half registered: containerd registers it before it unpacks, and the kubelet would believe it.
 */
export async function importImages(request: ImportRequest): Promise<void> {
  try {
    // No --all-platforms: it demands every manifest of an index (kind#3795). No --digests: its extra names would keep old
    // images from ever being collected.
    const { node, snapshotter, archive, signal } = request;
    await node.exec([...ctr, 'images', 'import', `--snapshotter=${snapshotter}`, '-'], {
      stdin: archive,
      signal,
      timeoutMs: importTimeoutMs,
    });
    await noteDigests(request, await checkImported(request));
  } catch (error) {
    await forgetImported(request);
    throw explain(error, request.node);
  }
}

/** The target of each image, once it is complete and unpacked. */
async function checkImported({
  node,
  snapshotter,
  images,
  signal,
}: ImportRequest): Promise<ReadonlyMap<string, string>> {
  const names = images.map(({ reference }) => normaliseReference(reference));
  const filters = names.map(name => `name==${name}`);
  const { stdout } = await node.exec(
    [...ctr, 'images', 'check', `--snapshotter=${snapshotter}`, ...filters],
    { signal },
  );
  const targets = new Map<string, string>();
  for (const line of stdout.split('\n')) {
    const row = /^(\S+)\s+\S+\s+(sha256:[0-9a-f]{64})\s+(\w+).*\s(\w+)\s*$/.exec(line);
    // “complete” even when layers were left out on purpose: what counts for a pod is that the top snapshot is there.
    if (row?.[1] && row[2] && row[4] === 'true') targets.set(row[1], row[2]);
  }
  const missing = names.filter(name => !targets.has(name));
  if (missing.length === 0) return targets;
  throw new PtahError(
    'load-failed',
    `Node ${node.name} does not have ${missing.join(', ')} after the import.`,
    {
      hint: 'Deploy again. If it happens once more, look at the disk of the node: `docker system df`.',
      details: { output: stdout.split('\n').slice(-20) },
    },
  );
}

/**
 * The CRI learns of an import by an event, a moment later; a pod that starts at once with `imagePullPolicy: Never` must not be
 * quicker than that.
 */
const labelScript = `
while [ $# -ge 4 ]; do
  ctr -n k8s.io images label "$1" "$2" "$3" "$4" >/dev/null || exit 1
  tries=0
  while command -v crictl >/dev/null && ! crictl inspecti "$1" >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 100 ]; then echo "the CRI does not list $1" >&2; exit 1; fi
    sleep 0.05
  done
  shift 4
done`;

async function noteDigests(
  { node, images, signal }: ImportRequest,
  targets: ReadonlyMap<string, string>,
): Promise<void> {
  const notes = images.flatMap(({ reference, digest, id }) => {
    const name = normaliseReference(reference);
    return [
      name,
      `${recordLabels.digest}=${digest}`,
      `${recordLabels.target}=${targets.get(name) ?? ''}`,
      `${recordLabels.dockerId}=${id ?? ''}`,
    ];
  });
  await node.exec(['sh', '-c', labelScript, 'label', ...notes], { signal });
}

/** Removes the names that this import brought or changed. Runs after a cancel too, so it has a time limit of its own. */
async function forgetImported({ node, images, before }: ImportRequest): Promise<void> {
  const signal = AbortSignal.timeout(10_000);
  try {
    const now = await listNodeImages(node, { signal });
    const half = images
      .map(({ reference }) => normaliseReference(reference))
      .filter(name => {
        const there = now.find(({ reference }) => reference === name);
        return (
          there !== undefined && before.find(({ reference }) => reference === name)?.target !== there.target
        );
      });
    const records = recordsOf(half, now);
    if (records.length > 0)
      await node.exec([...ctr, 'images', 'rm', ...records], { signal, allowFailure: true });
  } catch {
    // The node is gone; its next listing shows what it holds.
  }
}

function explain(error: unknown, node: Node): PtahError {
  if (error instanceof PtahError && error.code === 'cancelled') return error;
  const output = error instanceof PtahError ? (error.details.output ?? []) : [];
  const message = error instanceof Error ? error.message : String(error);
  if (isDiskFull([message, ...output].join('\n')))
    return diskFull(output.at(-1) ?? message, `node ${node.name}`);
  if (error instanceof PtahError && error.code !== 'node-command-failed') return error;
  return new PtahError(
    'load-failed',
    `Loading images into node ${node.name} failed: ${output.at(-1) ?? message}`,
    {
      hint: 'Deploy again; what other nodes got is kept.',
      details: error instanceof PtahError ? error.details : {},
      cause: error,
    },
  );
}
