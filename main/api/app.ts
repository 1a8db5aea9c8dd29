import { homedir } from 'node:os';
import { checkExternalUrl } from './external-url.ts';
import type { ApiEngine, Handlers, Host } from './handler.ts';

export const app = (engine: ApiEngine): Pick<Handlers<'app'>, 'app.status'> => ({
  'app.status': (input, { signal }) => engine.app.status(input, signal),
});

/** What the window's own process answers, whoever runs the engine. */
export const hostApp = (
  host: Host,
  home: { readonly config: string },
): Omit<Handlers<'app'>, keyof ReturnType<typeof app>> => ({
  'app.info': () =>
    Promise.resolve({
      version: host.version,
      host: host.kind,
      platform: process.platform,
      home: home.config,
      userHome: homedir(),
      node: process.versions.node,
    }),
  'app.openExternal': async ({ url }) => {
    await host.openExternal(checkExternalUrl(url));
    return { ok: true };
  },
  'app.chooseFile': async ({ title, proposed }, { windowId }) => ({
    path: (await host.chooseFile?.(windowId, { title, proposed: inHome(proposed) })) ?? null,
  }),
});

/** `~/shop.log` as a dialog of the system understands it. */
const inHome = (path: string): string => path.replace(/^~(?=[/\\])/, () => homedir());
