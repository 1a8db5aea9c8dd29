import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, vi } from 'vitest';
import { endChildren } from './end-children.mjs';

/** A process that runs this and says when it is ready. */
async function child(code) {
  const started = spawn(
    process.execPath,
    ['-e', `${code}; console.log('ready'); setInterval(() => {}, 1000)`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  await once(started.stdout, 'data');
  return started;
}
const stubborn = "process.on('SIGTERM', () => {})";

it('is over when the processes are, though a grandchild keeps a pipe open, and says nothing of waiting', async () => {
  const holder = `const { spawn } = require('node:child_process');
    const held = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600000)'], { stdio: ['ignore', 'inherit', 'ignore'] });
    process.on('SIGTERM', () => { console.log(held.pid); process.exit(0); })`;
  const parent = await child(holder);
  let printed = '';
  parent.stdout.on('data', text => (printed += text));
  const onSlow = vi.fn();
  await endChildren([parent], { quiet: 60_000, onSlow });
  expect(parent.exitCode).toBe(0);
  expect(onSlow).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(Number(printed)).toBeGreaterThan(0));
  process.kill(Number(printed), 'SIGKILL');
});

it('waits for what takes its time, and says so', async () => {
  const slow = await child("process.on('SIGTERM', () => setTimeout(() => process.exit(7), 1500))");
  const onSlow = vi.fn();
  await endChildren([slow], { quiet: 100, onSlow });
  expect(slow.exitCode).toBe(7);
  expect(onSlow).toHaveBeenCalledOnce();
});

it('kills what does not listen: at a second signal, or when patience is over', async () => {
  const [first, second] = await Promise.all([child(stubborn), child(stubborn)]);
  const hurry = new AbortController();
  const ending = endChildren([first], { quiet: 60_000, hurry: hurry.signal });
  hurry.abort();
  await ending;
  expect(first.signalCode).toBe('SIGKILL');
  await endChildren([second], { patience: 100 });
  expect(second.signalCode).toBe('SIGKILL');
});

it('asks each only once: a host takes a second signal for “at once”', async () => {
  const counting = await child(
    "let asked = 0; process.on('SIGTERM', () => { asked += 1; setTimeout(() => process.exit(asked), 300); })",
  );
  await endChildren([counting]);
  expect(counting.exitCode).toBe(1);
  await endChildren([counting]);
});
