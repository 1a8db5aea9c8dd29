import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from './facts.ts';
import { timingOf } from './measure.ts';
import { readResults, withResult, writeResults } from './results.ts';

const folder = mkdtempSync(join(tmpdir(), 'ptah-results-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const benchmark = { id: 'sync', title: 'Live sync', about: 'how' };
const facts = { commit: 'abc' } as Facts;
const measured = (what: string, took: number) => ({ what, timings: [timingOf('ours', [took])] });

describe('results', () => {
  it('keep what was measured before, and take the newest of the same thing', () => {
    const file = join(folder, 'sync.json');
    const first = withResult(null, benchmark, facts, measured('edit', 1), [0.5, 1]);
    writeResults(file, withResult(first, benchmark, facts, measured('idle', 2), [1, 1]));
    const again = withResult(
      readResults(file),
      benchmark,
      { ...facts, commit: 'def' },
      measured('edit', 3),
      [2, 2.5],
    );
    expect(again.results.map(({ what, commit, timings }) => [what, commit, timings[0]?.median])).toEqual([
      ['edit', 'def', 3],
      ['idle', 'abc', 2],
    ]);
    expect(again.results[0]).toMatchObject({ loadBefore: 2, loadAfter: 2.5 });
  });

  it('begin anew where the file can not be read', () => {
    const file = join(folder, 'broken.json');
    writeFileSync(file, '{');
    expect(readResults(file)).toBeNull();
    expect(readResults(join(folder, 'missing.json'))).toBeNull();
  });
});
