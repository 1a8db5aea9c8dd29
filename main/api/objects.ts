import type { ApiEngine, Handlers, StreamHandlers } from './handler.ts';

export const objects = (engine: ApiEngine): Handlers<'objects'> => ({
  'objects.restart': input => engine.objects.restart(input),
  'objects.scale': input => engine.objects.scale(input),
  'objects.deletePod': input => engine.objects.deletePod(input),
  'objects.read': (input, { signal }) => engine.objects.read(input, signal),
  'objects.edit': (input, { signal }) => engine.objects.edit(input, signal),
});

export const objectStreams = (engine: ApiEngine): StreamHandlers<'objects'> => ({
  'objects.watch': (input, { signal }) => engine.objects.watch(input, signal),
  'objects.inspect': (input, { signal }) => engine.objects.inspect(input, signal),
});
