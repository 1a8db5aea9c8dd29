/** A reference as containerd writes it: `api:1` is `docker.io/library/api:1`. */
export function normaliseReference(reference: string): string {
  const slash = reference.indexOf('/');
  const first = slash < 0 ? '' : reference.slice(0, slash);
  const hasHost = /[.:]/.test(first) || first === 'localhost';
  const named = hasHost ? reference : slash < 0 ? `docker.io/library/${reference}` : `docker.io/${reference}`;
  const path = named.slice(named.lastIndexOf('/') + 1);
  return path.includes(':') || path.includes('@') ? named : `${named}:latest`;
}

/** The normalised name without its tag or digest. */
export function repositoryOf(reference: string): string {
  const [named = ''] = normaliseReference(reference).split('@');
  const colon = named.lastIndexOf(':');
  return colon > named.lastIndexOf('/') ? named.slice(0, colon) : named;
}
