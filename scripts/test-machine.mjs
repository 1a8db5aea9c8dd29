// The machine of the tests: what e2e/cluster/cluster.sh brings up, and the variables that tell the tests of it.
import { mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder, root } from './places.mjs';
import { lastLines, run } from './run.mjs';

const script = join(root, 'e2e/cluster/cluster.sh');

/** The cluster that the tests share. One that the developer names is used as it is, and kept. */
export const namedCluster = process.env.PTAH_TEST_CLUSTER;

/** Runs one command of cluster.sh, showing what it says; throws with its last lines. */
export async function clusterScript(...argv) {
  const { code, output } = await run('bash', [script, ...argv], {
    output: 'collect',
    env: testEnvironment(),
    onLine: line => console.log(`  ${line}`),
  });
  if (code !== 0)
    throw new Error(`e2e/cluster/cluster.sh ${argv.join(' ')} failed:\n${lastLines(output, 15)}`);
  return output;
}

/** What every suite gets. The user's own kubeconfig is never touched. */
export function testEnvironment(extra = {}) {
  const folder = join(cacheFolder, 'test');
  mkdirSync(folder, { recursive: true });
  const bin = join(cacheFolder, 'cluster', 'bin');
  return {
    KUBECONFIG: join(folder, 'kubeconfig'),
    PATH: `${bin}${delimiter}${process.env.PATH}`,
    // a log that is read as a file has no use for colours
    ...(process.stdout.isTTY ? {} : { NO_COLOR: '1', FORCE_COLOR: '0' }),
    ...extra,
  };
}

/** The variables that cluster.sh knows: the node image, the second engine's socket, the browser. */
export async function machineVariables() {
  const { output } = await run('bash', [script, 'env'], { output: 'collect' });
  const pairs = output.split('\n').filter(line => /^PTAH_\w+=/.test(line));
  return Object.fromEntries(
    pairs.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/**
 * Makes a cluster of so many nodes. One that the developer named is used as it is, and kept.
 * @returns {Promise<{variables: Record<string, string>, remove: () => Promise<void>}>}
 */
export async function makeCluster(nodes) {
  const name = nodes === 1 ? (namedCluster ?? 'ptah-test') : `${namedCluster ?? 'ptah-test'}-${nodes}`;
  const keep = nodes === 1 && namedCluster !== undefined;
  if (!keep) await clusterScript('down', name);
  await clusterScript('up', name, String(nodes));
  return {
    variables: { PTAH_TEST_CLUSTER: name, PTAH_TEST_NODES: String(nodes) },
    async remove() {
      if (!keep) await clusterScript('down', name);
    },
  };
}
