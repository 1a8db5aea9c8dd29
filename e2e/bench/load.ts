import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { interleave } from './measure.ts';
import { output } from './processes.ts';
import type { Benchmark } from './report.ts';
import { ensureCluster, forgetImages, forgetOnNode } from './test-cluster.ts';

const IMAGE = 'ptahload';
const MEBIBYTES = 60;

/** An image into the node. */
export const load: Benchmark = {
  id: 'load',
  title: 'A 62 MB image into the node',
  about:
    'A process each time, beside `kind load docker-image`. “Not there” takes the image and its content out of the node before each turn. Random bytes in one layer, the worst case for both. We start Node and TypeScript of the sources; a deploy has both running already.',
  async measure(rounds, say) {
    const cluster = await ensureCluster();
    const folder = mkdtempSync(join(tmpdir(), 'ptah-bench-load-'));
    const reference = `${IMAGE}:1`;
    try {
      await forgetImages(cluster, IMAGE);
      copyFileSync('/bin/busybox', join(folder, 'busybox'));
      writeFileSync(join(folder, 'data'), randomBytes(MEBIBYTES * 2 ** 20));
      writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY busybox /bin/\nCOPY data /\n');
      await output('docker', ['build', '-q', '-t', reference, folder]);
      const program = fileURLToPath(new URL('load-image.ts', import.meta.url));
      const ours = async (): Promise<void> =>
        void (await output(process.execPath, [program, reference, cluster]));
      const theirs = async (): Promise<void> =>
        void (await output('kind', ['load', 'docker-image', '--name', cluster, reference]));
      const forget = (): Promise<void> => forgetOnNode(cluster, IMAGE);
      const absent = await interleave(
        [
          { name: 'ours', prepare: forget, run: ours },
          { name: 'kind load docker-image', prepare: forget, run: theirs },
        ],
        rounds,
        text => say(`not there: ${text}`),
      );
      // Ours is the last that loads it, so that both find an image that they take for loaded.
      await forget();
      await ours();
      const present = await interleave(
        [
          { name: 'ours', run: ours },
          { name: 'kind load docker-image', run: theirs },
        ],
        rounds,
        text => say(`there: ${text}`),
      );
      return [
        { what: 'not there yet', timings: absent },
        { what: 'already there', timings: present },
      ];
    } finally {
      await forgetImages(cluster, IMAGE);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
