import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { followContainer } from './follow-container.ts';
import { GapWatch } from './gap-watch.ts';
import { RuntimeLines } from './runtime-lines.ts';
import { formatMoment } from './timestamp.ts';

const place = { namespace: 'default', pod: 'api-0', container: 'api' };
const base = Math.floor(Date.now() / 1000) - 600;
const stamp = (second: number, index = 0): string => formatMoment(base + second, index * 1_000);
/** Ten lines of a second. */
const second = (at: number): { readonly at: string; readonly text: string }[] =>
  Array.from({ length: 10 }, (_, index) => ({ at: stamp(at, index), text: `${at}.${index}` }));
const seconds = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => second(from + index)).flat();
const streamed = (lines: ReturnType<typeof second>): string =>
  lines.map(({ at, text }) => `${at} ${text}\n`).join('');
const filed = (lines: ReturnType<typeof second>): Buffer =>
  Buffer.from(lines.map(({ at, text }) => `${at} stdout F ${text}\n`).join(''));

/** An API server whose kubelet gives these pieces to a follower, one connection after the other, and has these rotated files. */
function kubelet(connections: readonly (readonly string[])[], files: Readonly<Record<string, Buffer>>) {
  const requests: string[] = [];
  let connection = 0;
  const folder = '/api/v1/nodes/n1/proxy/logs/pods/default_api-0_u-1/api/';
  return {
    requests,
    cluster: {
      async fetch(path: string, init?: { readonly signal?: AbortSignal }): Promise<Response> {
        requests.push(path);
        if (path.startsWith(folder)) {
          const name = path.slice(folder.length);
          if (name === '')
            return new Response(
              `<pre>\n${['0.log', ...Object.keys(files)].map(file => `<a href="${file}">${file}</a>\n`).join('')}</pre>`,
            );
          const bytes = files[name];
          return bytes === undefined
            ? new Response('404 page not found', { status: 404 })
            : new Response(new Uint8Array(bytes));
        }
        if (!path.includes('/log?'))
          return new Response(
            JSON.stringify({ metadata: { uid: 'u-1', annotations: {} }, spec: { nodeName: 'n1' } }),
          );
        if (!path.includes('follow=true')) return new Response('');
        const pieces = connections[connection++] ?? [];
        return new Response(
          new ReadableStream<Uint8Array>({
            start(controller) {
              for (const piece of pieces) controller.enqueue(Buffer.from(piece));
              if (connection < connections.length) return controller.close();
              init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
            },
          }),
        );
      },
    },
  };
}

async function follow(fake: ReturnType<typeof kubelet>, last: string): Promise<string[]> {
  const lines: string[] = [];
  const controller = new AbortController();
  const facts = { containerId: 'c', restarts: 0, running: true, status: 'Running', gone: false };
  const done = followContainer({
    cluster: fake.cluster,
    place,
    tail: null,
    sinceSeconds: null,
    facts: () => facts,
    changed: () => new Promise(resolve => setTimeout(resolve, 1)),
    onLine: ({ bytes, start, end }) => lines.push(bytes.toString('utf8', start, end)),
    onState: () => {},
    signal: controller.signal,
    retryMs: 1,
  });
  await expect.poll(() => lines.at(-1), { timeout: 20_000 }).toBe(last);
  controller.abort();
  await done;
  return lines;
}
const texts = (lines: ReturnType<typeof second>): string[] => lines.map(({ text }) => text);

describe('a log that is rotated faster than it is read', () => {
  it('is read on from the files that the follower left out, compressed or not', async () => {
    const fake = kubelet([[streamed(seconds(0, 10)), streamed(seconds(40, 50))]], {
      '0.log.20260102-030415.gz': gzipSync(filed(seconds(0, 10))),
      '0.log.20260102-030425.gz': gzipSync(filed(seconds(10, 25))),
      '0.log.20260102-030435': filed(seconds(25, 40)),
    });
    expect(await follow(fake, '49.9')).toEqual(texts(seconds(0, 50)));
  });

  it('is given once when the follower then reads the newest file from its beginning again', async () => {
    const fake = kubelet(
      [
        [
          streamed(seconds(0, 10)),
          streamed(seconds(20, 30)),
          streamed(seconds(20, 30)) + streamed(seconds(30, 33)),
        ],
      ],
      { '0.log.20260102-030415': filed(seconds(0, 10)), '0.log.20260102-030425': filed(seconds(10, 20)) },
    );
    expect(await follow(fake, '32.9')).toEqual(texts(seconds(0, 33)));
  });

  it('has its rotation between two connections closed, too', async () => {
    const fake = kubelet([[streamed(seconds(0, 10))], [streamed(seconds(30, 31))]], {
      '0.log.20260102-030415': filed(seconds(0, 12)),
      '0.log.20260102-030425': filed(seconds(12, 30)),
    });
    expect(await follow(fake, '30.9')).toEqual(texts(seconds(0, 31)));
  });

  it('says in its place what is gone for good', async () => {
    const fake = kubelet([[streamed(seconds(0, 10)), streamed(seconds(40, 41))]], {
      '0.log.20260102-030435': filed(seconds(30, 40)),
    });
    const lines = await follow(fake, '40.9');
    expect(lines.filter(line => !line.startsWith('WARN'))).toEqual([
      ...texts(seconds(0, 10)),
      ...texts(seconds(30, 41)),
    ]);
    expect(lines.at(-11)).toMatch(
      /^WARN Lines from [\d:]{8} to [\d:]{8} UTC may be missing: .*removed older files/,
    );
  });

  it('asks once where the container was silent while nobody read, and not at all where it is silent now', async () => {
    const fake = kubelet(
      [[streamed(seconds(0, 1)), streamed(seconds(60, 61)), streamed(seconds(90, 91))]],
      {},
    );
    expect(await follow(fake, '90.9')).toEqual(
      texts([...seconds(0, 1), ...seconds(60, 61), ...seconds(90, 91)]),
    );
    expect(
      fake.requests.filter(path => path.endsWith('/proxy/logs/pods/default_api-0_u-1/api/')),
    ).toHaveLength(2);

    const watch = new GapWatch();
    const now = Math.floor(Date.now() / 1000);
    watch.opened(now * 1000);
    watch.arrived(now * 1000);
    expect(watch.see({ seconds: now, nanos: 0 })).toBe('on');
    watch.arrived((now + 3600) * 1000);
    expect(watch.see({ seconds: now + 3600, nanos: 0 })).toBe('on');
  });
});

describe('a line that a rotation cuts', () => {
  const file = (...records: readonly (readonly [at: string, tag: 'F' | 'P', text: string])[]): Buffer =>
    Buffer.from(records.map(([at, tag, text]) => `${at} stdout ${tag} ${text}\n`).join(''));
  const lines = (...given: readonly (readonly [at: string, text: string])[]): string =>
    given.map(([at, text]) => `${at} ${text}\n`).join('');
  const left = seconds(11, 29);

  it.each([
    {
      name: 'before the gap, and behind it: the kubelet made one of a beginning and another one’s end',
      stream: [
        streamed(seconds(0, 10)),
        `${stamp(10)} first `,
        'of them\n',
        lines([stamp(30, 1), 'next'], [stamp(30, 2), 'last']),
      ],
      files: {
        '0.log.20260102-030415': Buffer.concat([filed(seconds(0, 10)), file([stamp(10), 'P', 'first '])]),
        '0.log.20260102-030425': Buffer.concat([
          file([stamp(10, 5), 'F', 'one']),
          filed(left),
          file([stamp(29), 'P', 'second ']),
        ]),
      },
      expected: ['first one', ...texts(left), 'second of them', 'next', 'last'],
    },
    {
      name: 'before the gap only: the kubelet joined its beginning and a whole line',
      stream: [
        streamed(seconds(0, 10)),
        `${stamp(10)} first `,
        'whole\n',
        lines([stamp(30, 1), 'next'], [stamp(30, 2), 'last']),
      ],
      files: {
        '0.log.20260102-030415': Buffer.concat([filed(seconds(0, 10)), file([stamp(10), 'P', 'first '])]),
        '0.log.20260102-030425': Buffer.concat([file([stamp(10, 5), 'F', 'one']), filed(left)]),
      },
      expected: ['first one', ...texts(left), 'whole', 'next', 'last'],
    },
    {
      name: 'behind the gap only: its end came by itself',
      stream: [
        streamed(seconds(0, 10)),
        lines([stamp(10), 'first one']),
        lines([stamp(30), 'of them'], [stamp(30, 1), 'next'], [stamp(30, 2), 'last']),
      ],
      files: {
        '0.log.20260102-030415': Buffer.concat([filed(seconds(0, 10)), file([stamp(10), 'F', 'first one'])]),
        '0.log.20260102-030425': Buffer.concat([filed(left), file([stamp(29), 'P', 'second '])]),
      },
      expected: ['first one', ...texts(left), 'second of them', 'next', 'last'],
    },
    {
      name: 'behind the gap only, and the kubelet reads the file with its end twice',
      stream: [
        streamed(seconds(0, 10)),
        lines([stamp(10), 'first one']),
        lines([stamp(30), 'of them'], [stamp(30, 1), 'next']),
        lines([stamp(30), 'of them'], [stamp(30, 1), 'next'], [stamp(30, 2), 'last']),
      ],
      files: {
        '0.log.20260102-030415': Buffer.concat([filed(seconds(0, 10)), file([stamp(10), 'F', 'first one'])]),
        '0.log.20260102-030425': Buffer.concat([filed(left), file([stamp(29), 'P', 'second '])]),
      },
      expected: ['first one', ...texts(left), 'second of them', 'next', 'last'],
    },
    {
      name: 'but neither before a gap nor behind it',
      stream: [
        streamed(seconds(0, 10)),
        `${stamp(10)} first `,
        'one\n',
        lines([stamp(30, 1), 'next'], [stamp(30, 2), 'last']),
      ],
      files: {
        '0.log.20260102-030415': Buffer.concat([filed(seconds(0, 10)), file([stamp(10), 'P', 'first '])]),
        '0.log.20260102-030425': file([stamp(10, 5), 'F', 'one']),
      },
      expected: ['first one', 'next', 'last'],
    },
  ])('is whole: $name', async ({ stream, files, expected }) => {
    expect(await follow(kubelet([stream], files), 'last')).toEqual([...texts(seconds(0, 10)), ...expected]);
  });
});

it('a kubelet that has left out a file reads each later one twice, which is given once', async () => {
  const fake = kubelet(
    [
      [
        streamed(seconds(0, 10)),
        // of the notices of new files one is left over from here on
        streamed(seconds(20, 30)),
        streamed(seconds(30, 36)),
        streamed(seconds(30, 38)),
        streamed(seconds(38, 39)),
        streamed(seconds(38, 40)),
        streamed(seconds(40, 41)),
      ],
    ],
    { '0.log.20260102-030415': filed(seconds(0, 10)), '0.log.20260102-030425': filed(seconds(10, 20)) },
  );
  expect(await follow(fake, '40.9')).toEqual(texts(seconds(0, 41)));
});

it('a stream that gave much and then nothing is opened once more: its kubelet may wait at the end of an old file', async () => {
  const words = 'x'.repeat(2_000);
  const wide = (from: number, to: number) =>
    seconds(from, to).map(({ at, text }) => ({ at, text: `${text} ${words}` }));
  const opened: string[] = [];
  // shorter than what a leap of the time tells
  const last = { at: stamp(209, 500), text: 'the last one of its file' };
  const fake = kubelet([], { '0.log.20260102-030415': filed([...wide(0, 210), last]) });
  const cluster: typeof fake.cluster = {
    fetch(path, init) {
      if (!path.includes('follow=true')) return fake.cluster.fetch(path, init);
      opened.push(path);
      const given = opened.length === 1 ? wide(0, 210) : wide(210, 211);
      return Promise.resolve(
        new Response(
          new ReadableStream<Uint8Array>({
            start(controller) {
              controller.enqueue(Buffer.from(streamed(given)));
              init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason));
            },
          }),
        ),
      );
    },
  };
  const lines = await follow({ requests: fake.requests, cluster }, `210.9 ${words}`);
  expect(opened).toHaveLength(2);
  expect(lines).toEqual(texts([...wide(0, 210), last, ...wide(210, 211)]));
});

it('a long line that the runtime cut into parts is one again, each stream by itself', () => {
  const records = new RuntimeLines();
  const whole = [
    '2026-01-02T03:04:05.1Z stdout P ab',
    '2026-01-02T03:04:05.23Z stderr F other',
    '2026-01-02T03:04:05.000000003Z stdout P cd',
    '2026-01-02T03:04:06Z stdout F ef',
    '2026-01-02T03:04:06.5Z stdout F ',
    '{"log":"no record of a runtime"}',
  ].map(text => {
    const line = records.read(Buffer.from(text), 0, Buffer.byteLength(text));
    return line && [line.bytes.toString('utf8', line.start, line.end), line.seconds % 60, line.nanos];
  });
  expect(whole).toEqual([
    null,
    ['other', 5, 230_000_000],
    null,
    ['abcdef', 5, 100_000_000],
    ['', 6, 500_000_000],
    null,
  ]);
});
