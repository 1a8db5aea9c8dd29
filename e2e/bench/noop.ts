import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave } from './measure.ts';
import { generate, IMAGES, OBJECTS } from './noop-project.ts';
import { builtProgram, output, pythonWith } from './processes.ts';
import type { Benchmark } from './report.ts';
import { ensureCluster, forgetImages, inControlPlane } from './test-cluster.ts';

const NAMESPACE = 'ptah-bench';
const BY_HAND = 'ptah-bench-by-hand';
const PREFIX = 'ptahbench';

/** A deploy that finds everything as the folder says. */
export const noop: Benchmark = {
  id: 'noop',
  title: `Deploy when nothing changed: ${IMAGES} images, ${OBJECTS} objects`,
  about:
    'One whole process each time. “By hand” is what leads to the same certainty without us: `docker build` of every image (all from the cache), `kind load docker-image` with all of them (all there), and `kubectl apply` of the same objects in a namespace of their own. The original is `ptah build` of ptah-cli 0.7.2 on a copy of the folder, which hashes, finds in its own record that everything is built, and writes the manifests; it neither loads nor applies anything. The Deployments have no replicas.',
  async measure(rounds, say) {
    const cluster = await ensureCluster();
    const folder = mkdtempSync(join(tmpdir(), 'ptah-bench-noop-'));
    const root = join(folder, 'project');
    const env = { PTAH_HOME: join(folder, 'home') };
    const cleanUp = async (): Promise<void> => {
      const kubectl = ['kubectl', '--kubeconfig', '/etc/kubernetes/admin.conf'];
      const namespaces = ['delete', 'namespace', NAMESPACE, BY_HAND, '--ignore-not-found'];
      await inControlPlane(cluster, [...kubectl, ...namespaces]);
      await forgetImages(cluster, PREFIX);
    };
    try {
      await cleanUp();
      generate({ root, cluster, namespace: NAMESPACE, imagePrefix: PREFIX });
      const deploy = (): Promise<string> =>
        output(process.execPath, [builtProgram('ptah'), 'deploy', '--yes', '--project', root], { env });
      const ours = async (): Promise<void> => {
        const said = await deploy();
        if (!said.includes('Nothing had changed')) throw new Error(`A deploy did something:\n${said}`);
      };
      say('first deploy');
      await deploy();

      const original = join(folder, 'original');
      // Images of other names: it builds each time, and ours must not find its own tags taken by others.
      generate({ root: original, cluster, namespace: NAMESPACE, imagePrefix: `${PREFIX}original` });
      writeFileSync(join(original, 'ptah.yml'), `kind:\n  name: ${cluster}\n`);
      const python = await pythonWith('original', ['ptah-cli==0.7.2']);
      const theirs = (): Promise<string> =>
        output(join(python, '..', 'ptah'), ['build'], { cwd: original, env: { NO_COLOR: '1' } });

      const hand = await prepareByHand(root, folder, cluster);
      const timings = await interleave(
        [
          { name: 'ptah deploy --yes', run: ours },
          { name: 'by hand: docker build, kind load, kubectl apply', run: hand.everything },
          { name: 'of which kubectl apply alone', run: hand.apply },
          { name: 'the original: ptah build', run: async () => void (await theirs()) },
        ],
        rounds,
        say,
      );
      return [{ what: 'nothing changed', timings, reach: { ours: 'ptah deploy --yes', milliseconds: 1000 } }];
    } finally {
      await cleanUp();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** The same images and objects by the usual tools. */
async function prepareByHand(
  root: string,
  folder: string,
  cluster: string,
): Promise<{ readonly everything: () => Promise<void>; readonly apply: () => Promise<void> }> {
  const manifests = join(folder, 'by-hand');
  mkdirSync(manifests);
  const names = Array.from({ length: IMAGES }, (_, index) => `${PREFIX}${index}`);
  const files = readdirSync(join(root, 'manifests'), { recursive: true, withFileTypes: true });
  for (const file of files.filter(entry => entry.isFile())) {
    const text = readFileSync(join(file.parentPath, file.name), 'utf8');
    writeFileSync(join(manifests, file.name), text.replaceAll(/ptah:\/\/(\w+)/g, '$1:by-hand'));
  }
  const context = `kind-${cluster}`;
  const apply = async (): Promise<void> => {
    await output('kubectl', ['--context', context, '-n', BY_HAND, 'apply', '-f', manifests]);
  };
  const everything = async (): Promise<void> => {
    for (const name of names)
      await output('docker', ['build', '-q', '-t', `${name}:by-hand`, join(root, name)]);
    await output('kind', [
      'load',
      'docker-image',
      '--name',
      cluster,
      ...names.map(name => `${name}:by-hand`),
    ]);
    await apply();
  };
  await output('kubectl', ['--context', context, 'create', 'namespace', BY_HAND]);
  await everything();
  return { everything, apply };
}
