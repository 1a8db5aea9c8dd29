import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Facts } from './facts.ts';
import { verdictOf, type Benchmark, type Measured, type Verdict } from './report.ts';

/** One measured thing as it is kept: with the moment and what else the machine did. */
export interface Result extends Measured {
  readonly verdict: Verdict | null;
  readonly at: string;
  readonly commit: string;
  readonly loadBefore: number;
  readonly loadAfter: number;
}
export interface ResultFile extends Pick<Benchmark, 'id' | 'title' | 'about'> {
  readonly facts: Facts;
  readonly results: readonly Result[];
}

/**
 * The results of a benchmark with one more. What was measured before stays, from an earlier run as well: a long benchmark is run case
 * by case. The same thing measured again takes the place of what stood there.
 */
export function withResult(
  before: ResultFile | null,
  { id, title, about }: Pick<Benchmark, 'id' | 'title' | 'about'>,
  facts: Facts,
  measured: Measured,
  load: readonly [before: number, after: number],
): ResultFile {
  const [loadBefore, loadAfter] = load;
  const at = new Date().toISOString();
  const verdict = verdictOf(measured);
  const result: Result = { ...measured, verdict, at, commit: facts.commit, loadBefore, loadAfter };
  const known = before?.results ?? [];
  const results = known.some(({ what }) => what === measured.what)
    ? known.map(each => (each.what === measured.what ? result : each))
    : [...known, result];
  return { id, title, about, facts, results };
}

/** What an earlier run has left; null where that can't be read. */
export function readResults(file: string): ResultFile | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as ResultFile;
  } catch {
    return null;
  }
}

export function writeResults(file: string, results: ResultFile): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(results, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}
