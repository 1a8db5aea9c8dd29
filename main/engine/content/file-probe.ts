import { hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { FACTS, SIZE, writeFacts } from './file-facts.ts';
import { readSmall, readSmallBytes, smallBuffer } from './read-small.ts';

/** Files whose facts are wanted, by directory; with algorithms, their digests as well. */
export interface ProbeRequest {
  readonly id: number;
  readonly directories: readonly (readonly [directory: string, names: readonly string[]])[];
  readonly algorithms: readonly string[];
  /** Only the digests are wanted. */
  readonly withoutFacts?: boolean;
  /** Whoever sets this place of the shared memory does the request: the one that asked may have been faster. */
  readonly claim?: { readonly taken: Int32Array<SharedArrayBuffer>; readonly at: number };
}

/** In the order of the request. A file that could not be read, or is large, has NaN for a size and is left to whoever asked. */
export interface ProbeAnswer {
  readonly id: number;
  readonly facts: Float64Array<ArrayBuffer>;
  /** For each algorithm the digests of all files; none where the request was claimed by another. */
  readonly digests: readonly (readonly string[])[];
}

let buffer: Buffer | null = null;

/** Looks at the files, or reads and hashes them. */
export function probe(request: ProbeRequest): ProbeAnswer {
  const { id, directories, algorithms, claim } = request;
  if (claim !== undefined && !isFirst(claim)) return { id, facts: new Float64Array(0), digests: [] };
  if (request.withoutFacts) return { id, facts: new Float64Array(0), digests: digestsOf(request) };
  const count = directories.reduce((sum, [, names]) => sum + names.length, 0);
  const facts = new Float64Array(count * FACTS);
  const digests = algorithms.map((): string[] => []);
  let at = 0;
  for (const [directory, names] of directories)
    for (const name of names) {
      const path = `${directory}/${name}`;
      try {
        if (algorithms.length === 0) writeFacts(facts, at, lstatSync(path), 0);
        else readInto(path, facts, at, algorithms, digests);
      } catch {
        // Whoever asked meets the error in its own look, and can say where.
        leaveOut(facts, at, digests);
      }
      at += FACTS;
    }
  return { id, facts, digests };
}

/** Takes what `claim` stands for; false when another has it. */
export function isFirst({ taken, at }: NonNullable<ProbeRequest['claim']>): boolean {
  return Atomics.compareExchange(taken, at, 0, 1) === 0;
}

function digestsOf({ directories, algorithms }: ProbeRequest): string[][] {
  const digests = algorithms.map((): string[] => []);
  for (const [directory, names] of directories)
    for (const name of names) {
      let bytes: Buffer | null = null;
      try {
        bytes = readSmallBytes(`${directory}/${name}`, (buffer ??= smallBuffer()));
      } catch {
        // Whoever asked meets the error in its own look, and can say where.
      }
      for (const [index, algorithm] of algorithms.entries())
        digests[index]?.push(bytes === null ? '' : hash(algorithm, bytes, 'hex'));
    }
  return digests;
}

function readInto(
  path: string,
  facts: Float64Array,
  at: number,
  algorithms: readonly string[],
  digests: readonly string[][],
): void {
  const read = readSmall(path, (buffer ??= smallBuffer()));
  if (read === null) return leaveOut(facts, at, digests);
  writeFacts(facts, at, read.stats, 0);
  for (const [index, name] of algorithms.entries()) digests[index]?.push(hash(name, read.bytes, 'hex'));
}

function leaveOut(facts: Float64Array, at: number, digests: readonly string[][]): void {
  facts[at + SIZE] = Number.NaN;
  for (const list of digests) if (list.length < at / FACTS + 1) list.push('');
}
