import type { ApiEngine, Handlers } from './handler.ts';

export const settings = (engine: ApiEngine): Handlers<'settings'> => ({
  'settings.get': input => engine.settings.get(input),
  'settings.update': input => engine.settings.update(input),
});
