import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { ContainerPlace } from './follow-container.ts';
import { LineSplitter } from './split-lines.ts';
import { parseMoment, type Moment } from './timestamp.ts';

type Fetcher = Pick<Cluster, 'fetch'>;

export interface Gap {
  /** Second of the last line before it. */
  readonly from: number;
  /** The first line behind it. */
  readonly to: Moment;
}

export interface RotatedOptions {
  readonly cluster: Fetcher;
  readonly place: ContainerPlace;
  readonly gap: Gap;
  /** Gets each line as the log's own stream has it: its time, a space, its text. */
  readonly take: (bytes: Buffer, start: number, end: number) => void;
  /** Waited for after each piece. */
  readonly drained: () => Promise<unknown>;
  readonly signal: AbortSignal;
}

const ROTATED = /href="(\d+\.log\.\d{8}-\d{6})(?:\.gz)?"/g;
/** So much of a file has its first line's time in it, compressed or not. */
const HEAD_BYTES = 4_096;

/**
 * Gives the lines of a gap that stand in files which were rotated away: a follower that is more than one rotation behind goes on in
 * the newest file and leaves out those between, and a new one begins in the newest (kubernetes/kubernetes#59902). The files are kept
 * for a while, and the kubelet gives them out under `/logs/` to whoever may read `nodes/proxy`. True when nothing can be missing:
 * the oldest file that is left begins before the gap.
 */
export async function readRotated(options: RotatedOptions): Promise<boolean> {
  const { cluster, place, gap, signal } = options;
  const folder = await folderOf(cluster, place, signal);
  const page = await textOf(cluster, `${folder}/`, signal);
  // by name is by age: each carries the moment of its rotation, in the time of the node, whichever that is
  const names = [...new Set([...page.matchAll(ROTATED)].map(([, name = '']) => name))].toSorted();
  const files: { readonly name: string; readonly first: number }[] = [];
  for (const name of names) {
    const first = await firstSecond(cluster, `${folder}/${name}`, signal);
    if (first !== null) files.push({ name, first });
  }
  for (const [index, { name, first }] of files.entries()) {
    const end = files[index + 1]?.first ?? Number.POSITIVE_INFINITY;
    if (end < gap.from || first > gap.to.seconds) continue;
    await readFile(options, `${folder}/${name}`);
  }
  return files.length === 0 || (files[0]?.first ?? 0) <= gap.from;
}

/** Where the node keeps the files of a container, as the API server gives them out. */
async function folderOf(
  cluster: Fetcher,
  { namespace, pod, container }: ContainerPlace,
  signal: AbortSignal,
): Promise<string> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
  const { metadata, spec } = JSON.parse(await textOf(cluster, path, signal)) as {
    readonly metadata: { readonly uid: string; readonly annotations?: Readonly<Record<string, string>> };
    readonly spec: { readonly nodeName?: string };
  };
  // the folder of a static pod carries the number that it has on the node
  const uid = metadata.annotations?.['kubernetes.io/config.mirror'] ?? metadata.uid;
  const node = encodeURIComponent(spec.nodeName ?? '');
  return `/api/v1/nodes/${node}/proxy/logs/pods/${namespace}_${pod}_${uid}/${encodeURIComponent(container)}`;
}

/** Of the first line of a file; null where it has none or is gone. */
async function firstSecond(cluster: Fetcher, path: string, signal: AbortSignal): Promise<number | null> {
  const range = { range: `bytes=0-${HEAD_BYTES - 1}` };
  const opened = await openFile(cluster, path, signal, range);
  if (opened === null) return null;
  let head = '';
  for await (const piece of opened) {
    head += (piece as Buffer).toString('latin1');
    if (head.length >= 64) break;
  }
  const space = head.indexOf(' ');
  return space < 0 ? null : (parseMoment(head.slice(0, space))?.seconds ?? null);
}

async function readFile(
  { cluster, gap: { from, to }, take, drained, signal }: RotatedOptions,
  path: string,
): Promise<void> {
  const opened = await openFile(cluster, path, signal);
  if (opened === null) return;
  const splitter = new LineSplitter();
  const parts = new Map<string, Buffer[]>();
  for await (const piece of opened) {
    splitter.push(piece as Buffer, (bytes, start, end) => {
      const line = lineOfRuntime(bytes, start, end, parts);
      if (line === null) return;
      const moment = parseMoment(line.toString('latin1', 0, Math.max(0, line.indexOf(0x20))));
      if (moment === null || moment.seconds < from || moment.seconds > to.seconds) return;
      if (moment.seconds === to.seconds && moment.nanos >= to.nanos) return;
      take(line, 0, line.length);
    });
    await drained();
  }
}

/** The text of a rotated file, which is compressed, and named so, some time after its rotation; null when it is gone. */
async function openFile(
  cluster: Fetcher,
  path: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Readable | null> {
  for (const name of [path, `${path}.gz`]) {
    const response = await cluster.fetch(name, { signal, headers });
    if (response.status === 404 || response.body === null) {
      await response.body?.cancel();
      continue;
    }
    if (!response.ok) throw refused(name, response.status, await response.text());
    const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
    if (name === path) return body;
    // a file whose beginning was asked for ends in the middle: what is there is given
    const text = createGunzip({ finishFlush: constants.Z_SYNC_FLUSH });
    pipeline(body, text, () => {});
    return text;
  }
  return null;
}

/**
 * A line of the runtime's file (`TIME stdout F TEXT`) as the log's stream has it (`TIME TEXT`). Of a long line, which the runtime
 * cuts into parts that are marked `P`, null until its last part.
 */
export function lineOfRuntime(
  bytes: Buffer,
  start: number,
  end: number,
  parts: Map<string, Buffer[]>,
): Buffer | null {
  const time = bytes.indexOf(0x20, start);
  const stream = time < 0 ? -1 : bytes.indexOf(0x20, time + 1);
  if (stream < 0 || stream >= end) return null;
  const name = bytes.toString('latin1', time + 1, stream);
  // the third word has tags, of which the first says whether the line goes on
  const tag = bytes.indexOf(0x20, stream + 1);
  const text = bytes.subarray(tag < 0 || tag >= end ? end : tag + 1, end);
  const before = parts.get(name);
  if (bytes[stream + 1] === 0x50) {
    // a copy of the part: the piece that it stands in shall not be kept for it
    parts.set(name, [...(before ?? [Buffer.from(bytes.subarray(start, time + 1))]), Buffer.from(text)]);
    return null;
  }
  parts.delete(name);
  return Buffer.concat([...(before ?? [bytes.subarray(start, time + 1)]), text]);
}

async function textOf(cluster: Fetcher, path: string, signal: AbortSignal): Promise<string> {
  const response = await cluster.fetch(path, { signal });
  const text = await response.text();
  if (!response.ok) throw refused(path, response.status, text);
  return text;
}

const refused = (path: string, status: number, said: string): PtahError =>
  new PtahError(status === 403 ? 'forbidden' : 'unreachable', `${path}: ${said.slice(0, 200)}`, {
    details: { status },
  });
