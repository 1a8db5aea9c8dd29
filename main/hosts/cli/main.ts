import { createInterface } from 'node:readline/promises';
import type { Terminal } from './command.ts';
import { ptah } from './ptah.ts';

const interrupted = new AbortController();
let signals = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => {
    interrupted.abort();
    // whoever presses Ctrl+C twice does not want to wait for anything
    if (++signals > 1) process.exit(1);
  });
// `ptah images | head -1` closes the pipe: that is no error
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout)
      process.stderr.write(`error: The result can't be written: ${error.message}\n`);
    process.exit(1);
  });

const terminal: Terminal = {
  env: process.env,
  cwd: process.cwd(),
  out: text => void process.stdout.write(text),
  err: text => void process.stderr.write(text),
  interactive: process.stdin.isTTY && process.stderr.isTTY,
  async confirm(question) {
    const lines = createInterface({ input: process.stdin, output: process.stderr });
    try {
      const answer = await lines.question(`${question} [y/N] `, { signal: interrupted.signal });
      return /^y(es)?$/i.test(answer.trim());
    } finally {
      lines.close();
    }
  },
  signal: interrupted.signal,
};

const code = await ptah(process.argv.slice(2), terminal);
// everything printed has to be out before the end: pipes are written to in the background
await new Promise<void>(resolve => process.stdout.write('', () => resolve()));
await new Promise<void>(resolve => process.stderr.write('', () => resolve()));
process.exit(code);
