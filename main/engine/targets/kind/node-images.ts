import { repositoryOf } from '../image-name.ts';
import type { Node, NodeImage } from '../types.ts';
import { readImageFacts } from './image-facts.ts';

/**
 * What our loads note on containerd's image records. Containerd keeps the labels of a name when another content is brought under
 * it (seen with 1.7), so the digest is only believed together with the target that it was noted for.
 */
export const recordLabels = {
  digest: 'ptah-desktop/digest',
  target: 'ptah-desktop/target',
  dockerId: 'ptah-desktop/docker-id',
} as const;

export const ctr = ['ctr', '-n', 'k8s.io'] as const;

/**
 * One call names the images of the node with their targets and our notes; with `names`, only the images of those names. `ctr`
 * reads the content of each image that it lists, 2.5 ms each: a node that serves several projects took half a second.
 */
export async function listNodeImages(
  node: Node,
  { names, signal }: { readonly names?: readonly string[]; readonly signal?: AbortSignal } = {},
): Promise<readonly NodeImage[]> {
  if (names?.length === 0) return [];
  const { stdout } = await node.exec([...ctr, 'images', 'ls', ...filterOf(names)], { signal });
  const images = parseImageList(stdout);
  const strangers = names === undefined ? [] : images.filter(({ digest }) => digest === null);
  if (strangers.length === 0) return images;
  const facts = await readImageFacts(
    node,
    strangers.map(({ target }) => target),
    signal,
  );
  return images.map(image =>
    image.digest === null ? { ...image, ids: facts.get(image.target)?.ids ?? [] } : image,
  );
}

const mostNames = 500;

/** containerd's filter for images of these names, whatever the tag. None where a name would not go into its grammar unchanged. */
export function filterOf(names: readonly string[] | undefined): readonly string[] {
  if (names === undefined || names.length > mostNames) return [];
  const repositories = names.map(repositoryOf);
  if (!repositories.every(name => /^[\w./:-]+$/.test(name))) return [];
  return [`name~="^(${[...new Set(repositories)].join('|')})[:@]"`];
}

interface ImageRecord {
  readonly reference: string;
  readonly target: string;
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads the table of `ctr images ls`: REF TYPE DIGEST SIZE PLATFORMS LABELS. */
export function parseImageList(table: string): readonly NodeImage[] {
  const records = table.split('\n').flatMap(parseRecord);
  // The CRI adds a record `sha256:…` of its own for each image: its name is the image ID, its target tells whose.
  const ids = new Map(
    records.filter(({ reference }) => isId(reference)).map(({ reference, target }) => [target, reference]),
  );
  return records
    .filter(({ reference }) => !isId(reference))
    .map(({ reference, target, size, labels }) => {
      const ours = labels[recordLabels.target] === target;
      return {
        reference,
        id: ids.get(target) ?? target,
        target,
        digest: ours ? (labels[recordLabels.digest] ?? null) : null,
        dockerId: ours ? (labels[recordLabels.dockerId] ?? null) : null,
        size,
      };
    });
}

function isId(reference: string): boolean {
  return reference.startsWith('sha256:');
}

function parseRecord(line: string): readonly ImageRecord[] {
  const row = /^(\S+)\s+\S+\s+(sha256:[0-9a-f]{64})\s+(?:([\d.]+) (\w+)|-)\s+\S+\s+(\S+)\s*$/.exec(line);
  if (!row) return [];
  const [, reference = '', target = '', size = '0', unit = 'B', labels = '-'] = row;
  return [
    { reference, target, size: Math.round(Number(size) * (units[unit] ?? 1)), labels: parseLabels(labels) },
  ];
}

const units: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

function parseLabels(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split(',').flatMap(pair => {
      const equals = pair.indexOf('=');
      return equals > 0 ? [[pair.slice(0, equals), pair.slice(equals + 1)] as const] : [];
    }),
  );
}

/** The snapshotter that the CRI of this node unpacks for: an image unpacked for another one would be unpacked again at pod start. */
export async function snapshotterOf(node: Node, signal?: AbortSignal): Promise<string> {
  const { stdout } = await node.exec(['containerd', 'config', 'dump'], { signal, allowFailure: true });
  return parseSnapshotter(stdout);
}

export function parseSnapshotter(config: string): string {
  let section = '';
  for (const line of config.split('\n')) {
    const header = /^\s*\[(.*)\]\s*$/.exec(line);
    if (header) section = (header[1] ?? '').replaceAll(/['"]/g, '');
    const value = /^\s*snapshotter\s*=\s*['"]([^'"]*)['"]/.exec(line)?.[1];
    // containerd 1.x, then 2.x.
    if (
      value &&
      (section === 'plugins.io.containerd.grpc.v1.cri.containerd' ||
        section === 'plugins.io.containerd.cri.v1.images')
    )
      return value;
  }
  return 'overlayfs';
}
