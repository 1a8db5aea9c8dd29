import type { Cluster, PodContainer } from '../../engine/cluster/index.ts';
import { PtahError } from '../../engine/errors/index.ts';
import type { Command, CommandInput, Terminal } from './command.ts';
import { isTerminal, joinStreams, sizeOf, type LocalStreams } from './local-tty.ts';

/** What the connection's end is called where the command's own end is not known, as OpenSSH does. */
const connectionLost = 255;

/** `ptah ssh APP`: a shell, or a command, in the running container of an app. */
export const ssh: Command = {
  name: 'ssh',
  summary: 'Open a shell in the container of an app, or run a command there',
  synopsis: 'APP [-c CONTAINER] [-- COMMAND…]',
  options: {
    container: { type: 'string', short: 'c' },
    namespace: { type: 'string', short: 'n' },
  },
  help: [
    'APP                  Value of the pod’s label “app”, or the name of a pod',
    '-c, --container NAME Default: the pod’s own default, else its first',
    '-n, --namespace NAME Default: those of the project',
    'COMMAND…             Instead of a shell. The exit code is that of the shell or the command;',
    `                     ${connectionLost}: the connection broke`,
  ],
  takes: [1, Number.POSITIVE_INFINITY],
  run: (input, terminal) => run(input, terminal, process),
};

async function run(input: CommandInput, terminal: Terminal, local: LocalStreams): Promise<number> {
  const [app = '', ...command] = input.arguments;
  const cluster = await connect(input, terminal);
  const { findApp } = await import('../../engine/terminals/index.ts');
  const project = await projectOf(input, terminal);
  const pod = await findApp(
    cluster,
    {
      app,
      namespace: wordOf(input.options.namespace),
      project: { name: project.name, namespace: project.config.namespace ?? 'default' },
      container: wordOf(input.options.container),
    },
    terminal.signal,
  );
  if (command.length > 0) return runCommand(cluster, pod, command, terminal, local);
  return isTerminal(local)
    ? runShell(cluster, pod, terminal, local)
    : runCommand(cluster, pod, ['sh'], terminal, local);
}

const wordOf = (option: string | boolean | undefined): string | null =>
  typeof option === 'string' ? option : null;

async function projectOf({ directory }: CommandInput, { env, signal }: Terminal) {
  const { openProject } = await import('../../engine/project/index.ts');
  return openProject(directory, { env, signal });
}

async function connect(input: CommandInput, terminal: Terminal): Promise<Cluster> {
  const { env, signal } = terminal;
  const [{ pinKindContext, connectCluster }, { connectDocker }, { createTools }] = await Promise.all([
    import('../../engine/cluster/index.ts'),
    import('../../engine/docker/index.ts'),
    import('../../engine/tools/index.ts'),
  ]);
  const { clusterName } = await projectOf(input, terminal);
  const tools = createTools({ env });
  const pinned = await pinKindContext(clusterName, {
    env,
    docker: connectDocker({ env, host: null }),
    tools,
    signal,
  });
  return connectCluster(pinned, { env, tools });
}

async function runShell(
  cluster: Cluster,
  pod: PodContainer,
  terminal: Terminal,
  local: LocalStreams,
): Promise<number> {
  const { openShell, podHost } = await import('../../engine/terminals/index.ts');
  const shell = await openShell(podHost(cluster, pod), sizeOf(local), terminal.signal);
  // raw mode has no Ctrl+C of ours; what is left is the end of this process: the shell goes with it
  const stop = (): void => void shell.close();
  terminal.signal.addEventListener('abort', stop, { once: true });
  await joinStreams(local, { ...shell, error: null, resize: (cols, rows) => shell.resize(cols, rows) }, true);
  return codeOf(await shell.exit, pod);
}

async function runCommand(
  cluster: Cluster,
  pod: PodContainer,
  argv: readonly string[],
  terminal: Terminal,
  local: LocalStreams,
): Promise<number> {
  const tty = isTerminal(local);
  const session = await cluster.exec(pod, { argv, tty }, terminal.signal);
  await joinStreams(
    local,
    {
      input: session.stdin,
      output: session.stdout,
      error: session.stderr,
      exit: session.exit,
      resize: (cols, rows) => session.resize(cols, rows),
    },
    tty,
  );
  return codeOf(await session.exit, pod);
}

function codeOf(
  { exitCode, reason }: { readonly exitCode: number | null; readonly reason: string | null },
  pod: PodContainer,
): number {
  if (exitCode !== null) return exitCode;
  if (reason !== null && /executable file not found|no such file or directory/i.test(reason))
    throw new PtahError('not-found', `Container ${pod.container} of pod ${pod.name} has no such command.`, {
      details: { output: [reason] },
    });
  process.stderr.write(`ptah: ${reason ?? 'The connection broke.'}\n`);
  return connectionLost;
}
