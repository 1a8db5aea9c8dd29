import type { Cluster } from '../../cluster/index.ts';
import { PtahError } from '../../errors/index.ts';
import type { ContainerAddress } from '../types.ts';

const keptBytes = 256 * 1024;

/** Runs a command in the container as its own user, through the API server. */
export async function runIn(
  cluster: Cluster,
  { namespace, pod, container }: ContainerAddress,
  argv: readonly string[],
  signal?: AbortSignal,
): Promise<{ readonly exitCode: number; readonly output: string }> {
  const session = await cluster.exec({ namespace, name: pod, container }, { argv, stdin: false }, signal);
  let output = '';
  for (const stream of [session.stdout, session.stderr])
    stream.on('data', (chunk: Buffer) => (output = (output + chunk.toString('utf8')).slice(-keptBytes)));
  const { exitCode, reason } = await session.exit;
  if (signal?.aborted) throw new PtahError('cancelled', 'Cancelled.');
  if (exitCode !== null) return { exitCode, output };
  throw new PtahError(
    'command-failed',
    `\`${argv.join(' ')}\` did not run in ${container}: ${reason ?? 'no reason given'}`,
    {
      details: { command: argv, exitCode, output: output.split('\n').slice(-20) },
    },
  );
}
