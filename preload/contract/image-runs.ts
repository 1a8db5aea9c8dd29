import { z } from 'zod';
import { done, event, list, request, text, time } from './define.ts';
import { terminalSize } from './terminals.ts';

const port = z.number().int().min(1).max(65_535);
const runPort = z.object({ container: port, protocol: z.enum(['tcp', 'udp']), host: port });
const variable = z.object({ name: z.string(), value: z.string() });

export const runPlan = z.object({
  image: z.string(),
  reference: z.string(),
  /** From `EXPOSE`, each with a port of this machine that is free; `note` says why it is another number. */
  ports: list(runPort.extend({ note: z.string().nullable() })),
  environment: list(variable),
  entrypoint: list(z.string()),
  command: list(z.string()),
  workdir: z.string(),
  user: z.string(),
  volumes: list(z.string()),
});
export type RunPlan = z.infer<typeof runPlan>;

/** A container that somebody started by hand. `ended`: it is gone, its log is still here. */
export const runView = z.object({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  reference: z.string(),
  state: z.enum(['running', 'ended']),
  startedAt: time,
  endedAt: time.nullable(),
  exitCode: z.number().nullable(),
  ports: list(runPort.extend({ host: z.number(), url: z.string().nullable() })),
});
export type RunView = z.infer<typeof runView>;

const project = { projectId: text };
const of = { ...project, id: text };
const sample: z.input<typeof runView> = {
  id: '4f1c2d3e5a6b',
  name: 'ptah-run-api-k2x9p',
  image: 'api',
  reference: 'api:b3c3fbc',
  state: 'running',
  startedAt: '2026-01-02T03:04:05.000Z',
  endedAt: null,
  exitCode: null,
  ports: [{ container: 8000, protocol: 'tcp', host: 8000, url: 'http://127.0.0.1:8000/' }],
};
const absolute = text.regex(/^(\/|[A-Za-z]:[\\/])/, 'an absolute path');

export const requests = {
  /** What running the image that the folder gives now would be. Changes nothing. */
  'images.runPlan': request(z.strictObject({ ...project, name: text }), runPlan, {
    in: { projectId: 'p-1', name: 'api' },
    out: {
      image: 'api',
      reference: 'api:b3c3fbc',
      ports: [{ container: 8000, protocol: 'tcp', host: 8001, note: '8000 is taken on this machine.' }],
      environment: [{ name: 'PATH', value: '/usr/bin:/bin' }],
      entrypoint: [],
      command: ['uvicorn', 'app:app'],
      workdir: '/srv',
      user: '',
      volumes: [],
    },
  }),
  /** `docker run --rm`. `environment` is what is added or set anew; `command` null is the image's own. */
  'images.run': request(
    z.strictObject({
      ...project,
      name: text,
      ports: list(z.strictObject({ container: port, protocol: z.enum(['tcp', 'udp']), host: port }), 100),
      environment: list(
        z.strictObject({ name: text.regex(/^[^=\0]+$/, 'a name without ='), value: z.string().max(131_072) }),
        500,
      ),
      mounts: list(z.strictObject({ source: absolute, target: absolute, readOnly: z.boolean() }), 50),
      command: list(text, 200).nullable(),
    }),
    runView,
    {
      in: {
        projectId: 'p-1',
        name: 'api',
        ports: [{ container: 8000, protocol: 'tcp', host: 8001 }],
        environment: [{ name: 'MODE', value: 'dev' }],
        mounts: [{ source: '/home/me/data', target: '/data', readOnly: true }],
        command: null,
      },
      out: sample,
    },
  ),
  /** What runs by Docker's own list, and what ended while somebody looked. */
  'images.runs': request(z.strictObject(project), list(runView), { in: { projectId: 'p-1' }, out: [sample] }),
  'images.stopRun': request(z.strictObject(of), done, {
    in: { projectId: 'p-1', id: '4f1c' },
    out: { ok: true },
  }),
  /** Forgets one that ended, and its log. */
  'images.dismissRun': request(z.strictObject(of), done, {
    in: { projectId: 'p-1', id: '4f1c' },
    out: { ok: true },
  }),
  /** A shell in it; from then on a terminal as any other. */
  'images.runTerminal': request(z.strictObject({ ...of, ...terminalSize }), z.object({ id: z.string() }), {
    in: { projectId: 'p-1', id: '4f1c', cols: 120, rows: 30 },
    out: { id: 't-2' },
  }),
};

export const events = {
  /** A container started by hand, ended or was dismissed. */
  'images.runsChanged': event(z.object({ projectId: z.string() }), { projectId: 'p-1' }),
};
