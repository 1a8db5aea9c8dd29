import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fakeDocker } from '../docker/testing.ts';
import { decideLoads } from './decide-loads.ts';
import { fanOut } from './fan-out.ts';
import { normaliseReference } from './image-name.ts';
import { kindTarget } from './kind/kind-target.ts';
import { filterOf, parseImageList, parseSnapshotter } from './kind/node-images.ts';
import type { NodeImage, WantedImage } from './types.ts';

const target = `sha256:${'a'.repeat(64)}`;
const other = `sha256:${'b'.repeat(64)}`;
const id = `sha256:${'c'.repeat(64)}`;

describe('filterOf', () => {
  it('asks for the names of a project whatever their tags, each once', () => {
    expect(filterOf(['api', 'api:1', 'my-org/web', 'ghcr.io:443/x/y:2@sha256:0'])).toEqual([
      'name~="^(docker.io/library/api|docker.io/my-org/web|ghcr.io:443/x/y)[:@]"',
    ]);
  });

  it('asks for everything where a name could break the grammar, or there are too many', () => {
    expect(filterOf(undefined)).toEqual([]);
    expect(filterOf(['a"b'])).toEqual([]);
    expect(filterOf(['a', 'ünd'])).toEqual([]);
    expect(filterOf(Array.from({ length: 501 }, (_, index) => `image${index}`))).toEqual([]);
  });
});

describe('decideLoads', () => {
  const image = { reference: 'api:1', digest: 'd1', id: 'sha256:1' };
  const held = (more: Partial<NodeImage> = {}): NodeImage => ({
    reference: 'docker.io/library/api:1',
    id,
    target,
    digest: 'd1',
    dockerId: 'sha256:1',
    size: 1,
    ...more,
  });
  const decide = (images: readonly NodeImage[], wanted: Partial<WantedImage> = {}) =>
    decideLoads([{ ...image, ...wanted }], [{ node: 'n', images }])[0];

  it('leaves a node alone that has this very content', () => {
    expect(decide([held()])).toEqual({
      node: 'n',
      reference: 'api:1',
      action: 'none',
      reason: 'the node has it',
    });
    expect(decide([held()], { id: null })).toMatchObject({ action: 'none' });
  });

  it('loads what is missing, older, unknown or built again, and says which', () => {
    expect(decide([])).toMatchObject({ action: 'load', reason: 'the node does not have it' });
    expect(decide([held({ reference: 'docker.io/library/api:2' })])).toMatchObject({ action: 'load' });
    expect(decide([held({ digest: 'd0' })])).toMatchObject({
      action: 'load',
      reason: expect.stringContaining('older'),
    });
    expect(decide([held({ digest: null })])).toMatchObject({
      action: 'load',
      reason: expect.stringContaining('did not load'),
    });
    expect(decide([held({ dockerId: 'sha256:0' })])).toMatchObject({
      action: 'load',
      reason: expect.stringContaining('built again'),
    });
  });

  it('knows an image that others brought by its ID, whichever of its digests the engine takes for that', () => {
    const brought = held({ digest: null, dockerId: null, ids: [target, other, 'sha256:1'] });
    expect(decide([brought])).toMatchObject({ action: 'none' });
    expect(decide([brought], { id: target })).toMatchObject({ action: 'none' });
    expect(decide([brought], { id: 'sha256:2' })).toMatchObject({ action: 'load' });
    expect(decide([brought], { id: null })).toMatchObject({ action: 'load' });
  });

  it('decides for each image and node apart', () => {
    const decisions = decideLoads(
      [image, { reference: 'web:1', digest: 'w', id: null }],
      [
        { node: 'a', images: [held()] },
        { node: 'b', images: [] },
      ],
    );
    expect(decisions.map(({ node, reference, action }) => `${node} ${reference} ${action}`)).toEqual([
      'a api:1 none',
      'b api:1 load',
      'a web:1 load',
      'b web:1 load',
    ]);
  });
});

describe('normaliseReference', () => {
  it('writes names as containerd does', () => {
    expect(normaliseReference('api:1')).toBe('docker.io/library/api:1');
    expect(normaliseReference('me/api')).toBe('docker.io/me/api:latest');
    expect(normaliseReference('localhost/api:1')).toBe('localhost/api:1');
    expect(normaliseReference('localhost:5000/a/b')).toBe('localhost:5000/a/b:latest');
    expect(normaliseReference('ghcr.io/x/y:2')).toBe('ghcr.io/x/y:2');
  });
});

describe('parseImageList', () => {
  const row = (reference: string, digest: string, size: string, labels: string): string =>
    `${reference}   application/vnd.oci.image.manifest.v1+json ${digest} ${size}   linux/amd64 ${labels}   `;
  const header = 'REF TYPE DIGEST SIZE PLATFORMS LABELS ';
  const notes = `io.cri-containerd.image=managed,ptah-desktop/digest=d1,ptah-desktop/docker-id=sha256:1,ptah-desktop/target=${target}`;

  it('reads names, targets, sizes, image IDs and our notes', () => {
    const images = parseImageList(
      [
        header,
        row('docker.io/library/api:1', target, '2.5 MiB', notes),
        row(id, target, '2.5 MiB', 'io.cri-containerd.image=managed'),
        '',
      ].join('\n'),
    );
    expect(images).toEqual([
      {
        reference: 'docker.io/library/api:1',
        id,
        target,
        digest: 'd1',
        dockerId: 'sha256:1',
        size: 2_621_440,
      },
    ]);
  });

  it('does not believe notes that were made for another content', () => {
    expect(parseImageList(row('docker.io/library/api:1', other, '1.0 KiB', notes))).toMatchObject([
      { target: other, digest: null, dockerId: null },
    ]);
  });

  it('takes images without labels, without a size, and lines that are none', () => {
    expect(
      parseImageList([row('a:1', target, '-', '-'), 'ctr: failed calculating size', ''].join('\n')),
    ).toMatchObject([{ reference: 'a:1', size: 0, digest: null }]);
  });
});

describe('parseSnapshotter', () => {
  it('reads the one of the CRI, from containerd 1 and 2', () => {
    const one =
      '[plugins]\n  [plugins."io.containerd.grpc.v1.cri".containerd]\n    snapshotter = "native"\n  [plugins."io.containerd.transfer.v1.local"]\n    snapshotter = "overlayfs"\n';
    const two = "[plugins]\n  [plugins.'io.containerd.cri.v1.images']\n    snapshotter = 'fuse-overlayfs'\n";
    expect(parseSnapshotter(one)).toBe('native');
    expect(parseSnapshotter(two)).toBe('fuse-overlayfs');
    expect(parseSnapshotter('')).toBe('overlayfs');
  });
});

describe('fanOut', () => {
  const chunk = Buffer.alloc(64 * 1024, 1);
  const source = (count: number): Readable => Readable.from(Array.from({ length: count }, () => chunk));
  const drain = async (stream: Readable, pauseMs = 0): Promise<number> => {
    let bytes = 0;
    for await (const part of stream) {
      bytes += (part as Buffer).length;
      if (pauseMs > 0) await delay(pauseMs);
    }
    return bytes;
  };

  it('gives everything to everyone, at the pace of the slowest', async () => {
    const sent: number[] = [];
    const { branches, done } = fanOut(source(40), {
      branches: 2,
      bufferBytes: chunk.length,
      onBytes: (branch, bytes) => (sent[branch] = bytes),
    });
    const [fast, slow] = await Promise.all(branches.map(({ stream }, index) => drain(stream, index * 2)));
    await done;
    expect([fast, slow]).toEqual([40 * chunk.length, 40 * chunk.length]);
    expect(sent).toEqual([40 * chunk.length, 40 * chunk.length]);
  });

  it('goes on without a branch that is dropped', async () => {
    const { branches, done } = fanOut(source(40), { branches: 2, bufferBytes: chunk.length });
    const [good, bad] = branches;
    if (!good || !bad) throw new Error('two branches');
    const read = drain(good.stream);
    setTimeout(() => bad.drop(new Error('gone')), 20);
    expect(await read).toBe(40 * chunk.length);
    await done;
  });

  it('goes on without a branch that stops reading', async () => {
    const { branches, done } = fanOut(source(40), { branches: 2, bufferBytes: chunk.length, stallMs: 50 });
    const [good, stuck] = branches;
    if (!good || !stuck) throw new Error('two branches');
    expect(await drain(good.stream)).toBe(40 * chunk.length);
    await done;
    expect(stuck.stream.destroyed).toBe(true);
  });

  it('stops the source when nobody is left', async () => {
    const endless = new Readable({
      read() {
        this.push(chunk);
      },
    });
    const { branches, done } = fanOut(endless, { branches: 1 });
    branches[0]?.drop(new Error('gone'));
    await done;
    expect(endless.destroyed).toBe(true);
  });

  it('never lets half an archive end like a whole one', async () => {
    const broken = Readable.from(
      (function* () {
        yield chunk;
        throw new Error('the engine went away');
      })(),
    );
    const { branches, done } = fanOut(broken, { branches: 1 });
    const failed = expect(drain(branches[0]?.stream ?? new Readable())).rejects.toThrow(
      'the engine went away',
    );
    await expect(done).rejects.toThrow('the engine went away');
    await failed;
    expect(broken.destroyed).toBe(true);
  });
});

describe('kindTarget', () => {
  const container = (name: string, role: string, running = true) => ({
    id: name,
    name,
    image: 'kindest/node',
    running,
    labels: { 'io.x-k8s.kind.cluster': 'c', 'io.x-k8s.kind.role': role },
  });

  it('finds nodes, not the load balancer, and shows stopped ones', async () => {
    const docker = fakeDocker({
      containers: [
        container('c-worker', 'worker', false),
        container('c-lb', 'external-load-balancer'),
        container('c-control-plane', 'control-plane'),
      ],
    });
    const nodes = await kindTarget(docker, 'c').nodes();
    expect(nodes.map(({ name, role, running }) => [name, role, running])).toEqual([
      ['c-control-plane', 'control-plane', true],
      ['c-worker', 'worker', false],
    ]);
  });

  it('does nothing for nothing', async () => {
    const docker = fakeDocker();
    await kindTarget(docker, 'c').load([], [], {});
    expect(docker.calls).toEqual([]);
  });
});
