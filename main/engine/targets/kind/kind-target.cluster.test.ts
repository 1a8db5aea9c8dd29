import { Readable } from 'node:stream';
import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../docker/index.ts';
import type { Docker } from '../../docker/index.ts';
import { testEngines } from '../../docker/testing.ts';
import { buildImage } from '../../images/index.ts';
import { buildRequest, createTestContext, scratchWithShell } from '../../images/testing.ts';
import { decideLoads } from '../decide-loads.ts';
import type { ImageTarget, LoadProgress, Node, NodeImage } from '../types.ts';
import { kindTarget } from './kind-target.ts';
import { ctr } from './node-images.ts';

const cluster = process.env.PTAH_TEST_CLUSTER || 'ptah-test';
const small = 'targets-test/small:1';
const large = 'targets-test/large:1';
const small1 = `docker.io/${small}`;

/** The cluster's own Docker; archives may come of another engine, as images IDs and formats differ. */
const local = connectDocker();

describe('the nodes of a real Kind cluster', () => {
  let target: ImageTarget;
  let nodes: readonly Node[];

  beforeAll(async () => {
    target = kindTarget(local, cluster);
    nodes = await target.nodes();
    expect(nodes.length).toBeGreaterThan(0);
  });
  afterEach(async () => {
    for (const node of nodes) await forget(node);
  });

  it('are found by their labels and run commands', async () => {
    expect(nodes.map(({ role }) => role)).toContain('control-plane');
    const [node] = nodes;
    expect((await node?.exec(['cat'], { stdin: Readable.from(['through ', 'the node']) }))?.stdout).toBe(
      'through the node',
    );
    await expect(node?.exec(['sh', '-c', 'echo why >&2; exit 5'])).rejects.toMatchObject({
      code: 'node-command-failed',
      details: { exitCode: 5, output: ['why'], command: expect.arrayContaining(['docker', 'exec']) },
    });
    expect((await node?.exec(['false'], { allowFailure: true }))?.exitCode).toBe(1);
  });

  it('are none for a cluster that does not exist', async () => {
    expect(await kindTarget(local, 'no-such-cluster').nodes()).toEqual([]);
  });

  describe.each(testEngines())('get images built by $host', ({ docker, network }) => {
    const mixed: Docker = {
      ...local,
      inspectImage: (reference, signal) => docker.inspectImage(reference, signal),
      saveImages: (references, signal) => docker.saveImages(references, signal),
    };
    const target = kindTarget(mixed, cluster);
    const digests = { one: '1'.repeat(64), two: '2'.repeat(64) };

    beforeAll(async () => {
      await build(small, digests.one, 'one');
      await build(large, digests.one, randomBytes(60 * 1024 * 1024));
    }, 120_000);
    afterAll(async () => {
      for (const reference of [small, large]) await docker.removeImage(reference, { force: true });
    });

    async function build(reference: string, digest: string, content: string | Uint8Array): Promise<void> {
      const context = createTestContext({ content });
      try {
        await buildImage(docker, {
          ...buildRequest(context, `${scratchWithShell}COPY content /content\n`, { reference, digest }),
          network,
        });
      } finally {
        context.remove();
      }
    }

    const held = async (reference: string): Promise<NodeImage[]> =>
      (await Promise.all(nodes.map(node => target.images(node)))).flatMap(images =>
        images.filter(image => image.reference === `docker.io/${reference}`),
      );

    it('once, and never again while they are there', async () => {
      const id = (await docker.inspectImage(small))?.id;
      const first: LoadProgress[] = [];
      const begun = performance.now();
      await target.load([small, large], nodes, { onProgress: progress => first.push(progress) });
      const loaded = performance.now() - begun;
      expect(first.filter(({ done }) => done)).toHaveLength(nodes.length);
      expect(first.findLast(({ node }) => node === nodes[0]?.name)?.sentBytes).toBeGreaterThan(60_000_000);
      for (const image of await held(small))
        expect(image).toMatchObject({ digest: digests.one, dockerId: id });
      // The CRI lists it: a pod that may not pull can start.
      for (const node of nodes) expect((await node.exec(['crictl', 'inspecti', small1])).exitCode).toBe(0);

      const second: LoadProgress[] = [];
      const again = performance.now();
      await target.load([small, large], nodes, { onProgress: progress => second.push(progress) });
      expect(second).toEqual(
        nodes.map(({ name }) => ({ node: name, sentBytes: 0, totalBytes: 0, done: true })),
      );
      console.info(
        `load of 62 MB into ${nodes.length} node(s): ${Math.round(loaded)} ms; again: ${Math.round(performance.now() - again)} ms`,
      );
    });

    it('and lists only the names that are asked for', async () => {
      await target.load([small, large], nodes, {});
      for (const node of nodes) {
        const some = await target.images(node, [small]);
        expect(some.map(({ reference }) => reference)).toEqual([`docker.io/${small}`]);
        const all = await target.images(node);
        expect(all.length).toBeGreaterThan(2);
        const { digest, dockerId, target: manifest } = some[0] ?? {};
        expect(all).toContainEqual(expect.objectContaining({ digest, dockerId, target: manifest }));
        expect(await target.images(node, ['targets-test/none'])).toEqual([]);
      }
    });

    it('again after `ctr images rm`', async () => {
      await target.load([small], nodes, {});
      for (const node of nodes) await node.exec([...ctr, 'images', 'rm', small1]);
      expect(await held(small)).toEqual([]);
      const sent: LoadProgress[] = [];
      await target.load([small], nodes, { onProgress: progress => sent.push(progress) });
      expect(sent.at(-1)?.sentBytes).toBeGreaterThan(0);
      expect(await held(small)).toHaveLength(nodes.length);
    });

    it('not when others brought the very same image', async () => {
      const id = (await docker.inspectImage(small))?.id ?? '';
      for (const node of nodes) {
        await node.exec([...ctr, 'images', 'rm', small1], { allowFailure: true });
        await node.exec([...ctr, 'images', 'import', '-'], { stdin: await docker.saveImages([small]) });
        const images = await target.images(node, [small]);
        expect(images).toMatchObject([{ digest: null, ids: expect.arrayContaining([id]) }]);
        const wanted = [{ reference: small, digest: digests.one, id }];
        expect(decideLoads(wanted, [{ node: node.name, images }])).toMatchObject([{ action: 'none' }]);
      }
      const sent: LoadProgress[] = [];
      await target.load([small], nodes, { onProgress: progress => sent.push(progress) });
      expect(sent.every(({ sentBytes }) => sentBytes === 0)).toBe(true);
      await forgetAll();
    });

    const forgetAll = async () => {
      for (const node of nodes) await node.exec([...ctr, 'images', 'rm', small1], { allowFailure: true });
    };

    it('again when others brought another content under the name', async () => {
      await target.load([small, large], nodes, {});
      // `kind load` of a foreign image does just this; containerd keeps our labels on the name.
      for (const node of nodes)
        await node.exec([
          ...ctr,
          'images',
          'tag',
          '--force',
          `docker.io/${large}`,
          'docker.io/targets-test/copy:1',
        ]);
      for (const node of nodes) await importForeign(node);
      const [image] = await held(small);
      expect(image?.digest).toBeNull();
      const wanted = [{ reference: small, digest: digests.one, id: null }];
      expect(decideLoads(wanted, [{ node: 'n', images: await held(small) }])[0]).toMatchObject({
        action: 'load',
      });
      await target.load([small], nodes, {});
      expect((await held(small))[0]?.digest).toBe(digests.one);
    });

    /** Another image under the name of ours, by the way that every other tool takes. */
    async function importForeign(node: Node): Promise<void> {
      await docker.tagImage(small, 'targets-test/keep:1');
      await docker.tagImage(large, small);
      try {
        await node.exec([...ctr, 'images', 'import', '-'], { stdin: await docker.saveImages([small]) });
      } finally {
        await docker.tagImage('targets-test/keep:1', small);
        await docker.removeImage('targets-test/keep:1');
      }
    }

    it('again when they were built with another content', async () => {
      await target.load([small], nodes, {});
      await build(small, digests.two, 'two');
      await target.load([small], nodes, {});
      for (const image of await held(small)) expect(image.digest).toBe(digests.two);
      await build(small, digests.one, 'one');
    });

    it('whole or not at all when cancelled', async () => {
      const abort = new AbortController();
      let at = 0;
      await expect(
        target.load([large], nodes, {
          signal: abort.signal,
          onProgress: ({ sentBytes, done }) => {
            if (done || sentBytes === 0 || at > 0) return;
            at = performance.now();
            abort.abort();
          },
        }),
      ).rejects.toMatchObject({ code: 'cancelled' });
      // the whole of it takes far longer
      expect(performance.now() - at).toBeLessThan(8_000);
      expect(await held(large)).toEqual([]);
      for (const node of nodes) {
        const imports = async () => {
          const { stdout } = await node.exec([
            'sh',
            '-c',
            'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n" | grep -cx "[i]mport" || true',
          ]);
          return stdout.trim();
        };
        // a write that the disk is still taking can't be ended earlier
        await expect.poll(imports, { timeout: 60_000 }).toBe('0');
      }
      await target.load([large], nodes, {});
      expect(await held(large)).toHaveLength(nodes.length);
    });

    it('not when the archive breaks off, and says so', async () => {
      const broken = kindTarget(
        {
          ...mixed,
          saveImages: async references => {
            const whole = await docker.saveImages(references);
            return Readable.from(firstBytes(whole, 1_000_000));
          },
        },
        cluster,
      );
      await expect(broken.load([large], nodes, {})).rejects.toMatchObject({
        code: 'load-failed',
        hint: expect.any(String),
      });
      expect(await held(large)).toEqual([]);
    });

    it('on the other nodes when one fails', async () => {
      const [node] = nodes;
      if (!node) throw new Error('no node');
      // It is the same container under another name: once it went away it must not tidy up there, either.
      let gone = false;
      const failing: Node = {
        ...node,
        name: 'failing',
        exec: async (argv, options) => {
          gone ||= argv.includes('import');
          if (!gone) return node.exec(argv, options);
          throw new Error('the node went away');
        },
      };
      await expect(target.load([small], [failing, node], {})).rejects.toMatchObject({
        code: 'load-failed',
        message: expect.stringContaining('failing'),
      });
      expect(await held(small)).toHaveLength(1);
    });

    it('not at all when Docker does not have them', async () => {
      await expect(target.load(['targets-test/none:1'], nodes, {})).rejects.toMatchObject({
        code: 'not-found',
      });
    });
  });
});

async function* firstBytes(source: Readable, count: number): AsyncGenerator<Buffer> {
  let left = count;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

async function forget(node: Node): Promise<void> {
  const { stdout } = await node.exec([...ctr, 'images', 'ls', '-q']);
  const names = stdout.split('\n').filter(name => name.includes('targets-test/'));
  if (names.length > 0) await node.exec([...ctr, 'images', 'rm', ...names], { allowFailure: true });
}
