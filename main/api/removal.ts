import type { ApiEngine, Handlers } from './handler.ts';

export const removal = (engine: ApiEngine): Handlers<'removal'> => ({
  'removal.plan': (input, { signal }) => engine.removal.plan(input, signal),
  'removal.start': input => engine.removal.start(input),
});
