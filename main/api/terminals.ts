import type { ApiEngine, Handlers, StreamHandlers } from './handler.ts';

export const terminals = (engine: ApiEngine): Handlers<'terminals'> => ({
  'terminals.open': input => engine.terminals.open(input),
  'terminals.list': input => engine.terminals.list(input),
  'terminals.input': (input, { signal }) => engine.terminals.input(input, signal),
  'terminals.resize': input => engine.terminals.resize(input),
  'terminals.reconnect': input => engine.terminals.reconnect(input),
  'terminals.close': input => engine.terminals.close(input),
  'terminals.debugOffer': (input, { signal }) => engine.terminals.debugOffer(input, signal),
  'terminals.debug': input => engine.terminals.debug(input),
});

export const terminalStreams = (engine: ApiEngine): StreamHandlers<'terminals'> => ({
  'terminals.attach': (input, { signal }) => engine.terminals.attach(input, signal),
});
