import type { ApiEngine, Handlers, StreamHandlers } from './handler.ts';

export const workloads = (engine: ApiEngine): Handlers<'workloads'> => ({
  'workloads.openService': input => engine.workloads.openService(input),
});

export const workloadStreams = (engine: ApiEngine): StreamHandlers<'workloads'> => ({
  'workloads.watch': (input, { signal }) => engine.workloads.watch(input, signal),
});
