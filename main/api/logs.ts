import type { ApiEngine, Handlers, StreamHandlers } from './handler.ts';

export const logs = (engine: ApiEngine): Handlers<'logs'> => ({
  'logs.lines': (input, { signal }) => engine.logs.lines(input, signal),
  'logs.line': input => engine.logs.line(input),
  'logs.search': (input, { signal }) => engine.logs.search(input, signal),
  'logs.clear': input => engine.logs.clear(input),
  'logs.options': input => engine.logs.options(input),
  'logs.setOptions': input => engine.logs.setOptions(input),
});

export const logStreams = (engine: ApiEngine): StreamHandlers<'logs'> => ({
  'logs.watch': (input, { signal }) => engine.logs.watch(input, signal),
  'logs.export': (input, { signal }) => engine.logs.export(input, signal),
  'logs.save': (input, { signal }) => engine.logs.save(input, signal),
});
