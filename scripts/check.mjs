// `npm run check`: everything that can be said about the code without running it. Each check prints one line;
// what it found follows only when it failed.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { checkComplaints } from './complaints.mjs';
import { findForbiddenText } from './forbidden-text.mjs';
import { onNode24 } from './node24.mjs';
import { root } from './places.mjs';
import { run } from './run.mjs';
import { ensureDependencies } from './setup.mjs';

const bin = path => join(root, 'node_modules', path);

const checks = [
  { name: 'format', program: bin('prettier/bin/prettier.cjs'), argv: ['--check', '--log-level=warn', '.'] },
  { name: 'lint', program: bin('oxlint/bin/oxlint'), argv: ['--type-aware', '--deny-warnings'] },
  { name: 'types', program: bin('typescript7/bin/tsc'), argv: ['--noEmit'] },
  { name: 'boundaries', run: checkBoundaries },
  { name: 'dead code', program: bin('knip/bin/knip.js'), argv: ['--no-progress'] },
  { name: 'complaints have their tests', run: async () => checkComplaints() },
  { name: 'no traces of one machine', run: async () => findForbiddenText() },
];

/** Runs all checks, cheap and dear alike: one run shows everything that is wrong. */
export async function runChecks() {
  const results = [];
  for (const check of checks) {
    const began = Date.now();
    const problem = check.run ? await check.run() : await runProgram(check);
    const seconds = (Date.now() - began) / 1000;
    console.log(`${problem ? '✗' : '✓'} ${check.name} (${seconds.toFixed(1)} s)`);
    if (problem) console.log(`${problem.trimEnd()}\n`);
    results.push({ name: check.name, ok: !problem, problem, seconds });
  }
  return results;
}

async function runProgram({ program, argv }) {
  const { code, output } = await run(process.execPath, [program, ...argv], {
    output: 'collect',
    cwd: root,
    env: { NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  return code === 0 ? null : output || `exit code ${code}`;
}

/** dependency-cruiser finds no modules at all, and is content, when it can't read TypeScript: so they are counted. */
async function checkBoundaries() {
  const program = bin('dependency-cruiser/bin/dependency-cruiser.mjs');
  const argv = ['--config', '.dependency-cruiser.cjs', 'main', 'preload', 'renderer', '--output-type'];
  const { code, output } = await run(process.execPath, [program, ...argv, 'err'], {
    output: 'collect',
    cwd: root,
  });
  if (code !== 0) return output;
  const cruised = Number(/(\d+) modules/.exec(output)?.[1] ?? 0);
  return cruised > 50 ? null : `only ${cruised} modules were looked at:\n${output}`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await onNode24(import.meta.url);
  await ensureDependencies();
  const results = await runChecks();
  process.exit(results.every(result => result.ok) ? 0 : 1);
}
