// What the runners' JSON reports say, in one shape: how many tests passed, which failed and why, which were skipped and why.
import { existsSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './places.mjs';

// `retried`: passed, but only at the second try. Counted as passed and named: each is a defect, of the test or of the product.
const none = () => ({ passed: 0, failures: [], skips: [], retried: [] });
const strip = text => stripVTControlCharacters(String(text ?? ''));

export function readVitest(file) {
  const result = none();
  if (!existsSync(file))
    return withFailure(result, 'vitest', 'vitest left no report: its output above says why');
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const suite of report.testResults) {
    const name = relative(root, suite.name);
    if (suite.assertionResults.length === 0 && suite.status === 'failed')
      result.failures.push({ name, reason: strip(suite.message) || 'the file could not be loaded' });
    for (const test of suite.assertionResults) {
      const title = `${name} › ${test.fullName}`;
      if (test.status === 'passed') {
        result.passed += 1;
        if (test.failureMessages?.length > 0)
          result.retried.push({ name: title, reason: strip(test.failureMessages[0]) });
      } else if (test.status === 'failed')
        result.failures.push({ name: title, reason: strip(test.failureMessages?.[0]) });
      else result.skips.push({ name: title, reason: strip(test.meta?.skipReason ?? test.status) });
    }
  }
  if (report.success === false && result.failures.length === 0)
    result.failures.push({
      name: 'vitest',
      reason: 'the run failed outside of a test: its output above says why',
    });
  return result;
}

export function readPlaywright(file) {
  const result = none();
  if (!existsSync(file))
    return withFailure(result, 'playwright', 'playwright left no report: its output above says why');
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const error of report.errors ?? [])
    result.failures.push({ name: 'playwright', reason: strip(error.message) });
  const visit = (suite, path) => {
    for (const inner of suite.suites ?? []) visit(inner, [...path, inner.title]);
    for (const spec of suite.specs ?? [])
      for (const test of spec.tests) take([...path, spec.title].join(' › '), test);
  };
  const take = (name, test) => {
    if (test.status === 'expected' || test.status === 'flaky') {
      result.passed += 1;
      if (test.status === 'flaky')
        result.retried.push({ name, reason: strip(test.results?.[0]?.error?.message) });
    } else if (test.status === 'skipped') {
      const annotation = test.annotations?.find(({ type }) => type === 'skip' || type === 'fixme');
      result.skips.push({ name, reason: strip(annotation?.description) || 'no reason given' });
    } else result.failures.push({ name, reason: strip(test.results?.at(-1)?.error?.message) });
  };
  for (const suite of report.suites ?? []) visit(suite, [suite.title]);
  return result;
}

/** A part that could not be run at all is a failure, never a skip. */
export const withFailure = (result, name, reason) => ({
  ...result,
  failures: [...result.failures, { name, reason }],
});

/** Prints everything that a reader of the log needs, the counts last. Returns the exit code. */
export function printSummary(parts) {
  const failures = parts.flatMap(part => part.failures.map(failure => ({ part: part.name, ...failure })));
  const skips = parts.flatMap(part => part.skips.map(skip => ({ part: part.name, ...skip })));
  const retried = parts.flatMap(part => (part.retried ?? []).map(each => ({ part: part.name, ...each })));
  const passed = parts.reduce((sum, part) => sum + part.passed, 0);
  console.log('');
  for (const { name, passed, failures, skips, seconds } of parts)
    console.log(
      `${failures.length > 0 ? '✗' : '✓'} ${name.padEnd(26)} ${String(passed).padStart(5)} passed ${String(failures.length).padStart(4)} failed ${String(skips.length).padStart(4)} skipped  ${seconds.toFixed(0).padStart(5)} s`,
    );
  if (skips.length > 0) console.log('\nSkipped:');
  for (const { part, name, reason } of skips) console.log(`  ${part}: ${name}: ${reason}`);
  if (retried.length > 0) console.log('\nPassed only at the second try:');
  for (const { part, name, reason } of retried)
    console.log(`  ↻ ${part}: ${name}\n${indent(reason.split('\n').slice(0, 6).join('\n'))}`);
  if (failures.length > 0) console.log('\nFailed:');
  for (const { part, name, reason } of failures)
    console.log(`  ✗ ${part}: ${name}\n${indent(reason.split('\n').slice(0, 12).join('\n'))}`);
  console.log(`\n${passed} passed, ${failures.length} failed, ${skips.length} skipped`);
  return failures.length > 0 ? 1 : 0;
}

const indent = text => text.replace(/^/gm, '      ');
