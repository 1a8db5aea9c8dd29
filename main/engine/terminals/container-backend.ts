import { PassThrough } from 'node:stream';
import type { Docker } from '../docker/index.ts';
import { PtahError } from '../errors/index.ts';
import { openShell, type ShellHost } from './shell.ts';
import type { ContainerPlace, TerminalBackend } from './types.ts';

/** A shell in a container of Docker's own. When the container ends there is no other to go on in. */
export function containerBackend(
  docker: () => Docker,
  { id, name, image }: Omit<ContainerPlace, 'projectId'>,
): TerminalBackend {
  const runs = async (signal: AbortSignal): Promise<boolean> =>
    (await docker().listContainers({}, signal)).some(container => container.id === id);
  const host: ShellHost = {
    place: name,
    container: image,
    async exec({ argv, tty }, signal) {
      if (tty !== true) return plain(docker(), id, argv, signal);
      const stderr = new PassThrough();
      stderr.end();
      return { ...(await docker().terminal(id, argv, signal)), stderr };
    },
  };
  return {
    async open(size, signal) {
      if (!(await runs(signal)))
        throw new PtahError('not-found', `Container ${name} does not run any more.`, {
          hint: 'Run the image again.',
        });
      return openShell(host, size, signal);
    },
    async judge(exit, signal) {
      const there = await runs(signal).catch(() => true);
      if (!there) return { kind: 'lost', reason: `Container ${name} ended.` };
      return exit.exitCode === null
        ? { kind: 'lost', reason: exit.reason ?? 'The connection broke.' }
        : { kind: 'ended', reason: exit.reason };
    },
  };
}

/** A command without a terminal: nothing of it is read but its end. */
async function plain(
  docker: Docker,
  id: string,
  argv: readonly string[],
  signal: AbortSignal,
): ReturnType<ShellHost['exec']> {
  const exit = docker.exec(id, argv, { signal }).then(
    ({ exitCode }) => ({ exitCode, reason: null }),
    (error: unknown) => ({ exitCode: null, reason: error instanceof Error ? error.message : null }),
  );
  const stream = (): PassThrough => {
    const made = new PassThrough();
    void exit.then(() => made.end());
    return made;
  };
  return {
    stdin: stream(),
    stdout: stream(),
    stderr: stream(),
    exit,
    resize: () => undefined,
    close: () => undefined,
  };
}
