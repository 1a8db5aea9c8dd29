import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { testEnvironment } from '../../../scripts/test-machine.mjs';
import { endWithUs } from '../processes.ts';

const program = readFileSync(new URL('probe.py', import.meta.url), 'utf8');

/** The clock of the kernel, which the containers of this machine read as well. */
export const clock = (): bigint => process.hrtime.bigint();
export const milliseconds = (from: bigint, to: bigint): number => Number(to - from) / 1e6;

export type Wanted =
  | { readonly want: 'content'; readonly path: string; readonly bytes: Uint8Array }
  | { readonly want: 'tail'; readonly path: string; readonly size: number; readonly tail: Uint8Array }
  /** All files below a folder; `last` is one of them that is looked at first. */
  | {
      readonly want: 'tree';
      readonly path: string;
      readonly contents: ReadonlyMap<string, Uint8Array>;
      readonly last: string;
    }
  | { readonly want: 'there'; readonly path: string; readonly directory?: boolean }
  | { readonly want: 'gone'; readonly path: string }
  | { readonly want: 'series'; readonly path: string; readonly last: number };

interface Said {
  readonly id: number;
  readonly armed?: boolean;
  readonly ns?: number;
  readonly seen?: readonly (readonly [number, number])[];
}
export interface Seen {
  readonly at: bigint;
  readonly series: readonly { readonly number: number; readonly at: bigint }[];
}

const EVERY_S = 0.0003;

/** An observer inside a container: it reads the file itself, and nothing of what is measured tells it anything. */
export class Probe {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, (said: Said) => void>();
  private next = 1;
  private errors = '';

  private constructor(child: ChildProcess) {
    this.child = child;
    if (!child.stdout || !child.stderr) throw new Error('The probe has no output');
    child.stderr.on('data', chunk => (this.errors += String(chunk)));
    child.stdin?.on('error', () => undefined);
    createInterface({ input: child.stdout }).on('line', line => {
      const said = JSON.parse(line) as Said;
      this.waiting.get(said.id)?.(said);
    });
  }

  static async open(context: string, namespace: string, pod: string): Promise<Probe> {
    const argv = [
      '--context',
      context,
      '-n',
      namespace,
      'exec',
      '-i',
      pod,
      '--',
      'python',
      '-u',
      '-c',
      program,
    ];
    const child = spawn('kubectl', argv, {
      env: { ...process.env, ...testEnvironment() },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const probe = new Probe(child);
    endWithUs(child);
    const ready = new Promise<void>((resolve, reject) => {
      probe.waiting.set(0, () => resolve());
      child.once('close', code =>
        reject(new Error(`The probe in ${pod} ended with ${code}: ${probe.errors}`)),
      );
    });
    await ready;
    return probe;
  }

  /**
   * Resolves when the probe is looking; then `seen` resolves with the time at which it saw what was wanted. With `together` probes at
   * once each looks less often: else looking would take the processor from what is measured.
   */
  async arm(wanted: Wanted, timeoutMs = 60_000, together = 1): Promise<{ readonly seen: Promise<Seen> }> {
    const id = this.next++;
    let armed = (): void => undefined;
    const looking = new Promise<void>(resolve => (armed = resolve));
    const seen = new Promise<Seen>((resolve, reject) => {
      const late = setTimeout(() => {
        this.say({ id, want: 'stop' });
        reject(new NotSeen(`${wanted.path} was not ${wanted.want} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.waiting.set(id, said => {
        if (said.armed === true) return armed();
        clearTimeout(late);
        this.waiting.delete(id);
        const series = (said.seen ?? []).map(([number, ns]) => ({ number, at: BigInt(ns) }));
        resolve({ at: BigInt(said.ns ?? 0), series });
      });
    });
    seen.catch(() => undefined);
    this.say({ id, every: EVERY_S * together, ...inWords(wanted) });
    await looking;
    return { seen };
  }

  close(): void {
    this.child.stdin?.end();
    this.child.kill();
  }
  private say(line: object): void {
    this.child.stdin?.write(`${JSON.stringify(line)}\n`);
  }
}

export class NotSeen extends Error {}

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function inWords(wanted: Wanted): object {
  const { want, path } = wanted;
  switch (want) {
    case 'content':
      return { want, path, sha: sha(wanted.bytes) };
    case 'tree': {
      const whole = createHash('sha256');
      for (const name of [...wanted.contents.keys()].toSorted())
        whole.update(`${name} ${sha(wanted.contents.get(name) ?? Buffer.alloc(0))}\n`);
      const last = wanted.contents.get(wanted.last) ?? Buffer.alloc(0);
      const files = wanted.contents.size;
      return {
        want,
        path,
        files,
        sha: whole.digest('hex'),
        last: `${path}/${wanted.last}`,
        lastSha: sha(last),
      };
    }
    case 'tail':
      return { want, path, size: wanted.size, tail: Buffer.from(wanted.tail).toString('hex') };
    case 'there':
    case 'gone':
    case 'series':
      break;
  }
  return wanted;
}
