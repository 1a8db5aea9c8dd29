import type { Node } from '../types.ts';

/** One call for many blobs: their digests come as arguments, a line each goes out. Manifests and configs have no line ends that count. */
const readScript = `
for digest in "$@"; do
  printf '%s ' "$digest"
  ctr -n k8s.io content get "$digest" 2>/dev/null | tr -d '\\n'
  echo
done`;
const mostAtOnce = 200;

interface ImageBlob {
  readonly manifests?: readonly { readonly digest?: string }[];
  readonly config?: { readonly digest?: string; readonly Labels?: Readonly<Record<string, string>> | null };
}

/** What an image says of itself, whatever way it came to the node. */
export interface ImageFacts {
  /** Every digest by which an engine may call it: the target of its name, its manifests, its configurations. */
  readonly ids: readonly string[];
  /** Of its configuration. */
  readonly labels: Readonly<Record<string, string>>;
}

/** By the target of their names. The records of containerd know only what a load noted. */
export async function readImageFacts(
  node: Pick<Node, 'exec'>,
  targets: readonly string[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, ImageFacts>> {
  const blobs = new Map<string, ImageBlob>();
  const read = async (digests: readonly string[]) => {
    for (const [digest, blob] of await readBlobs(node, digests, signal)) blobs.set(digest, blob);
  };
  const all = [...new Set(targets)];
  await read(all);
  await read(all.flatMap(target => manifestsOf(blobs.get(target))));
  const configs = new Map(all.map(target => [target, configsOf(target, blobs)]));
  await read([...configs.values()].flat());
  return new Map(
    all.map(target => {
      const own = configs.get(target) ?? [];
      const labels = own.map(config => blobs.get(config)?.config?.Labels).find(Boolean) ?? {};
      return [target, { ids: [target, ...manifestsOf(blobs.get(target)), ...own], labels }];
    }),
  );
}

/** An index (as a modern Docker saves it) names manifests; a manifest names its configuration. */
const manifestsOf = (blob: ImageBlob | undefined): readonly string[] =>
  (blob?.manifests ?? []).flatMap(({ digest }) => digest ?? []);
const configsOf = (target: string, blobs: ReadonlyMap<string, ImageBlob>): readonly string[] =>
  [target, ...manifestsOf(blobs.get(target))].flatMap(digest => blobs.get(digest)?.config?.digest ?? []);

async function readBlobs(
  node: Pick<Node, 'exec'>,
  digests: readonly string[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, ImageBlob>> {
  const found = new Map<string, ImageBlob>();
  for (let at = 0; at < digests.length; at += mostAtOnce) {
    const some = digests.slice(at, at + mostAtOnce);
    const { stdout } = await node.exec(['sh', '-c', readScript, 'read', ...some], { signal });
    for (const line of stdout.split('\n')) {
      const space = line.indexOf(' ');
      const blob = space > 0 ? parse(line.slice(space + 1)) : null;
      if (blob) found.set(line.slice(0, space), blob);
    }
  }
  return found;
}

/** A blob that is not there, or of a kind of its own (an attestation), tells nothing. */
function parse(text: string): ImageBlob | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}
