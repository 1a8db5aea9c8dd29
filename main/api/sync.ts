import type { ApiEngine, Handlers, StreamHandlers } from './handler.ts';

export const sync = (engine: ApiEngine): Handlers<'sync'> => ({
  'sync.switch': input => engine.sync.switch(input),
  'sync.automatic': input => engine.sync.automatic(input),
  'sync.pause': input => engine.sync.pause(input),
  'sync.verify': (input, { signal }) => engine.sync.verify(input, signal),
  'sync.sendAll': (input, { signal }) => engine.sync.sendAll(input, signal),
  'sync.resolve': (input, { signal }) => engine.sync.resolve(input, signal),
  'sync.restart': (input, { signal }) => engine.sync.restart(input, signal),
});

export const syncStreams = (engine: ApiEngine): StreamHandlers<'sync'> => ({
  'sync.watch': (input, { signal }) => engine.sync.watch(input, signal),
  'sync.feed': (input, { signal }) => engine.sync.feed(input, signal),
});
