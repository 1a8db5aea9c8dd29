import type { ApiEngine, Handlers, Host } from './handler.ts';

export const dashboard = (engine: ApiEngine, host: Host): Handlers<'dashboard'> => ({
  'dashboard.find': (input, { signal }) => engine.dashboard.find(input, signal),
  async 'dashboard.open'(input, { signal }) {
    const { url, token, expiresAt } = await engine.dashboard.open(input, signal);
    // where this process has a clipboard, no window ever sees the token
    const copied = (await host.copySecret?.(token)) ?? false;
    return { url, expiresAt, token: copied ? null : token };
  },
  'dashboard.example': (input, { signal }) => engine.dashboard.example(input, signal),
});
