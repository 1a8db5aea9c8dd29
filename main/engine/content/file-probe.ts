import { hash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { FACTS, SIZE, writeFacts } from './file-facts.ts';
import { readSmall, smallBuffer } from './read-small.ts';

/** Files whose facts are wanted, by directory; with algorithms, their digests as well. */
export interface ProbeRequest {
  readonly id: number;
  readonly directories: readonly (readonly [directory: string, names: readonly string[]])[];
  readonly algorithms: readonly string[];
}

/** In the order of the request. A file that could not be read, or is large, has NaN for a size and is left to whoever asked. */
export interface ProbeAnswer {
  readonly id: number;
  readonly facts: Float64Array<ArrayBuffer>;
  /** For each algorithm the digests of all files. */
  readonly digests: readonly (readonly string[])[];
}

let buffer: Buffer | null = null;

/** Looks at the files, or reads and hashes them. */
export function probe({ id, directories, algorithms }: ProbeRequest): ProbeAnswer {
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
