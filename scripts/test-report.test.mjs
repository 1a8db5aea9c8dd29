import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { printSummary, readPlaywright, readVitest } from './test-report.mjs';
import { root } from './places.mjs';

const folder = mkdtempSync(join(tmpdir(), 'ptah-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const report = content => {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, JSON.stringify(content));
  return file;
};

describe('readVitest', () => {
  test('counts tests, and keeps the reason of each failure and skip', () => {
    const file = report({
      success: false,
      testResults: [
        {
          name: join(root, 'main/a.test.ts'),
          status: 'failed',
          assertionResults: [
            { fullName: 'one', status: 'passed' },
            { fullName: 'two', status: 'failed', failureMessages: ['\u001B[31mexpected 1\u001B[39m\n at x'] },
            { fullName: 'three', status: 'skipped' },
          ],
        },
      ],
    });
    expect(readVitest(file)).toEqual({
      passed: 1,
      failures: [{ name: 'main/a.test.ts › two', reason: 'expected 1\n at x' }],
      skips: [{ name: 'main/a.test.ts › three', reason: 'skipped' }],
      retried: [],
    });
  });

  test('names what passed only at the second try', () => {
    const file = report({
      success: true,
      testResults: [
        {
          name: join(root, 'main/a.test.ts'),
          status: 'passed',
          assertionResults: [{ fullName: 'one', status: 'passed', failureMessages: ['too late\n at x'] }],
        },
      ],
    });
    expect(readVitest(file)).toMatchObject({
      passed: 1,
      failures: [],
      retried: [{ name: 'main/a.test.ts › one', reason: 'too late\n at x' }],
    });
  });

  test('a file that could not be loaded is a failure', () => {
    const file = report({
      success: false,
      testResults: [
        { name: join(root, 'main/b.test.ts'), status: 'failed', message: 'no module', assertionResults: [] },
      ],
    });
    expect(readVitest(file).failures).toEqual([{ name: 'main/b.test.ts', reason: 'no module' }]);
  });

  test('an error outside of all tests is a failure, and so is a missing report', () => {
    expect(readVitest(report({ success: false, testResults: [] })).failures).toHaveLength(1);
    expect(readVitest(join(folder, 'nowhere.json')).failures).toHaveLength(1);
  });
});

test('readPlaywright counts nested specs and says why one was skipped', () => {
  const spec = (title, status, more = {}) => ({ title, tests: [{ status, ...more }] });
  const file = report({
    errors: [],
    suites: [
      {
        title: 'deploy.spec.ts',
        specs: [spec('deploys', 'expected')],
        suites: [
          {
            title: 'in Electron',
            specs: [
              spec('opens', 'skipped', {
                annotations: [{ type: 'skip', description: 'no Electron binary' }],
              }),
              spec('closes', 'unexpected', { results: [{ error: { message: 'timed out' } }] }),
              spec('returns', 'flaky', { results: [{ error: { message: 'too late' } }, {}] }),
            ],
          },
        ],
      },
    ],
  });
  expect(readPlaywright(file)).toEqual({
    passed: 2,
    failures: [{ name: 'deploy.spec.ts › in Electron › closes', reason: 'timed out' }],
    skips: [{ name: 'deploy.spec.ts › in Electron › opens', reason: 'no Electron binary' }],
    retried: [{ name: 'deploy.spec.ts › in Electron › returns', reason: 'too late' }],
  });
});

test('printSummary ends with the counts and fails when something failed', () => {
  const lines = [];
  const log = vi.spyOn(console, 'log').mockImplementation(line => lines.push(line));
  const part = {
    name: 'unit',
    passed: 3,
    failures: [],
    skips: [{ name: 'x', reason: 'no Electron' }],
    seconds: 1,
  };
  try {
    expect(printSummary([part])).toBe(0);
    expect(lines.at(-1)).toBe('\n3 passed, 0 failed, 1 skipped');
    expect(printSummary([{ ...part, failures: [{ name: 'y', reason: 'because' }] }])).toBe(1);
    expect(lines.at(-1)).toBe('\n3 passed, 1 failed, 1 skipped');
  } finally {
    log.mockRestore();
  }
});
