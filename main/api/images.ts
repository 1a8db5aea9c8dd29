import type { ApiEngine, Handlers } from './handler.ts';

export const images = (engine: ApiEngine): Handlers<'images'> => ({
  'images.list': (input, { signal }) => engine.images.list(input, signal),
  'images.build': input => engine.images.build(input),
});
