import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { ContainerPlace } from './open-log.ts';
import { parseMoment, type Moment } from './timestamp.ts';

const CURRENT = /href="(\d+)\.log"/g;
const ROTATED = /href="(\d+\.log\.\d{8}-\d{6})(?:\.gz)?"/g;
/** So much of a file has its first line's time in it, compressed or not. */
const HEAD_BYTES = 4_096;
const MOST_HEAD_BYTES = 1024 * 1024;

const ANSWER_MS = 60_000;

/** A piece of a file. `total` is what the file had when it was opened. */
export interface Range {
  readonly body: Readable;
  readonly total: number;
}

/**
 * The files in which a node keeps what a container says, as its kubelet gives them out under `/logs/` to whoever may read
 * `nodes/proxy`: `2.log` of its third instance, and those that were rotated away, `2.log.20260102-030405`, compressed some time
 * later.
 */
export class NodeLogFiles {
  readonly #cluster: Pick<Cluster, 'fetch'>;
  readonly #place: ContainerPlace;
  readonly #signal: AbortSignal;
  #folder: string | null = null;

  constructor(cluster: Pick<Cluster, 'fetch'>, place: ContainerPlace, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#place = place;
    this.#signal = signal;
  }

  /** The file that is written, and the rotated ones in the order of their rotations: each name carries its moment. */
  async list(): Promise<{ readonly current: string | null; readonly rotated: readonly string[] }> {
    const page = await this.#text(`${await this.#folderPath()}/`);
    const numbers = [...page.matchAll(CURRENT)].map(([, number]) => Number(number));
    const rotated = new Set([...page.matchAll(ROTATED)].map(([, name = '']) => name));
    return {
      current: numbers.length === 0 ? null : `${Math.max(...numbers)}.log`,
      rotated: [...rotated].toSorted((a, b) => Number.parseInt(a) - Number.parseInt(b) || (a < b ? -1 : 1)),
    };
  }

  /** The whole text of a file, which may have been compressed meanwhile; null when it is gone. */
  async open(name: string, headers: Readonly<Record<string, string>> = {}): Promise<Readable | null> {
    const path = `${await this.#folderPath()}/${name}`;
    for (const known of [path, `${path}.gz`]) {
      const response = await this.#cluster.fetch(known, { signal: this.#within(), headers });
      if (response.status === 404 || response.body === null) {
        await response.body?.cancel();
        continue;
      }
      if (!response.ok) throw refused(known, response.status, await response.text());
      const body = readable(response.body);
      if (known === path) return body;
      // a file whose beginning was asked for ends in the middle: what is there is given
      const text = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
      pipeline(body, text, () => {});
      return text;
    }
    return null;
  }

  /** What a file that is not compressed has from `from` on, up to `to`; null when it is gone or has no more than that. */
  async range(name: string, from: number, to?: number): Promise<Range | null> {
    const path = `${await this.#folderPath()}/${name}`;
    const headers = { range: `bytes=${from}-${to ?? ''}` };
    const response = await this.#cluster.fetch(path, { signal: this.#within(), headers });
    // Go's file server gives the nothing of an empty file whole, whatever range was asked for
    const isEmpty = response.status === 200 && response.headers.get('content-length') === '0';
    if (response.status === 404 || response.status === 416 || isEmpty || response.body === null) {
      await response.body?.cancel();
      return null;
    }
    if (!response.ok) throw refused(path, response.status, await response.text());
    const total = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    if (response.status !== 206 || total === null || Number(total[1]) !== from) {
      await response.body.cancel();
      throw new PtahError('unsupported', `${path}: the node gives out whole files only.`);
    }
    return { body: readable(response.body), total: Number(total[2]) };
  }

  /** The moment of the first line that begins at `from` or behind it; null where none does, or the file is gone. */
  async momentFrom(name: string, from: number): Promise<Moment | null> {
    // a line may be longer; the runtime cuts it into records of 16 KiB
    const most = from === 0 ? HEAD_BYTES : 8 * HEAD_BYTES;
    const opened =
      from === 0
        ? await this.open(name, { range: `bytes=0-${most - 1}` })
        : (await this.range(name, from, from + most - 1))?.body;
    if (!opened) return null;
    let head = '';
    for await (const piece of opened) {
      head += (piece as Buffer).toString('latin1');
      // of a node that gives whole files only
      if (head.length > MOST_HEAD_BYTES) break;
    }
    const begins = from === 0 ? 0 : head.indexOf('\n') + 1;
    const space = head.indexOf(' ', begins);
    return (from > 0 && begins === 0) || space < 0 ? null : parseMoment(head.slice(begins, space));
  }

  async #folderPath(): Promise<string> {
    return (this.#folder ??= await this.#find());
  }

  async #find(): Promise<string> {
    const { namespace, pod, container } = this.#place;
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
    const { metadata, spec } = JSON.parse(await this.#text(path)) as {
      readonly metadata: { readonly uid: string; readonly annotations?: Readonly<Record<string, string>> };
      readonly spec: { readonly nodeName?: string };
    };
    // the folder of a static pod carries the number that it has on the node
    const uid = metadata.annotations?.['kubernetes.io/config.mirror'] ?? metadata.uid;
    const node = encodeURIComponent(spec.nodeName ?? '');
    return `/api/v1/nodes/${node}/proxy/logs/pods/${namespace}_${pod}_${uid}/${encodeURIComponent(container)}`;
  }

  /** The end of an answer, too: whoever waits for it for ever reads nothing more. */
  #within(): AbortSignal {
    return AbortSignal.any([this.#signal, AbortSignal.timeout(ANSWER_MS)]);
  }

  async #text(path: string): Promise<string> {
    const response = await this.#cluster.fetch(path, { signal: this.#within() });
    const text = await response.text();
    if (!response.ok) throw refused(path, response.status, text);
    return text;
  }
}

const readable = (body: ReadableStream<Uint8Array>): Readable =>
  Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);

const refused = (path: string, status: number, said: string): PtahError =>
  new PtahError(status === 403 ? 'forbidden' : 'unreachable', `${path}: ${said.slice(0, 200)}`, {
    details: { status },
  });
