// `npm run bench [-- digest|noop|launch|load …] [--rounds N]`: ours beside what a user would otherwise run, in one run on one
// machine. Prints tables, and writes them with all samples to bench-results/.
import { mkdirSync, writeFileSync } from 'node:fs';
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
let failed = false;
for (const benchmark of wanted) {
  const facts = await readFacts();
  console.log(`\n## ${benchmark.title}\n`);
  try {
    const measured = await benchmark.measure(rounds, text => console.error(`   ${text}`));
    const loadAfter = Math.round((loadavg()[0] ?? 0) * 100) / 100;
    const results = measured.map(entry => ({ ...entry, verdict: verdictOf(entry) }));
    const { id, title, about } = benchmark;
    const text = JSON.stringify({ id, title, about, facts: { ...facts, loadAfter }, results }, null, 2);
    writeFileSync(join(folder, `${id}.json`), `${text}\n`);
    for (const result of results) {
      const verdict = result.verdict ? ` (${result.verdict.text})` : '';
      console.log(`${result.what}${verdict}\n\n${tableOf(result)}\n`);
      for (const note of result.notes ?? []) console.log(`- ${note}`);
      if (result.notes) console.log('');
    }
    const versions = Object.entries(facts.versions).map(([name, version]) => `${name} ${version}`);
    console.log(
      `${facts.cores} cores (${facts.processor}), load ${facts.loadBefore} before and ${loadAfter} after; ${versions.join(', ')}`,
    );
  } catch (error) {
    failed = true;
    console.error(error instanceof Error ? error.message : String(error));
  }
}
console.log(`\nAll samples: ${folder}`);
process.exit(failed ? 1 : 0);
