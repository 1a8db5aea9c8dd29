import type { ApiEngine, Handlers, StreamHandlers } from './handler.ts';
import { mapItems } from './map-items.ts';
import { safeJob, safeJobEvent } from './stored-error.ts';

export const activity = (engine: ApiEngine): Handlers<'activity'> => ({
  'activity.list': async input => (await engine.activity.list(input)).map(safeJob),
  'activity.get': async input => safeJob(await engine.activity.get(input)),
  'activity.cancel': input => engine.activity.cancel(input),
  'activity.dismiss': input => engine.activity.dismiss(input),
});

export const activityStreams = (engine: ApiEngine): StreamHandlers<'activity'> => ({
  'activity.follow': (input, { signal }) => mapItems(engine.activity.follow(input, signal), safeJobEvent),
});
