// The engine in a process of its own, so that a test can stop it, kill it, and count what it leaves behind. One JSON object a line:
// in `{id, method, input}` and `{id, stream, input}` and `{id, end: true}`, out `{id, result}`, `{id, error}`, `{id, item}`, `{id, ended: true}`.
import { createInterface } from 'node:readline';
import { createApi, toWireError } from '../../main/api/index.ts';
import { createEngine } from '../../main/engine/index.ts';

interface Line {
  readonly id: number;
  readonly method?: string;
  readonly stream?: string;
  readonly end?: boolean;
  readonly input?: unknown;
  /** Moves the wall clock of this process by so many milliseconds, as a person or a time server does. */
  readonly moveClock?: number;
  /** What keeps the process alive, by kind: the watches of one directory share one entry in the kernel, here each is counted. */
  readonly resources?: boolean;
}

const realNow = Date.now.bind(Date);
const RealDate = Date;
let moved = 0;
Date.now = () => realNow() + moved;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, argv: unknown[]) =>
    Reflect.construct(target, argv.length === 0 ? [realNow() + moved] : argv) as Date,
});

const engine = createEngine({ env: process.env });
const api = createApi(engine, {
  kind: 'loopback',
  version: '0.0.0',
  openExternal: () => Promise.resolve(),
  chooseFolder: () => Promise.resolve(null),
});
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const streams = new Map<number, AbortController>();

async function answer({ id, method, input, stream, end, moveClock, resources }: Line): Promise<void> {
  if (moveClock !== undefined) {
    moved = moveClock;
    return say({ id, result: null });
  }
  if (resources === true) return say({ id, result: process.getActiveResourcesInfo() });
  if (end === true) return streams.get(id)?.abort();
  const ending = new AbortController();
  try {
    if (method !== undefined) {
      const context = { signal: ending.signal, windowId: null };
      return say({ id, result: await api.handle(method, input ?? {}, context) });
    }
    if (stream === undefined) return;
    streams.set(id, ending);
    const context = { signal: ending.signal, windowId: null };
    for await (const item of api.open(stream, input ?? {}, context)) say({ id, item });
    say({ id, ended: true });
  } catch (error) {
    if (ending.signal.aborted) say({ id, ended: true });
    else say({ id, error: toWireError(error) });
  } finally {
    streams.delete(id);
  }
}

createInterface({ input: process.stdin })
  .on('line', line => void answer(JSON.parse(line) as Line))
  .on('close', () => {
    for (const ending of streams.values()) ending.abort();
    engine.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
say({ id: 0, result: 'ready' });
