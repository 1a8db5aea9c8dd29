import { z } from 'zod';
import { done, event, none, request, text } from './define.ts';

export const appInfo = z.object({
  version: z.string(),
  host: z.enum(['electron', 'loopback']),
  platform: z.string(),
  /** Where the application keeps its own files. */
  home: z.string(),
  /** The user's own home folder: paths below it are shown as `~/…`. */
  userHome: z.string(),
  node: z.string(),
});
export type AppInfo = z.infer<typeof appInfo>;

/** What the status bar says; always just read. */
export const machineStatus = z.object({
  docker: z.object({
    state: z.enum(['ready', 'unreachable', 'unknown']),
    version: z.string().nullable(),
    message: z.string(),
  }),
  running: z.number(),
  at: z.string(),
});
export type MachineStatus = z.infer<typeof machineStatus>;

export const requests = {
  'app.info': request(none, appInfo, {
    in: {},
    out: {
      version: '0.1.0',
      host: 'loopback',
      platform: 'linux',
      home: '/home/me/.config/ptah-desktop',
      userHome: '/home/me',
      node: '24.21.0',
    },
  }),
  'app.status': request(none, machineStatus, {
    in: {},
    out: {
      docker: { state: 'ready', version: '28.2.2', message: 'default socket' },
      running: 0,
      at: '2026-01-02T03:04:05.000Z',
    },
  }),
  /** Opens an address that the engine gave (http/https only; http only on the loopback) outside the window. */
  'app.openExternal': request(z.strictObject({ url: text }), done, {
    in: { url: 'http://127.0.0.1:4000/' },
    out: { ok: true },
  }),
  /** The native dialog for a file to write; null when it was cancelled, and in a browser, which has none. It asks before a file is replaced. */
  'app.chooseFile': request(
    z.strictObject({ title: text, proposed: text }),
    z.object({ path: z.string().nullable() }),
    {
      in: { title: 'Export the log of shop', proposed: '~/shop-20260102-030405.log' },
      out: { path: '/home/me/shop-20260102-030405.log' },
    },
  ),
};

export const events = {
  'app.status': event(machineStatus, {
    docker: {
      state: 'unreachable',
      version: null,
      message: 'No Docker engine answers on the default socket',
    },
    running: 1,
    at: '2026-01-02T03:04:05.000Z',
  }),
};
