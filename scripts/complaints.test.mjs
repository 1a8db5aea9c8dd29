import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkComplaints, complaintsThatRan, openComplaints, readComplaints } from './complaints.mjs';
import { root } from './places.mjs';

const row = (number, tests, isOpen = false) => ({ number, tests, isOpen });
const filled = rows => [
  ...rows,
  ...Array.from({ length: 58 - rows.length }, (_, at) => row(rows.length + at + 1, [], true)),
];
const folder = mkdtempSync(join(tmpdir(), 'ptah-complaints-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the page of complaints', () => {
  it('is read line by line: number, tests, or that there is none yet', () => {
    const text =
      '# Head\n\n1. Slow (a/b#1). Fast. Tests: `x.test.ts › is fast`, `y.test.ts › is “quick”`.\n2. Dark. Open: no test yet.\n';
    expect(readComplaints(text)).toEqual([
      row(1, [
        { file: 'x.test.ts', title: 'is fast' },
        { file: 'y.test.ts', title: 'is “quick”' },
      ]),
      row(2, [], true),
    ]);
  });

  it('is wrong where a test does not exist, a row is missing, or says nothing', () => {
    const read = file => (file === 'x.test.ts' ? "it('is fast', () => {})" : null);
    const named = title => filled([row(1, [{ file: 'x.test.ts', title }])]);
    expect(checkComplaints(named('is fast'), read)).toBeNull();
    expect(checkComplaints(named('is'), read)).toContain('x.test.ts has no test “is”');
    expect(checkComplaints(filled([row(1, [{ file: 'z.test.ts', title: 'is fast' }])]), read)).toContain(
      'there is no z.test.ts',
    );
    expect(checkComplaints(filled([row(1, [])]), read)).toContain('1: names no test');
    expect(checkComplaints(filled([]).slice(1), read)).toContain('57 rows');
  });

  it('as it stands names tests that exist', () => {
    expect(checkComplaints()).toBeNull();
    expect(openComplaints()).toMatch(/^\d+ of 58 complaints have a test/);
  });

  it('fails a run in which a named test did not pass, of both runners', () => {
    const vitest = (title, status) => ({ ancestorTitles: [], title, fullName: title, status });
    writeFileSync(
      join(folder, 'unit.json'),
      JSON.stringify({
        testResults: [
          {
            name: join(root, 'x.test.ts'),
            assertionResults: [vitest('is fast', 'passed'), vitest('is small', 'skipped')],
          },
        ],
      }),
    );
    const spec = { file: 'specs/a.spec.ts', title: 'works', ok: true, tests: [{ status: 'expected' }] };
    writeFileSync(
      join(folder, 'e2e.json'),
      JSON.stringify({
        config: { rootDir: join(root, 'e2e') },
        suites: [{ title: 'a', specs: [], suites: [{ title: 'b', specs: [spec] }] }],
      }),
    );
    const rows = [
      row(1, [
        { file: 'x.test.ts', title: 'is fast' },
        { file: 'e2e/specs/a.spec.ts', title: 'works' },
      ]),
      row(2, [{ file: 'x.test.ts', title: 'is small' }]),
      row(3, [], true),
    ];
    const { passed, failures } = complaintsThatRan(folder, rows);
    expect(passed).toBe(1);
    expect(failures.map(({ name }) => name)).toEqual(['2: x.test.ts › is small']);
  });
});
