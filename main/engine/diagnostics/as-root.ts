import type { Tools } from '../tools/index.ts';
import type { DiagnosticsDeps } from './deps.ts';
import type { Fix } from './types.ts';

/** Commands that need the administrator: run as they are by root, with a `sudo` that asks for no password, else shown for copying. */
export async function rootFix(
  { machine, tools }: DiagnosticsDeps,
  id: string,
  title: string,
  commands: readonly (readonly string[])[],
): Promise<Fix> {
  const automatic = machine.isRoot || (await sudoWithoutPassword(tools));
  const prefix = machine.isRoot ? '' : 'sudo ';
  return { id, title, commands: commands.map(argv => prefix + argv.join(' ')), automatic };
}

/** Runs such commands, line by line into the log. */
export async function runAsRoot(
  { machine, tools }: DiagnosticsDeps,
  commands: readonly (readonly string[])[],
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  for (const argv of commands) {
    const [program = '', ...rest] = machine.isRoot ? argv : ['sudo', '-n', ...argv];
    log(`$ ${[program, ...rest].join(' ')}`);
    await tools.run(program, rest, {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      onLine: log,
      signal,
    });
  }
}

async function sudoWithoutPassword(tools: Tools): Promise<boolean> {
  if (!(await tools.find('sudo'))) return false;
  const { exitCode } = await tools
    .run('sudo', ['-n', 'true'], { allowFailure: true, timeoutMs: 2_000 })
    .catch(() => ({ exitCode: 1 }));
  return exitCode === 0;
}
