import type { ApiEngine, Handlers, StreamHandlers } from './handler.ts';

export const forwards = (engine: ApiEngine): Handlers<'forwards'> => ({
  'forwards.list': input => engine.forwards.list(input),
  'forwards.offers': (input, { signal }) => engine.forwards.offers(input, signal),
  'forwards.start': input => engine.forwards.start(input),
  'forwards.switch': input => engine.forwards.switch(input),
  'forwards.move': input => engine.forwards.move(input),
  'forwards.remove': input => engine.forwards.remove(input),
  'forwards.api': input => engine.forwards.api(input),
  'forwards.startAll': input => engine.forwards.startAll(input),
  'forwards.stopAll': input => engine.forwards.stopAll(input),
  'forwards.startWithProject': input => engine.forwards.startWithProject(input),
});

export const forwardStreams = (engine: ApiEngine): StreamHandlers<'forwards'> => ({
  'forwards.watch': (input, { signal }) => engine.forwards.watch(input, signal),
});
