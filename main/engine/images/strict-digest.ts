import { createHash } from 'node:crypto';

/** Everything that decides what a build of an image gives (but for images of others that it is `FROM`). */
export interface DigestInput {
  /** Digest of the context listing. */
  readonly context: string;
  readonly dockerfile: string;
  readonly args: Readonly<Record<string, string>>;
  readonly target: string | null;
  readonly network: string | null;
  /** Strict digests of the images of the project that it is `FROM` or copies from, by name. */
  readonly dependencies: ReadonlyMap<string, string>;
}

/** The strict digest of an image, hex SHA-256. */
export function strictDigest(input: DigestInput): string {
  const sorted = (entries: Iterable<readonly [string, string]>): readonly (readonly [string, string])[] =>
    [...entries].sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  const facts = {
    version: 1,
    context: input.context,
    dockerfile: input.dockerfile,
    args: sorted(Object.entries(input.args)),
    target: input.target,
    network: input.network,
    dependencies: sorted(input.dependencies),
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
