import { z } from 'zod';
import { done, list, request, stream, text, time } from './define.ts';
import { problem, sampleProblem } from './errors.ts';

export const logLevel = z.enum(['error', 'warn', 'info', 'debug', 'none']);
export type LogLevel = z.infer<typeof logLevel>;

/** Which sources a view is of. A container's previous instance is only read when it is asked for. */
export const logScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('project') }),
  z.strictObject({
    kind: z.literal('workload'),
    namespace: text,
    workload: z.strictObject({ kind: text, name: text }),
  }),
  z.strictObject({ kind: z.literal('pod'), namespace: text, pod: text }),
  z.strictObject({
    kind: z.literal('container'),
    namespace: text,
    pod: text,
    container: text,
    previous: z.boolean(),
  }),
  /** Builds: of one job, of one image, of both, or (two nulls) all of the project's. */
  z.strictObject({ kind: z.literal('build'), jobId: text.nullable(), image: text.nullable() }),
  /** A container that was started by hand, by its ID. */
  z.strictObject({ kind: z.literal('run'), id: text }),
  z.strictObject({ kind: z.literal('sources'), sources: list(text, 2_000) }),
]);
export type LogScope = z.infer<typeof logScope>;

/** A text to look for; `regex` makes it a JavaScript regular expression. Colour codes are not part of what is looked at. */
export const logPattern = z.strictObject({ text, regex: z.boolean(), matchCase: z.boolean() });
export type LogPattern = z.infer<typeof logPattern>;

/** A view is what it says: two windows that ask for the same one share it, and nobody has to open or close it. */
export const logView = z.strictObject({
  scope: logScope,
  /** Keys or groups of sources that are switched off. */
  hidden: list(text, 2_000),
  /** Null for all. */
  levels: list(logLevel, 5).nullable(),
  filter: z
    .strictObject({
      ...logPattern.shape,
      /** Lines that do not match. */
      invert: z.boolean(),
      /** So many lines before and after each match. */
      context: z.number().int().min(0).max(50),
    })
    .nullable(),
});
export type LogView = z.infer<typeof logView>;

export const logSource = z.object({
  key: z.string(),
  /** What one chip stands for: all containers of a workload, all builds or all runs by hand of an image. */
  group: z.string(),
  groupLabel: z.string(),
  kind: z.enum(['container', 'previous', 'build', 'run']),
  /** Short: `api x7k2p`. */
  label: z.string(),
  namespace: z.string().nullable(),
  workload: z.object({ kind: z.string(), name: z.string() }).nullable(),
  pod: z.string().nullable(),
  container: z.string().nullable(),
  init: z.boolean(),
  image: z.string().nullable(),
  jobId: z.string().nullable(),
  /**
   * `waiting`: the container has not started. `following`: connected, lines come as they are written. `retrying`: the connection
   * broke, `message` says why; it goes on where it stopped. `ended`: nothing will follow.
   */
  state: z.enum(['waiting', 'connecting', 'following', 'retrying', 'ended', 'failed', 'muted']),
  message: z.string().nullable(),
  restarts: z.number(),
  lines: z.number(),
  bytes: z.number(),
  /** Lines that were cut because the memory for logs is full. */
  dropped: z.number(),
});
export type LogSource = z.infer<typeof logSource>;

export const logStatus = z.object({
  at: time,
  /** Another one: rows were numbered anew, forget what was read. Rows keep their numbers otherwise. */
  generation: z.number(),
  /**
   * Rows of the view: `first` to `end - 1`. `first` falls (below 0, too) while a filter still looks further back, and rises when
   * old lines are cut; `end` rises with new lines.
   */
  first: z.number(),
  end: z.number(),
  /** False while the filter has not looked at everything. */
  complete: z.boolean(),
  /** 0 to 1. */
  progress: z.number(),
  /** A pattern that is none, or that took too long. */
  problem: problem.nullable(),
  /** Lines that match, without those of the context. */
  matches: z.number(),
  /** Lines in the scope, whatever the filter. */
  lines: z.number(),
  bytes: z.number(),
  dropped: z.number(),
  oldest: time.nullable(),
  levels: z.record(logLevel, z.number()),
  /** Of the scope, hidden ones too. */
  sources: list(logSource),
  /** Why the cluster (for what runs by hand: Docker) is not reached; null while it is. */
  disconnected: z.string().nullable(),
  /** What was there before somebody watched has been read. */
  ready: z.boolean(),
});
export type LogStatus = z.infer<typeof logStatus>;

export const logRow = z.object({
  row: z.number(),
  /** Of the line, for ever. */
  seq: z.number(),
  source: z.string(),
  /** RFC 3339 with nanoseconds, UTC. */
  at: time,
  level: logLevel,
  /** With colour codes. At most 8 KiB. */
  text: z.string(),
  /** Bytes of the whole line; `logs.line` has it. */
  length: z.number(),
  cut: z.boolean(),
  json: z.boolean(),
  /** False for a line of the context. */
  match: z.boolean(),
});
export type LogRow = z.infer<typeof logRow>;

export const logOptions = z.strictObject({
  /** Lines of each container to begin with; null for all. */
  tail: z.number().int().min(0).max(10_000_000).nullable(),
  /** Only so far back to begin with. */
  sinceSeconds: z.number().int().min(1).nullable(),
  /** Keys or groups of sources that are not read. */
  muted: list(text, 2_000),
});
export type LogOptions = z.infer<typeof logOptions>;

const project = { projectId: text };
const sampleView: z.input<typeof logView> = {
  scope: { kind: 'workload', namespace: 'default', workload: { kind: 'Deployment', name: 'api' } },
  hidden: [],
  levels: ['error', 'warn'],
  filter: { text: 'cart', regex: false, matchCase: false, invert: false, context: 2 },
};
const sampleKey = 'pod/default/api-5d9c-x7k2p/api';

export const requests = {
  /** Rows of a view, at most `count`; fewer at its ends. `from` is a row, or the line `{seq}` with as many before it as after it. */
  'logs.lines': request(
    z.strictObject({
      ...project,
      view: logView,
      from: z.union([z.number().int(), z.strictObject({ seq: z.number().int().min(0) })]),
      count: z.number().int().min(0).max(5_000),
    }),
    z.object({ generation: z.number(), first: z.number(), end: z.number(), rows: list(logRow) }),
    {
      in: { projectId: 'p-1', view: sampleView, from: 0, count: 200 },
      out: {
        generation: 1,
        first: 0,
        end: 1,
        rows: [
          {
            row: 0,
            seq: 41,
            source: sampleKey,
            at: '2026-01-02T03:04:05.123456789Z',
            level: 'error',
            text: 'POST /cart/8841/checkout 500',
            length: 28,
            cut: false,
            json: false,
            match: true,
          },
        ],
      },
    },
  ),
  /** One whole line, in pieces of at most 256 KiB; `offset` and `next` are bytes. */
  'logs.line': request(
    z.strictObject({ ...project, seq: z.number().int().min(0), offset: z.number().int().min(0) }),
    z.object({ text: z.string(), length: z.number(), next: z.number().nullable() }),
    {
      in: { projectId: 'p-1', seq: 41, offset: 0 },
      out: { text: 'POST /cart/8841/checkout 500', length: 28, next: null },
    },
  ),
  /**
   * The next or previous hit in a view, round its ends. `from` is a line's `seq`, or null for the end it starts from. `pattern` null
   * looks for the levels alone (the next error).
   */
  'logs.search': request(
    z.strictObject({
      ...project,
      view: logView,
      pattern: logPattern.nullable(),
      levels: list(logLevel, 5).nullable(),
      from: z.number().int().min(0).nullable(),
      direction: z.enum(['next', 'previous']),
    }),
    z.object({
      hit: z.object({ row: z.number(), seq: z.number(), index: z.number() }).nullable(),
      total: z.number(),
      generation: z.number(),
      problem: problem.nullable(),
    }),
    {
      in: {
        projectId: 'p-1',
        view: sampleView,
        pattern: { text: 'checkout', regex: false, matchCase: false },
        levels: null,
        from: 40,
        direction: 'next',
      },
      out: { hit: { row: 0, seq: 41, index: 3 }, total: 41, generation: 1, problem: sampleProblem },
    },
  ),
  /** Forgets the lines of a scope; new ones follow. */
  'logs.clear': request(z.strictObject({ ...project, scope: logScope }), done, {
    in: { projectId: 'p-1', scope: { kind: 'project' } },
    out: { ok: true },
  }),
  'logs.options': request(z.strictObject(project), logOptions, {
    in: { projectId: 'p-1' },
    out: { tail: 2000, sinceSeconds: null, muted: [] },
  }),
  /** Another tail or since reads everything again. */
  'logs.setOptions': request(z.strictObject({ ...project, options: logOptions }), logOptions, {
    in: { projectId: 'p-1', options: { tail: null, sinceSeconds: 600, muted: [sampleKey] } },
    out: { tail: null, sinceSeconds: 600, muted: [sampleKey] },
  }),
};

export const streams = {
  /** How a view stands, at once and whenever that changed, at most ten times a second. Watching also keeps its sources read. */
  'logs.watch': stream(z.strictObject({ ...project, view: logView }), logStatus, {
    in: { projectId: 'p-1', view: sampleView },
    item: {
      at: '2026-01-02T03:04:05.000Z',
      generation: 1,
      first: -12,
      end: 1200,
      complete: false,
      progress: 0.5,
      problem: null,
      matches: 240,
      lines: 48_120,
      bytes: 4_400_000,
      dropped: 0,
      oldest: '2026-01-02T02:41:05.123456789Z',
      levels: { error: 2, warn: 9, info: 48_000, debug: 100, none: 9 },
      sources: [
        {
          key: sampleKey,
          group: 'workload/default/Deployment/api',
          groupLabel: 'api',
          kind: 'container',
          label: 'api x7k2p',
          namespace: 'default',
          workload: { kind: 'Deployment', name: 'api' },
          pod: 'api-5d9c-x7k2p',
          container: 'api',
          init: false,
          image: 'api:b3c3fbc',
          jobId: null,
          state: 'following',
          message: null,
          restarts: 0,
          lines: 48_120,
          bytes: 4_400_000,
          dropped: 0,
        },
      ],
      disconnected: null,
      ready: true,
    },
  }),
  /** The text of a view as one file, in pieces: everything that was kept, that which was cut from memory too. */
  'logs.export': stream(
    z.strictObject({
      ...project,
      view: logView,
      timestamps: z.boolean(),
      /** Each line begins with its source. */
      names: z.boolean(),
    }),
    z.object({ text: z.string(), lines: z.number() }),
    {
      in: { projectId: 'p-1', view: sampleView, timestamps: true, names: true },
      item: { text: '2026-01-02T03:04:05.123456789Z api x7k2p | POST /cart/8841/checkout 500\n', lines: 1 },
    },
  ),
  /** The same into a file, which stands there whole or not at all; told as it grows, at last with `done`. */
  'logs.save': stream(
    z.strictObject({
      ...project,
      view: logView,
      timestamps: z.boolean(),
      names: z.boolean(),
      path: text,
      /** False: a file that is there already is an error, `already-there`. */
      overwrite: z.boolean(),
    }),
    z.object({ path: z.string(), lines: z.number(), bytes: z.number(), done: z.boolean() }),
    {
      in: {
        projectId: 'p-1',
        view: sampleView,
        timestamps: true,
        names: true,
        path: '~/shop.log',
        overwrite: false,
      },
      item: { path: '/home/me/shop.log', lines: 48_120, bytes: 4_400_000, done: true },
    },
  ),
};
