import type { Docker, DockerContainer } from '../../docker/index.ts';
import { PtahError } from '../../errors/index.ts';
import type { Node, NodeExecOptions, NodeExecResult } from '../types.ts';

const clusterLabel = 'io.x-k8s.kind.cluster';
const roleLabel = 'io.x-k8s.kind.role';
const keptLines = 20;

/** The nodes of a Kind cluster are containers that kind labels; the load balancer of several control planes is none. */
export async function findKindNodes(
  docker: Docker,
  cluster: string,
  signal?: AbortSignal,
): Promise<readonly Node[]> {
  const containers = await docker.listContainers(
    { labels: [`${clusterLabel}=${cluster}`], all: true },
    signal,
  );
  return containers
    .flatMap(container => {
      const role = container.labels[roleLabel];
      return role === 'control-plane' || role === 'worker' ? [kindNode(docker, container, role)] : [];
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function kindNode(docker: Docker, container: DockerContainer, role: Node['role']): Node {
  return {
    name: container.name,
    role,
    running: container.running,
    attach: (argv, signal) => docker.attach(container.id, argv, signal),
    async exec(argv: readonly string[], options: NodeExecOptions = {}): Promise<NodeExecResult> {
      const { exitCode, stdout, stderr } = await docker.exec(container.id, argv, {
        stdin: options.stdin,
        signal: options.signal,
        timeoutMs: options.timeoutMs ?? 60_000,
      });
      const result = { exitCode, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
      if (exitCode === 0 || options.allowFailure) return result;
      const output = `${result.stderr}\n${result.stdout}`.split('\n').filter(line => line.trim() !== '');
      throw new PtahError(
        'node-command-failed',
        `\`${argv.slice(0, 4).join(' ')}\` failed in node ${container.name} (exit code ${exitCode}).`,
        {
          details: {
            command: ['docker', 'exec', container.name, ...argv],
            exitCode,
            output: output.slice(-keptLines),
          },
        },
      );
    },
  };
}
