// Child processes for the scripts: argument arrays, never a shell (except npm on Windows, which is a .cmd file).
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * Runs a program to its end. `output` is 'inherit' (shown as it comes), 'collect' (both kept, last 2 MB), or 'stdout' (only stdout kept, stderr shown).
 * @returns {Promise<{code: number, output: string, timedOut: boolean}>}
 */
export function run(command, argv, { output = 'inherit', env = {}, cwd, timeoutMs, onLine } = {}) {
  const stdio =
    output === 'inherit' ? 'inherit' : ['ignore', 'pipe', output === 'stdout' ? 'inherit' : 'pipe'];
  return new Promise(resolve => {
    const child = spawn(command, argv, { cwd, stdio, env: { ...process.env, ...env } });
    let text = '';
    let timedOut = false;
    const take = chunk => {
      text = (text + chunk).slice(-2_000_000);
      if (onLine) for (const line of String(chunk).split('\n')) if (line.trim()) onLine(line);
    };
    child.stdout?.on('data', take);
    child.stderr?.on('data', take);
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill('SIGKILL');
        }, timeoutMs)
      : undefined;
    const end = code => {
      clearTimeout(timer);
      resolve({ code, output: text, timedOut });
    };
    child.on('error', error => {
      text += `${error.message}\n`;
      end(127);
    });
    child.on('close', (code, signal) => end(code ?? exitCodeOf(signal)));
  });
}

/**
 * Hands the terminal to a program for good: its input, output and exit code are ours. Never resolves.
 * A terminal sends Ctrl+C to the whole group, so the child hears it by itself: we only wait for it.
 */
export function become(command, argv, { env = {}, cwd } = {}) {
  return new Promise(() => {
    const child = spawn(command, argv, { cwd, stdio: 'inherit', env: { ...process.env, ...env } });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
      process.on(signal, () => {
        if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      });
    child.on('error', error => {
      console.error(`${command}: ${error.message}`);
      process.exit(127);
    });
    child.on('close', (code, signal) => process.exit(code ?? exitCodeOf(signal)));
  });
}

/** npm of the same installation that runs us: `npm_execpath` is its script, and has no .cmd trouble on Windows. */
export function runNpm(argv, options) {
  const script = process.env.npm_execpath;
  return script?.endsWith('.js')
    ? run(process.execPath, [script, ...argv], options)
    : run(process.platform === 'win32' ? 'npm.cmd' : 'npm', argv, options);
}

/** The end of a failed program's output, for a message. */
export const lastLines = (text, count = 20) => text.trimEnd().split('\n').slice(-count).join('\n');

const exitCodeOf = signal => 128 + (constants.signals[signal] ?? 0);
