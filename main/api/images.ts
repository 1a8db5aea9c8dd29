import type { ApiEngine, Handlers } from './handler.ts';

export const images = (engine: ApiEngine): Handlers<'images'> => ({
  'images.list': (input, { signal }) => engine.images.list(input, signal),
  'images.build': input => engine.images.build(input),
  'images.layers': (input, { signal }) => engine.images.layers(input, signal),
  'images.tags': (input, { signal }) => engine.images.tags(input, signal),
  'images.removeTags': (input, { signal }) => engine.images.removeTags(input, signal),
  'images.runPlan': (input, { signal }) => engine.images.runPlan(input, signal),
  'images.run': (input, { signal }) => engine.images.run(input, signal),
  'images.runs': (input, { signal }) => engine.images.runs(input, signal),
  'images.stopRun': input => engine.images.stopRun(input),
  'images.dismissRun': input => engine.images.dismissRun(input),
  'images.runTerminal': input => engine.images.runTerminal(input),
});
