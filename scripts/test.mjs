// `npm test`: brings the machine up and runs everything. `npm test -- unit e2e` runs only those parts.
// Cheap things first: a typing error must not cost the time of a cluster.
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChecks } from './check.mjs';
import { complaintsThatRan, openComplaints } from './complaints.mjs';
import { onNode24 } from './node24.mjs';
import { root } from './places.mjs';
import { run } from './run.mjs';
import { ensureDependencies } from './setup.mjs';
import { clusterScript, machineVariables, makeCluster, testEnvironment } from './test-machine.mjs';
import { printSummary, readPlaywright, readVitest, withFailure } from './test-report.mjs';

const names = ['check', 'unit', 'docker', 'cluster', 'e2e', 'chaos', 'cluster3', 'e2e3'];
const wanted = process.argv.slice(2).filter(argument => !argument.startsWith('-'));
const unknown = wanted.filter(name => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no part "${unknown[0]}". Parts: ${names.join(', ')}`);
  process.exit(2);
}
/** The cluster's tests that the number of nodes can change: files whose path contains one of these. */
const aboutNodes = ['main/engine/targets/', 'main/engine/sync/channels/channels.', 'main/hosts/cli/deploy.'];
/** Where real engines and clusters answer late, an unattended run tries once more, and the summary names what needed it. */
const secondTry = process.env.CI ? ['--retry=1'] : [];
/** How one suite of two that run side by side prints. */
const marked = { output: 'collect', onLine: line => console.log(`│ ${line}`) };
const runs = name => wanted.length === 0 || wanted.includes(name);

await onNode24(import.meta.url);
await ensureDependencies();

const reports = join(root, 'test-results', 'suites');
mkdirSync(reports, { recursive: true });
const parts = [];

if (runs('check')) await part('checks', checks);
// The machine is brought up beside the unit tests: it mostly waits for others.
const machine = ['docker', 'cluster', 'e2e', 'chaos', 'cluster3', 'e2e3'].some(runs)
  ? bringUp()
  : Promise.resolve(null);
// Docker's tests run beside them: they mostly wait for engines. Those of the cluster don't, they have company of their own.
const [ready] = await Promise.all([
  machine.then(async brought => {
    if (brought && runs('docker'))
      await part('Docker', () => vitest('docker', ['docker'], brought.variables, secondTry, marked));
    return brought;
  }),
  // Two at a time also where there are two cores: much of it waits, and by itself vitest would take one there.
  runs('unit') &&
    part('unit and window logic', () => vitest('unit', ['unit', 'renderer'], {}, ['--maxWorkers=2'])),
]);
if (ready) await partsOnClusters(ready);
// only a whole run can tell whether every test that the page names has run
if (wanted.length === 0) await part('complaints', async () => complaintsThatRan(reports));
console.log(`\n${openComplaints()}`);
process.exit(printSummary(parts));

/** Engines, programs, images, the build and the first cluster. Null when something of it can't be had: that is a failure by itself. */
async function bringUp() {
  let variables = {};
  let cluster = null;
  const ready = await step('the machine', async () => {
    await clusterScript('docker');
    await clusterScript('docker-next');
    if (runs('e2e') || runs('e2e3')) await clusterScript('browser');
    await clusterScript('programs');
    await clusterScript('node-image');
    await clusterScript('images');
    await clusterScript('images', '/run/docker-next.sock');
    variables = await machineVariables();
  });
  if (!ready || !(await step('the build', buildAll))) return null;
  if (['cluster', 'e2e', 'chaos'].some(runs)) {
    const made = await step('a cluster of 1 node', async () => {
      cluster = await makeCluster(1);
    });
    if (!made) return null;
  }
  return { variables, cluster };
}

async function partsOnClusters({ variables, cluster }) {
  if (cluster) await onCluster(1, cluster, variables);
  if (!runs('cluster3') && !runs('e2e3')) return;
  let larger = null;
  await step('a cluster of 3 nodes', async () => {
    larger = await makeCluster(3);
  });
  if (larger) await onCluster(3, larger, variables);
}

async function onCluster(nodes, cluster, variables) {
  const suffix = nodes === 1 ? '' : String(nodes);
  const label = nodes === 1 ? '1 node' : `${nodes} nodes`;
  const env = { ...variables, ...cluster.variables };
  // Side by side: both mostly wait for the cluster.
  await Promise.all([
    runs(`cluster${suffix}`) &&
      part(`cluster, ${label}`, () =>
        vitest(`cluster-${nodes}`, ['cluster'], env, [
          '--maxWorkers=2',
          ...secondTry,
          ...(nodes === 1 ? [] : aboutNodes),
        ]),
      ),
    runs(`e2e${suffix}`) && part(`end to end, ${label}`, () => playwright(`e2e-${nodes}`, env)),
  ]);
  // last, and alone: it counts what is left in the nodes, and restarts what the cluster stands on
  if (nodes === 1 && runs('chaos')) await part('chaos', () => vitest('chaos', ['chaos'], env, secondTry));
  await step(`the end of the cluster of ${label}`, () => cluster.remove());
}

/** One suite: its counts go into the summary. */
async function part(name, work) {
  const began = Date.now();
  console.log(`\n── ${name}`);
  let result;
  try {
    result = await work();
  } catch (error) {
    result = withFailure({ passed: 0, failures: [], skips: [] }, name, String(error?.stack ?? error));
  }
  parts.push({ name, ...onlyElectronIsSkipped(result), seconds: (Date.now() - began) / 1000 });
}

/** Something that the suites need: it counts only when it fails. */
async function step(name, work) {
  const began = Date.now();
  console.log(`\n── ${name}`);
  try {
    await work();
    console.log(`   ${name}: ${((Date.now() - began) / 1000).toFixed(0)} s`);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    console.log(reason);
    parts.push({
      name,
      passed: 0,
      failures: [{ name, reason }],
      skips: [],
      seconds: (Date.now() - began) / 1000,
    });
    return false;
  }
}

async function checks() {
  const results = await runChecks();
  return {
    passed: results.filter(result => result.ok).length,
    failures: results.filter(result => !result.ok).map(({ name, problem }) => ({ name, reason: problem })),
    skips: [],
  };
}

async function vitest(report, projects, env = {}, more = [], how = {}) {
  const file = join(reports, `${report}.json`);
  rmSync(file, { force: true });
  const argv = projects.flatMap(project => ['--project', project]);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  await run(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...argv, ...reporters, ...more],
    {
      cwd: root,
      env: testEnvironment(env),
      ...how,
    },
  );
  return readVitest(file);
}

async function playwright(report, env) {
  const file = join(reports, `${report}.json`);
  rmSync(file, { force: true });
  await run(process.execPath, [join(root, 'node_modules/@playwright/test/cli.js'), 'test'], {
    cwd: root,
    env: testEnvironment({ ...env, PTAH_E2E_REPORT: file }),
    ...marked,
  });
  return readPlaywright(file);
}

async function buildAll() {
  const { buildIfStale } = await import('./build.mjs');
  await buildIfStale();
}

/** Where Docker or Kind is missing the run fails; the one thing that a machine may lack is Electron's binary. */
function onlyElectronIsSkipped(result) {
  const allowed = result.skips.filter(({ name, reason }) => /electron/i.test(`${name} ${reason}`));
  const others = result.skips.filter(skip => !allowed.includes(skip));
  return {
    passed: result.passed,
    retried: result.retried ?? [],
    skips: allowed,
    failures: [
      ...result.failures,
      ...others.map(({ name, reason }) => ({ name, reason: `skipped, and only Electron may be: ${reason}` })),
    ],
  };
}
