import type { StreamItem } from '../../preload/contract/index.ts';
import type { TerminalInfo } from '../../preload/contract/terminals.ts';
import { toBase64 } from '../shell/terminal/input-queue.ts';
import { openFeed, type Answers, type Feeds } from './fake-client.ts';

/** What a shell in the sample project wrote. */
const written = [
  '\u001b[32mroot@api-7c9f6d5b8-2xk4q\u001b[0m:\u001b[34m/srv\u001b[0m# ls -l --color\r\n',
  'total 28\r\n',
  'drwxr-xr-x 1 root root  4096 Jan  2 03:04 \u001b[34malembic\u001b[0m\r\n',
  'drwxr-xr-x 1 root root  4096 Jan  2 03:04 \u001b[34mapp\u001b[0m\r\n',
  '-rwxr-xr-x 1 root root   612 Jan  2 03:04 \u001b[32mentrypoint.sh\u001b[0m\r\n',
  '-rw-r--r-- 1 root root   104 Jan  2 03:04 größe-日本.txt\r\n',
  '\u001b[32mroot@api-7c9f6d5b8-2xk4q\u001b[0m:\u001b[34m/srv\u001b[0m# pytest -q\r\n',
  '\u001b[32m.......\u001b[0m\u001b[31mF\u001b[0m\u001b[33ms\u001b[0m\u001b[32m...\u001b[0m                                            [100%]\r\n',
  '\u001b[1;31mFAILED\u001b[0m tests/test_cart.py::\u001b[1mtest_checkout\u001b[0m - assert 500 == 202\r\n',
  'Docs: https://docs.pytest.org/en/stable/\r\n',
  '\u001b[32mroot@api-7c9f6d5b8-2xk4q\u001b[0m:\u001b[34m/srv\u001b[0m# ',
].join('');

export const terminal = (change: Partial<TerminalInfo> = {}): TerminalInfo => ({
  id: 't-1',
  projectId: 'p-1',
  namespace: 'shop',
  pod: 'api-7c9f6d5b8-2xk4q',
  container: 'api',
  state: 'running',
  message: null,
  exitCode: null,
  shell: 'bash',
  cols: 120,
  rows: 12,
  openedAt: '2026-01-02T03:04:05.000Z',
  ...change,
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A terminal that stands as `info` says, with `text` in it. */
export function terminalFeed(info: TerminalInfo, text = written): Feeds['terminals.attach'] {
  const bytes = bytesOf(text);
  const items: StreamItem<'terminals.attach'>[] = [
    { type: 'state', terminal: info, end: bytes.length },
    ...(bytes.length === 0 ? [] : [{ type: 'output' as const, from: 0, data: toBase64(bytes) }]),
  ];
  return (_, signal) => openFeed(items, signal);
}

export const terminalAnswers: Answers = {
  'terminals.list': () => [],
  'terminals.open': () => ({ id: 't-1' }),
  'terminals.input': () => ({ ok: true }),
  'terminals.resize': () => ({ ok: true }),
  'terminals.reconnect': () => ({ ok: true }),
  'terminals.close': () => ({ ok: true }),
  'terminals.debug': () => ({ ok: true }),
  'terminals.debugOffer': () => ({
    pod: 'web-6f5d7c8b9-d7xrw',
    container: 'web',
    node: 'dev-worker',
    steps: [
      'Adds a container to pod web-6f5d7c8b9-d7xrw, beside web, from an image that dev-worker holds already. Nothing is pulled.',
      'It shares the network of the pod and sees the processes of web; their files are below /proc/1/root.',
      'Nothing is restarted. Closing the terminal ends it; the pod keeps it in its list until the pod itself is gone.',
    ],
    images: ['docker.io/library/busybox:1', 'docker.io/library/python:3.13-slim'],
  }),
};

const states = {
  running: terminal(),
  ended: terminal({ state: 'ended', shell: null, exitCode: 3 }),
  lost: terminal({
    state: 'lost',
    shell: null,
    exitCode: 137,
    message: 'Container api ended with exit code 137 (OOMKilled).',
  }),
  bare: terminal({
    state: 'no-shell',
    shell: null,
    pod: 'web-6f5d7c8b9-d7xrw',
    container: 'web',
    message: 'The image of container web has no shell.',
  }),
} as const;

export const terminalStates = Object.keys(states) as (keyof typeof states)[];
export const terminalWorld = (state: keyof typeof states): { answers: Answers; feeds: Feeds } => ({
  answers: { 'terminals.list': () => [states[state]] },
  feeds: { 'terminals.attach': terminalFeed(states[state], state === 'bare' ? '' : written) },
});
