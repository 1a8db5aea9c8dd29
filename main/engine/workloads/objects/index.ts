export type * from './types.ts';
export type { ObjectsApi } from './objects-api.ts';
export { deletePod, restartWorkload, scaleWorkload } from './actions.ts';
export type { ActionResult } from './actions.ts';
export { editObject, readObject } from './edit-object.ts';
export type { EditRequest } from './edit-object.ts';
export { inspectObject } from './inspect.ts';
export { watchObjects } from './watch-objects.ts';
export type { ObjectsQuery } from './watch-objects.ts';
