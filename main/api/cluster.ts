import type { ApiEngine, Handlers } from './handler.ts';

export const cluster = (engine: ApiEngine): Handlers<'cluster'> => ({
  'cluster.get': (input, { signal }) => engine.cluster.get(input, signal),
  'cluster.create': input => engine.cluster.create(input),
  'cluster.delete': input => engine.cluster.delete(input),
});
