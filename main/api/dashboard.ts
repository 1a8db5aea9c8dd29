import type { MethodOutput, PtahClient } from '../../preload/contract/index.ts';
import type { ApiEngine, Handlers, Host } from './handler.ts';

type Opened = MethodOutput<'dashboard.open'>;

export const dashboard = (engine: ApiEngine, host: Host): Handlers<'dashboard'> => ({
  'dashboard.find': (input, { signal }) => engine.dashboard.find(input, signal),
  async 'dashboard.open'(input, { signal }) {
    return keepToken(host, await engine.dashboard.open(input, signal));
  },
  'dashboard.example': (input, { signal }) => engine.dashboard.example(input, signal),
});

/** The same where the engine is another process's: its token goes into the clipboard of the process that has the window. */
export const attachedDashboard = (
  client: PtahClient,
  host: Host,
): Pick<Handlers<'dashboard'>, 'dashboard.open'> => ({
  'dashboard.open': async (input, { signal }) =>
    keepToken(host, await client.request('dashboard.open', input, { signal })),
});

/** Where this process has a clipboard, no window ever sees the token. */
async function keepToken(host: Host, opened: Opened): Promise<Opened> {
  if (opened.token === null) return opened;
  const copied = (await host.copySecret?.(opened.token)) ?? false;
  return copied ? { ...opened, token: null } : opened;
}
