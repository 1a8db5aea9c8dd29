// `npm run bench [-- digest|noop|launch|load …] [--rounds N]`: ours beside what a user would otherwise run, in one run on one
// machine. Prints each table when it is measured, and keeps it with all samples in bench-results/.
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from './build.mjs';
import { onNode24 } from './node24.mjs';
import { root } from './places.mjs';
import { ensureDependencies } from './setup.mjs';

await onNode24(import.meta.url);
await ensureDependencies();

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' } },
  allowPositionals: true,
});
const rounds = Number(values.rounds ?? 7);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error('--rounds is a whole number from 1');
  process.exit(2);
}

const { benchmarks } = await import('../e2e/bench/index.ts');
const { readFacts } = await import('../e2e/bench/facts.ts');
const { tableOf, verdictOf } = await import('../e2e/bench/report.ts');
const { readResults, withResult, writeResults } = await import('../e2e/bench/results.ts');
const unknown = positionals.filter(name => !benchmarks.some(({ id }) => id === name));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown[0]}. Benchmarks: ${benchmarks.map(({ id }) => id).join(', ')}`,
  );
  process.exit(2);
}
const wanted = benchmarks.filter(({ id }) => positionals.length === 0 || positionals.includes(id));
await buildIfStale(wanted.some(({ window }) => window) ? undefined : ['main']);

const folder = join(root, 'bench-results');
mkdirSync(folder, { recursive: true });
// what a benchmark has started goes with it
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
const loadNow = () => Math.round((loadavg()[0] ?? 0) * 100) / 100;
let failed = false;
for (const benchmark of wanted) {
  const facts = await readFacts();
  const file = join(folder, `${benchmark.id}.json`);
  let load = facts.loadBefore;
  const told = new Set();
  const tell = measured => {
    told.add(measured);
    failed ||= measured.failed === true;
    const after = loadNow();
    writeResults(file, withResult(readResults(file), benchmark, facts, measured, [load, after]));
    const verdict = verdictOf(measured);
    console.log(`${measured.what}${verdict ? ` (${verdict.text})` : ''}; load ${load} to ${after}\n`);
    console.log(`${tableOf(measured)}\n`);
    for (const note of measured.notes ?? []) console.log(`- ${note}`);
    if (measured.notes) console.log('');
    load = after;
  };
  console.log(`\n## ${benchmark.title}\n`);
  try {
    const measured = await benchmark.measure(rounds, text => console.error(`   ${text}`), tell);
    for (const one of measured) if (!told.has(one)) tell(one);
  } catch (error) {
    failed = true;
    console.error(error instanceof Error ? error.message : String(error));
  }
  const versions = Object.entries(facts.versions).map(([name, version]) => `${name} ${version}`);
  console.log(
    `${facts.cores} cores (${facts.processor}), load ${facts.loadBefore} before and ${loadNow()} after; ${versions.join(', ')}`,
  );
}
console.log(`\nAll samples: ${folder}`);
process.exit(failed ? 1 : 0);
