import { expect, it } from 'vitest';
import type { Node } from '../../../targets/index.ts';
import { openNodeChannel } from './node-channel.ts';
import type { NodeLink, NodeLinks } from './node-link.ts';

const node = {
  name: 'node',
  exec: () => Promise.resolve({ exitCode: 0, stdout: 'abc 7 RUNNING\n', stderr: '' }),
} as unknown as Node;

/** A helper that has nothing at any path, and notes the size of what it is asked. */
function links(post: NodeLink['post']): NodeLinks {
  let count = 0;
  const waiting = new Map<number, (error: Error) => void>();
  const link: NodeLink = {
    next: () => ++count,
    answer: id =>
      count === 1
        ? Promise.resolve(Buffer.from('01'))
        : new Promise((resolve, reject) => {
            waiting.set(id, reject);
            setTimeout(() => resolve(Buffer.alloc(0)));
          }),
    post,
    pass: () => undefined,
    request: () => Promise.resolve(Buffer.alloc(0)),
    onEnd: () => () => {},
    lost: new Promise(() => {}),
    close() {
      for (const reject of waiting.values()) reject(new Error('The channel was closed.'));
      return Promise.resolve();
    },
  };
  return { use: () => Promise.resolve({ link, release: () => link.close() }) };
}

const open = (post: NodeLink['post']) =>
  openNodeChannel({
    address: {
      namespace: 'n',
      pod: 'p',
      podUid: 'u',
      container: 'c',
      containerId: 'containerd://abc',
      node: 'node',
    },
    node,
    links: links(post),
    targets: ['/app'],
    run: () => Promise.reject(new Error('not asked')),
    signal: new AbortController().signal,
  });

it('reads as many paths at once as a folder has', async () => {
  let bytes = 0;
  const channel = await open((_, letter, ...payload) => {
    if (letter === 'S') bytes += payload.reduce((sum, { byteLength }) => sum + byteLength, 0);
    return undefined;
  });
  const paths = Array.from({ length: 200_000 }, (_, index) => `/app/${index}`);
  expect((await channel.read(paths)).size).toBe(0);
  expect(bytes).toBe(paths.reduce((sum, path) => sum + path.length + 8, 8));
  await channel.close();
});

it('ends with the reason when what is asked can not be sent, and leaves no answer that nobody hears', async () => {
  const channel = await open((_, letter) => {
    if (letter === 'S') throw new RangeError('too much');
    return undefined;
  });
  await expect(channel.read(['/app/a'])).rejects.toThrow('too much');
  await channel.close();
});
