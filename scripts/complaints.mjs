// docs/complaints.md names a test for each complaint: `node scripts/complaints.mjs` (and `npm run check`) sees that they exist, a
// whole `npm test` that they ran. Rows without a test are counted and named, and fail nothing: they are marked as such.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './places.mjs';

const page = join(root, 'docs/complaints.md');
const expected = 58;
const openMark = 'Open: no test yet.';

/** @returns {{ number: number, tests: { file: string, title: string }[], isOpen: boolean }[]} */
export function readComplaints(text = readFileSync(page, 'utf8')) {
  return text.split('\n').flatMap(line => {
    const number = /^(\d+)\. /.exec(line)?.[1];
    if (number === undefined) return [];
    const tests = [...line.matchAll(/`([^`]+?) › ([^`]+)`/g)].map(([, file, title]) => ({ file, title }));
    return [{ number: Number(number), tests, isOpen: line.endsWith(openMark) }];
  });
}

/** What is wrong with the page itself: null, or a line per problem. */
export function checkComplaints(rows = readComplaints(), read = readSource) {
  const problems = [];
  if (rows.length !== expected || rows.some(({ number }, at) => number !== at + 1))
    problems.push(`docs/complaints.md: ${rows.length} rows, and it should be 1 to ${expected}`);
  for (const { number, tests, isOpen } of rows) {
    if (tests.length === 0 && !isOpen)
      problems.push(`${number}: names no test, and does not say “${openMark}”`);
    if (tests.length > 0 && isOpen) problems.push(`${number}: names a test, and says “${openMark}”`);
    for (const { file, title } of tests) {
      const source = read(file);
      if (source === null) problems.push(`${number}: there is no ${file}`);
      else if (!names(source, title)) problems.push(`${number}: ${file} has no test “${title}”`);
    }
  }
  return problems.length === 0 ? null : problems.join('\n');
}

function readSource(file) {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Titles stand in the source as they are, in one of three kinds of quotes; those of a table with `%s` or `$name` in them. */
function names(source, title) {
  if (["'", '"', '`'].some(quote => source.includes(`${quote}${title}${quote}`))) return true;
  return [...source.matchAll(/(['"`])((?:(?!\1).)*(?:%[sdifjo]|\$\w)(?:(?!\1).)*)\1/g)].some(
    ([, , template]) => new RegExp(`^${template.split(placeholder).map(escape).join('.+')}$`).test(title),
  );
}
const placeholder = /%[sdifjo]|\$\{?\w+(?:\.\w+)*\}?/;
const escape = text => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** How many rows have no test yet, in words. */
export function openComplaints(rows = readComplaints()) {
  const open = rows.filter(({ isOpen }) => isOpen).map(({ number }) => number);
  return `${rows.length - open.length} of ${rows.length} complaints have a test${open.length > 0 ? `; open: ${open.join(', ')}` : ''}`;
}

/** The tests that these reports say passed, as `file › title`. Playwright's files are relative to its own folder. */
export function passedTests(folder) {
  const passed = new Set();
  for (const name of readdirSync(folder).filter(file => file.endsWith('.json'))) {
    const report = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    for (const suite of report.testResults ?? [])
      for (const test of suite.assertionResults)
        if (test.status === 'passed') passed.add(`${relative(root, suite.name)} › ${test.title}`);
    const visit = suite => {
      for (const inner of suite.suites ?? []) visit(inner);
      for (const spec of suite.specs ?? [])
        if (spec.ok && spec.tests.some(({ status }) => status !== 'skipped'))
          passed.add(`${relative(root, join(report.config?.rootDir ?? '', spec.file))} › ${spec.title}`);
    };
    for (const suite of report.suites ?? []) visit(suite);
  }
  return passed;
}

/** In the shape of a part of the test run: a named test that did not run (or did not pass) is a failure. */
export function complaintsThatRan(folder, rows = readComplaints()) {
  const passed = passedTests(folder);
  const failures = rows.flatMap(({ number, tests }) =>
    tests
      .filter(({ file, title }) => !passed.has(`${file} › ${title}`))
      .map(({ file, title }) => ({
        name: `${number}: ${file} › ${title}`,
        reason: 'docs/complaints.md names it, and it did not run to its end',
      })),
  );
  const covered = rows.filter(({ tests }) => tests.length > 0).length;
  const failed = new Set(failures.map(({ name }) => name.split(':')[0])).size;
  return { passed: covered - failed, failures, skips: [] };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const problem = checkComplaints();
  console.log(problem ?? openComplaints());
  process.exitCode = problem === null ? 0 : 1;
}
