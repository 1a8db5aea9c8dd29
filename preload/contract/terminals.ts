import { z } from 'zod';
import { done, event, list, none, request, stream, text, time } from './define.ts';

/** The shell has one size; more than this is no window. */
export const terminalSize = {
  cols: z.number().int().min(2).max(1_000),
  rows: z.number().int().min(1).max(500),
};

export const terminalInfo = z.object({
  id: z.string(),
  projectId: z.string(),
  namespace: z.string(),
  pod: z.string(),
  container: z.string(),
  /**
   * `starting`: a shell is looked for; `message` where something is waited for. `ended`: the shell was left. `lost`: container or
   * connection went, `message` says why. `no-shell`: the image has none. `failed`: it could not be started.
   */
  state: z.enum(['starting', 'running', 'ended', 'lost', 'no-shell', 'failed']),
  message: z.string().nullable(),
  exitCode: z.number().nullable(),
  shell: z.string().nullable(),
  cols: z.number(),
  rows: z.number(),
  openedAt: time,
});
export type TerminalInfo = z.infer<typeof terminalInfo>;

/** Bytes as base64: a terminal's output is no text, and a character may be cut between two pieces. */
const bytes = z.base64();

export const terminalItem = z.discriminatedUnion('type', [
  /** `end` is the byte that comes next: what is sent from before it is a replay, and questions in it were answered long ago. */
  z.object({ type: z.literal('state'), terminal: terminalInfo, end: z.number() }),
  /** `from` counts bytes since the terminal was opened. */
  z.object({ type: z.literal('output'), from: z.number(), data: bytes }),
  /** What the view has does not connect to what follows: clear the screen, go on from here. */
  z.object({ type: z.literal('reset'), from: z.number() }),
]);
export type TerminalItem = z.infer<typeof terminalItem>;

export const debugOffer = z.object({
  pod: z.string(),
  container: z.string(),
  node: z.string().nullable(),
  /** Sentences: what is added, what it sees, what stays. */
  steps: list(z.string()),
  /** That the pod's node holds; nothing is pulled. The first is the proposal. */
  images: list(z.string()),
});
export type DebugOffer = z.infer<typeof debugOffer>;

const id = { id: text };
const sample: z.input<typeof terminalInfo> = {
  id: 't-1',
  projectId: 'p-1',
  namespace: 'default',
  pod: 'api-5d9c-x7k2p',
  container: 'api',
  state: 'running',
  message: null,
  exitCode: null,
  shell: '/usr/bin/bash',
  cols: 120,
  rows: 30,
  openedAt: '2026-01-02T03:04:05.000Z',
};

export const requests = {
  /** A shell in a container. It belongs to the engine: a window that goes does not end it. */
  'terminals.open': request(
    z.strictObject({ projectId: text, namespace: text, pod: text, container: text, ...terminalSize }),
    z.object(id),
    {
      in: {
        projectId: 'p-1',
        namespace: 'default',
        pod: 'api-5d9c-x7k2p',
        container: 'api',
        cols: 120,
        rows: 30,
      },
      out: { id: 't-1' },
    },
  ),
  'terminals.list': request(none, list(terminalInfo), { in: {}, out: [sample] }),
  /** Answers when the container's side took it: whoever waits for the answer never floods it. */
  'terminals.input': request(z.strictObject({ ...id, data: bytes.max(256 * 1024) }), done, {
    in: { id: 't-1', data: 'bHMgLWwN' },
    out: { ok: true },
  }),
  /** The view that was used last decides; every view hears of it. */
  'terminals.resize': request(z.strictObject({ ...id, ...terminalSize }), done, {
    in: { id: 't-1', cols: 100, rows: 24 },
    out: { ok: true },
  }),
  /** A new shell in the same terminal, after `ended`, `lost`, `no-shell` or `failed`. */
  'terminals.reconnect': request(z.strictObject(id), done, { in: { id: 't-1' }, out: { ok: true } }),
  /** Ends the shell. */
  'terminals.close': request(z.strictObject(id), done, { in: { id: 't-1' }, out: { ok: true } }),
  /** What a debug container would be. Changes nothing. */
  'terminals.debugOffer': request(z.strictObject(id), debugOffer, {
    in: { id: 't-1' },
    out: {
      pod: 'api-5d9c-x7k2p',
      container: 'api',
      node: 'dev-control-plane',
      steps: ['Adds a container to pod api-5d9c-x7k2p, beside api.'],
      images: ['docker.io/library/busybox:1'],
    },
  }),
  /** Adds a debug container to the pod and goes on in it. */
  'terminals.debug': request(z.strictObject({ ...id, image: text }), done, {
    in: { id: 't-1', image: 'docker.io/library/busybox:1' },
    out: { ok: true },
  }),
};

export const streams = {
  /** What was written from byte `after` on, as far as it is kept, then what follows; and each change of the state. */
  'terminals.attach': stream(z.strictObject({ ...id, after: z.number().int().min(0) }), terminalItem, {
    in: { id: 't-1', after: 0 },
    item: { type: 'output', from: 0, data: 'cm9vdEBhcGk6LyMg' },
  }),
};

export const events = {
  /** Opened, changed or closed, by whichever window. */
  'terminals.changed': event(z.object({ terminal: terminalInfo, closed: z.boolean() }), {
    terminal: sample,
    closed: false,
  }),
};
