import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { killTree } from './kill-tree.ts';

/**
 * PATH as the user's login shell sets it, null where it doesn't say so in time. An application that was started by a
 * click gets a PATH of five folders, and brew, asdf and nvm are in none of them (podman-desktop#2447).
 * `env` is asked, not `$PATH`: fish keeps a list there. tcsh refuses `-l` beside another flag.
 */
export async function shellPath(env: NodeJS.ProcessEnv, limitMs = 2_000): Promise<string | null> {
  const shell = env.SHELL;
  if (!shell) return null;
  const marker = `ptah-${randomUUID()}`;
  const command = `echo ${marker}; env; echo ${marker}`;
  const flags = /^(t?csh)$/.test(basename(shell)) ? ['-ic', command] : ['-ilc', command];
  return new Promise(resolve => {
    // a session of its own: an interactive shell must not take the terminal away from us
    const child = spawn(shell, flags, {
      env: { ...env, TERM: 'dumb' },
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    const chunks: Buffer[] = [];
    const finish = () => {
      clearTimeout(timer);
      killTree(child, 'SIGKILL');
      child.stdout.destroy();
      resolve(parse(Buffer.concat(chunks).toString('utf8'), marker));
    };
    const timer = setTimeout(finish, limitMs);
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (chunks.length < 1_000 && Buffer.concat(chunks).toString('utf8').split(marker).length < 3) return;
      finish();
    });
    child.on('error', finish);
    child.on('close', finish);
  });
}

/** Start files print greetings: only what stands between the markers counts. */
function parse(output: string, marker: string): string | null {
  const between = output.split(marker)[1] ?? '';
  const line = between.split('\n').find(line => line.startsWith('PATH='));
  return line ? line.slice('PATH='.length).trim() : null;
}
