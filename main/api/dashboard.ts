import type { ApiEngine, Handlers } from './handler.ts';

export const dashboard = (engine: ApiEngine): Handlers<'dashboard'> => ({
  'dashboard.find': (input, { signal }) => engine.dashboard.find(input, signal),
  'dashboard.open': (input, { signal }) => engine.dashboard.open(input, signal),
});
