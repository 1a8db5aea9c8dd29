import type { ImageDescription } from './types.ts';

/** A name that Docker or a node holds, and the strict digest on its label; null when it carries none. */
export interface HeldImage {
  readonly reference: string;
  readonly digest: string | null;
}

/**
 * Decides what each image is called. `name:tag` says only what the original's hash sees: where that name is taken by other
 * content (or by content without our label), the image gets `name:tag-` and 7 characters of its own digest, so that the old
 * image never runs silently. An image that is there under that longer name already keeps it.
 */
export function settleReferences(
  descriptions: readonly ImageDescription[],
  held: readonly HeldImage[],
): readonly ImageDescription[] {
  const digests = new Map<string, Set<string | null>>();
  for (const { reference, digest } of held) {
    const name = familiarName(reference);
    const known = digests.get(name) ?? new Set();
    digests.set(name, known.add(digest));
  }
  return descriptions.map(description => {
    const { name, tag, digest } = description;
    if (tag === '' || digest === '') return description;
    const plain = `${name}:${tag}`;
    const suffixed = `${plain}-${digest.slice(0, 7)}`;
    const taken = [...(digests.get(plain) ?? [])].some(each => each !== digest);
    const kept = digests.get(suffixed)?.has(digest) === true;
    const reference = taken || kept ? suffixed : plain;
    return reference === description.reference ? description : { ...description, reference };
  });
}

/** `docker.io/library/api:1` and `api:1` are one name. */
function familiarName(reference: string): string {
  return reference.replace(/^(?:index\.)?docker\.io\/(?:library\/)?/, '');
}
