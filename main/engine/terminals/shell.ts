import { Transform } from 'node:stream';
import type { Cluster, ExecCommand, ExecExit, ExecSession, PodContainer } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { TerminalConnection, TerminalSize } from './types.ts';

/**
 * Run by whatever `sh` there is: picks the best shell, says who it is, becomes it. The words that vary are its parameters; nothing
 * is ever put into its text.
 */
const launcher = [
  'export TERM=xterm-256color COLORTERM=truecolor',
  's="$0"',
  'for c in bash zsh ash; do if command -v "$c" >/dev/null 2>&1; then s="$c"; break; fi; done',
  String.raw`printf "\033]7770;%s;%s\007" "$$" "$s"`,
  'exec "$s"',
].join('\n');
/** What may be the one that runs the launcher, in the order of how usual it is. The last is where distroless images keep theirs. */
const launchers = ['sh', 'bash', 'zsh', 'ash', '/busybox/sh'];
const missing = /executable file not found|no such file or directory|not found in \$?path/i;
/** Around what the launcher says of itself: an operating system command that no terminal knows. */
const greetingBegin = '\u001b]7770;';
const greetingEnd = '\u0007';
const greetingLimit = 256;
const endGraceMs = 5_000;

/** Where a shell is looked for. */
export interface ShellHost {
  /** As people know it. */
  readonly place: string;
  readonly container: string;
  exec(command: ExecCommand, signal: AbortSignal): Promise<Omit<ExecSession, 'halfClose'>>;
}

export const podHost = (cluster: Cluster, pod: PodContainer): ShellHost => ({
  place: pod.name,
  container: pod.container,
  exec: (command, signal) => cluster.exec(pod, command, signal),
});

/** Finds a shell in a container and starts it on a terminal. Rejects with `no-shell` where nothing there can be one. */
export async function openShell(
  host: ShellHost,
  size: TerminalSize,
  signal: AbortSignal,
): Promise<TerminalConnection> {
  for (const name of launchers) {
    const session = await host.exec({ argv: [name, '-c', launcher, name], tty: true }, signal);
    const greeted = await greeting(session, size);
    if (greeted !== null) return connectionOf(host, session, greeted);
    const exit = await session.exit;
    if (signal.aborted) throw new PtahError('cancelled', 'Cancelled.');
    if (!isMissing(exit))
      throw new PtahError(
        'shell-failed',
        `No shell could be started in container ${host.container}: ${exit.reason ?? `exit code ${exit.exitCode}`}`,
        { hint: 'Look at the state of the container, then connect again.' },
      );
  }
  throw new PtahError('no-shell', `The image of container ${host.container} has no shell.`, {
    hint: 'A debug container can be added to the pod: it brings a shell of its own.',
  });
}

const isMissing = ({ exitCode, reason }: ExecExit): boolean =>
  exitCode === 127 || exitCode === 126 || missing.test(reason ?? '');

interface Greeted {
  readonly pid: string;
  readonly shell: string;
  readonly output: Transform;
}

/** Takes the launcher's first words from the output. Null where the command ended without them. */
function greeting(session: Omit<ExecSession, 'halfClose'>, size: TerminalSize): Promise<Greeted | null> {
  session.stderr.resume();
  session.resize(size.cols, size.rows);
  return new Promise(resolve => {
    let head = Buffer.alloc(0);
    let greeted = false;
    const output = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (greeted) return done(null, chunk);
        head = Buffer.concat([head, chunk]);
        const begin = head.indexOf(greetingBegin);
        const end = begin < 0 ? -1 : head.indexOf(greetingEnd, begin);
        if (end < 0) {
          // an error of the runtime that is no greeting: told by the exit
          if (head.length > greetingLimit) head = head.subarray(-greetingBegin.length);
          return done();
        }
        greeted = true;
        const [pid = '', ...shell] = head.toString('utf8', begin + greetingBegin.length, end).split(';');
        resolve({ pid, shell: shell.join(';'), output });
        done(null, Buffer.concat([head.subarray(0, begin), head.subarray(end + 1)]));
      },
      flush(done) {
        if (!greeted) resolve(null);
        done();
      },
    });
    output.on('error', () => undefined);
    session.stdout.pipe(output);
    // what is not read holds the end back
    void session.exit.then(() => !greeted && output.resume());
  });
}

function connectionOf(
  host: ShellHost,
  session: Omit<ExecSession, 'halfClose'>,
  { pid, shell, output }: Greeted,
): TerminalConnection {
  let over = false;
  void session.exit.then(() => (over = true));
  return {
    place: host.place,
    shell,
    output,
    input: session.stdin,
    exit: session.exit,
    resize: (cols, rows) => session.resize(cols, rows),
    async close() {
      if (!over) await endShell(host, pid, shell).catch(() => undefined);
      session.close();
      output.resume();
      await session.exit;
    },
  };
}

/**
 * The runtime leaves a shell on a terminal running when its connection goes, for ever. A hang-up is what a terminal window sends when
 * it is closed; who ignores it is ended.
 */
async function endShell(host: ShellHost, pid: string, shell: string): Promise<void> {
  const script =
    'kill -HUP "$1" 2>/dev/null; i=0; while kill -0 "$1" 2>/dev/null; do i=$((i+1)); [ "$i" -gt 10 ] && break; sleep 0.1; done; kill -KILL "$1" 2>/dev/null; :';
  const signal = AbortSignal.timeout(endGraceMs);
  const session = await host.exec(
    { argv: [shell, '-c', script, shell, pid], stdin: false, tty: false },
    signal,
  );
  session.stdout.resume();
  session.stderr.resume();
  await session.exit;
}
