import * as nodeCrypto from 'node:crypto';
import { blake2b, blake2s } from '@noble/hashes/blake2.js';
import { md5, ripemd160, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512, sha512_224, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_224, sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import { PtahError } from '../errors/index.ts';
import { Sm3 } from './sm3.ts';

/** A hash that is being fed. */
export interface RunningDigest {
  update(bytes: Uint8Array): unknown;
  /** Hex. */
  finish(): string;
}

/** One hash algorithm. */
export interface DigestAlgorithm {
  readonly name: string;
  /** It is the platform's own, by this name: another thread can use it without anything of ours. */
  readonly everywhere?: boolean;
  /** Hex digest of all of `data`; text counts as UTF-8. */
  once(data: Uint8Array | string): string;
  start(): RunningDigest;
}

/** Finds an algorithm by the name that `tag_algorithm` uses; null when there is none. */
export type DigestProvider = (name: string) => DigestAlgorithm | null;

interface LibraryHash {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** MD5 and SHA-1 joined: what TLS 1.0 signed, and what OpenSSL still offers Python by this name. */
class Md5Sha1 implements LibraryHash {
  readonly #md5 = md5.create();
  readonly #sha1 = sha1.create();
  update(bytes: Uint8Array): this {
    this.#md5.update(bytes);
    this.#sha1.update(bytes);
    return this;
  }
  digest(): Uint8Array {
    return Buffer.concat([this.#md5.digest(), this.#sha1.digest()]);
  }
}

// Python's names, all that `hashlib.algorithms_available` lists on OpenSSL 3 and that have a length of their own.
const LIBRARY: Readonly<Record<string, () => LibraryHash>> = {
  md5: () => md5.create(),
  sha1: () => sha1.create(),
  sha224: () => sha224.create(),
  sha256: () => sha256.create(),
  sha384: () => sha384.create(),
  sha512: () => sha512.create(),
  sha512_224: () => sha512_224.create(),
  sha512_256: () => sha512_256.create(),
  sha3_224: () => sha3_224.create(),
  sha3_256: () => sha3_256.create(),
  sha3_384: () => sha3_384.create(),
  sha3_512: () => sha3_512.create(),
  blake2b: () => blake2b.create({ dkLen: 64 }),
  blake2s: () => blake2s.create({ dkLen: 32 }),
  ripemd160: () => ripemd160.create(),
  sm3: () => new Sm3(),
  'md5-sha1': () => new Md5Sha1(),
};

/** Those that Node's crypto has under every build of it, BoringSSL (Electron) included. */
const EVERYWHERE = new Set(['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512']);

/** Python lists these, but a digest of them has no length of its own, so the original fails. */
const NEED_A_LENGTH = new Set(['shake_128', 'shake_256']);

/** Everything from the library: what is left when the platform's crypto offers nothing. */
export const libraryDigests: DigestProvider = name => {
  const create = Object.hasOwn(LIBRARY, name) ? LIBRARY[name] : undefined;
  if (create === undefined) return null;
  return {
    name,
    once: data => toHex(feed(create(), typeof data === 'string' ? Buffer.from(data) : data).digest()),
    start: () => {
      const hash = create();
      return { update: bytes => hash.update(bytes), finish: () => toHex(hash.digest()) };
    },
  };
};

/** The platform's crypto for MD5, SHA-1 and SHA-2, the library for all others. */
export const defaultDigests: DigestProvider = name => {
  if (!EVERYWHERE.has(name)) return libraryDigests(name);
  return {
    name,
    everywhere: true,
    once: data => nodeCrypto.hash(name, data, 'hex'),
    start: () => {
      const hash = nodeCrypto.createHash(name);
      return { update: bytes => hash.update(bytes), finish: () => hash.digest('hex') };
    },
  };
};

/** The names that `tag_algorithm` may have. */
export const TAG_ALGORITHMS: readonly string[] = Object.keys(LIBRARY);

/** The algorithm, or the error that says which there are. */
export function requireDigest(name: string, provider: DigestProvider = defaultDigests): DigestAlgorithm {
  const found = provider(name);
  if (found !== null) return found;
  if (NEED_A_LENGTH.has(name)) {
    throw new PtahError(
      'algorithm-needs-length',
      `The hash algorithm “${name}” has no digest of a fixed length.`,
      {
        hint: `Set tag_algorithm to one of: ${TAG_ALGORITHMS.join(', ')}.`,
      },
    );
  }
  throw new PtahError('unknown-algorithm', `There is no hash algorithm “${name}”.`, {
    hint: `Set tag_algorithm to one of: ${TAG_ALGORITHMS.join(', ')}. The spelling counts, upper case too.`,
  });
}

function feed(hash: LibraryHash, bytes: Uint8Array): LibraryHash {
  hash.update(bytes);
  return hash;
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
