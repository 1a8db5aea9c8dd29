import { gzipSync } from 'node:zlib';
import type { Cluster } from '../cluster/index.ts';
import { formatMoment } from './timestamp.ts';

/** Written in pieces, which are put together when somebody reads. */
class FakeFile {
  name: string;
  #pieces: Buffer[] = [];

  constructor(name: string) {
    this.name = name;
  }

  add(text: string): void {
    this.#pieces.push(Buffer.from(text));
  }

  get bytes(): Buffer {
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [bytes];
    return bytes;
  }

  compress(): void {
    this.#pieces = [gzipSync(this.bytes)];
    this.name += '.gz';
  }
}

const folder = '/api/v1/nodes/n1/proxy/logs/pods/default_api-0_u-1/api/';

/** A node whose runtime writes the log of one container into files, and whose kubelet rotates them and gives them out. */
export interface FakeNode {
  readonly cluster: Pick<Cluster, 'fetch'>;
  readonly requests: readonly string[];
  readonly baseSecond: number;
  /** `at` in nanoseconds since `baseSecond`. */
  write(text: string, at: number): void;
  /** Writes the beginning of a line only: as at a rotation that comes in the middle of it. */
  cut(text: string, at: number): void;
  /** Into the file that was rotated away last. */
  writeLate(text: string, at: number): void;
  /** Gives the file its other name; `reopen` makes the next one. */
  rename(): void;
  reopen(): void;
  /** Compresses all rotated files but the last, and removes more than `keep`. */
  tidy(keep: number): void;
  /** The next requests fail with this status. */
  refuse(status: number, times: number): void;
}

export function fakeNode(baseSecond: number): FakeNode {
  const requests: string[] = [];
  const rotated: FakeFile[] = [];
  let current: FakeFile | null = new FakeFile('0.log');
  let rotations = 0;
  let refused: { status: number; times: number } | null = null;

  const stampOf = (at: number): string => {
    const seconds = Math.floor(at / 1e9);
    // the runtime leaves out zeros at the end
    return formatMoment(baseSecond + seconds, at - seconds * 1e9).replace(/\.?0*Z$/, 'Z');
  };

  function given(path: string, range: string | undefined): Response {
    const name = path.slice(folder.length);
    const files = [...(current === null ? [] : [current]), ...rotated];
    if (name === '')
      return new Response(`<pre>\n${files.map(file => `<a href="${file.name}">x</a>\n`).join('')}</pre>`);
    const file = files.find(one => one.name === name);
    if (!file) return new Response('404 page not found', { status: 404 });
    const { bytes } = file;
    const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
    if (bytes.length === 0) return new Response('', { headers: { 'content-length': '0' } });
    if (!asked) return new Response(new Uint8Array(bytes));
    const from = Number(asked[1]);
    const to = Math.min(bytes.length, asked[2] === '' ? bytes.length : Number(asked[2]) + 1);
    if (from >= bytes.length)
      return new Response('invalid range', {
        status: 416,
        headers: { 'content-range': `bytes */${bytes.length}` },
      });
    return new Response(new Uint8Array(bytes.subarray(from, to)), {
      status: 206,
      headers: { 'content-range': `bytes ${from}-${to - 1}/${bytes.length}` },
    });
  }

  return {
    requests,
    baseSecond,
    cluster: {
      fetch(path, init) {
        requests.push(path);
        if (refused !== null && refused.times-- > 0)
          return Promise.resolve(new Response('refused', { status: refused.status }));
        const headers = init?.headers as Readonly<Record<string, string>> | undefined;
        return Promise.resolve(
          path.startsWith(folder)
            ? given(path, headers?.range)
            : new Response(
                JSON.stringify({ metadata: { uid: 'u-1', annotations: {} }, spec: { nodeName: 'n1' } }),
              ),
        );
      },
    },
    write: (text, at) => (current ?? rotated.at(-1))?.add(`${stampOf(at)} stdout F ${text}\n`),
    cut: (text, at) => (current ?? rotated.at(-1))?.add(`${stampOf(at)} stdout P ${text}\n`),
    writeLate: (text, at) => rotated.at(-1)?.add(`${stampOf(at)} stdout F ${text}\n`),
    rename() {
      if (current === null) return;
      const clock = new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + ++rotations * 10_000);
      current.name = `0.log.${clock.toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}`;
      rotated.push(current);
      current = null;
    },
    reopen() {
      current = new FakeFile('0.log');
    },
    tidy(keep) {
      for (const file of rotated.slice(0, -1)) if (!file.name.endsWith('.gz')) file.compress();
      rotated.splice(0, Math.max(0, rotated.length - keep));
    },
    refuse(status, times) {
      refused = { status, times };
    },
  };
}
