import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { SyncContainer, SyncEvent, SyncSnapshot, Verification } from '../../preload/contract/sync.ts';
import { waitFor } from '../world/machine.ts';

const program = fileURLToPath(new URL('engine-host.ts', import.meta.url));

export interface StartOptions {
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What runs `node`: `unshare …` where the engine shall have limits of its own. */
  readonly under?: readonly string[];
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onItem?: (item: unknown) => void;
}

/** An engine in a process of its own, spoken to in the contract's words. */
export class EngineProcess {
  /** Stands in the environment of the process and of all that it starts: nobody gets away. */
  readonly mark: string;
  readonly projectId: string;
  snapshot: SyncSnapshot | null = null;
  readonly events: SyncEvent[] = [];
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private readonly ended: Promise<number | null>;
  private said = '';
  private nextId = 1;
  private holding: number[] = [];

  private constructor(child: ChildProcess, mark: string) {
    this.child = child;
    this.mark = mark;
    this.projectId = '';
    if (!child.stdout || !child.stderr) throw new Error('The engine has no output');
    createInterface({ input: child.stdout }).on('line', line => this.hear(line));
    child.stderr.on('data', chunk => (this.said = `${this.said}${String(chunk)}`.slice(-8000)));
    child.stdin?.on('error', () => undefined);
    this.ended = new Promise(resolve => {
      child.once('close', code => {
        for (const { reject } of this.waiting.values())
          reject(new Error(`The engine ended with ${code}:\n${this.said}`));
        this.waiting.clear();
        resolve(code);
      });
    });
  }

  /** Those that still run: a test that failed leaves its engine behind. */
  static readonly all = new Set<EngineProcess>();

  /** What it says of its containers and what it complained about: for the message of a test that failed. */
  describe(): string {
    const containers = this.snapshot?.containers.map(
      ({ pod, state, reason, hint, pending, drift }) =>
        `${pod}: ${state}, ${pending} pending, ${drift.length} drifted, ${reason ?? 'no reason'}, ${hint ?? 'no hint'}`,
    );
    const events = this.events.slice(-5).map(({ type, message }) => `${type}: ${message}`);
    return [...(containers ?? ['no snapshot']), ...events, this.said.trim()].join('\n');
  }

  static async start(root: string, options: StartOptions): Promise<EngineProcess> {
    const mark = `ptah-chaos-${process.pid}-${Math.random().toString(36).slice(2)}`;
    const argv = [
      ...(options.under ?? []),
      process.execPath,
      '--disable-warning=ExperimentalWarning',
      program,
    ];
    const child = spawn(argv[0] ?? '', argv.slice(1), {
      env: { ...process.env, PTAH_HOME: options.home, PTAH_CHAOS_MARK: mark, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const engine = new EngineProcess(child, mark);
    EngineProcess.all.add(engine);
    void engine.ended.then(() => EngineProcess.all.delete(engine));
    await engine.wait(0);
    const opened = await engine.call<{ project: { id: string } }>('projects.open', {
      path: root,
      asNew: true,
    });
    return Object.assign(engine, { projectId: opened.project.id });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }
  /** What it printed to standard error. */
  get errors(): string {
    return this.said;
  }

  call<T>(method: string, input: object = {}): Promise<T> {
    const id = this.nextId++;
    const answer = this.wait(id) as Promise<T>;
    this.say({ id, method, input });
    return answer;
  }
  /** How many watches of directories it holds, those of one directory counted each. */
  async watchHandles(): Promise<number> {
    const id = this.nextId++;
    const answer = this.wait(id) as Promise<readonly string[]>;
    this.say({ id, resources: true });
    return (await answer).filter(kind => kind === 'FSEventWrap').length;
  }
  moveClock(milliseconds: number): Promise<unknown> {
    const id = this.nextId++;
    const answer = this.wait(id);
    this.say({ id, moveClock: milliseconds });
    return answer;
  }

  /** Live sync on, as `ptah sync` holds it. */
  hold(images: readonly string[] = []): void {
    const { projectId } = this;
    this.open('sync.watch', { projectId, hold: images }, item => (this.snapshot = item as SyncSnapshot));
    this.open('sync.feed', { projectId, after: 0 }, item => void this.events.push(item as SyncEvent));
  }
  /** And off. */
  async release(): Promise<void> {
    const ends = this.holding.map(id => this.waiting.get(id) && this.say({ id, end: true }));
    await waitFor('the streams to end', () =>
      Promise.resolve(this.holding.every(id => !this.waiting.has(id))),
    );
    this.holding = [];
    this.snapshot = null;
    void ends;
  }

  container(pod?: string): SyncContainer | undefined {
    return this.snapshot?.containers.find(found => pod === undefined || found.pod === pod);
  }
  verify(container: string): Promise<Verification> {
    return this.call<Verification>('sync.verify', { projectId: this.projectId, container });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
  /** Ends it as a window's end does; its exit code. */
  async stop(): Promise<number | null> {
    this.child.kill('SIGCONT');
    this.child.stdin?.end();
    const late = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
    const code = await this.ended;
    clearTimeout(late);
    return code;
  }

  private open(stream: string, input: object, onItem: (item: unknown) => void): void {
    const id = this.nextId++;
    this.holding.push(id);
    this.wait(id, onItem).catch((error: unknown) => {
      this.said += `\n${stream}: ${String(error)}`;
    });
    this.say({ id, stream, input });
  }
  private say(line: object): void {
    this.child.stdin?.write(`${JSON.stringify(line)}\n`);
  }
  private wait(id: number, onItem?: (item: unknown) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, ...(onItem && { onItem }) });
    });
  }
  private hear(text: string): void {
    const line = JSON.parse(text) as {
      readonly id: number;
      readonly result?: unknown;
      readonly item?: unknown;
      readonly error?: { readonly code: string; readonly message: string };
    };
    const waiting = this.waiting.get(line.id);
    if (!waiting) return;
    if (line.item !== undefined) return waiting.onItem?.(line.item);
    this.waiting.delete(line.id);
    if (line.error) waiting.reject(new Error(`${line.error.code}: ${line.error.message}`));
    else waiting.resolve(line.result);
  }
}
