import type { ApiEngine, Handlers } from './handler.ts';
import { safeJob } from './stored-error.ts';

export const deploy = (engine: ApiEngine): Handlers<'deploy' | 'changes'> => ({
  'deploy.plan': (input, { signal }) => engine.deploy.plan(input, signal),
  'deploy.start': input => engine.deploy.start(input),
  'deploy.history': async input =>
    (await engine.deploy.history(input)).map(past => ({
      ...past,
      result: past.result && safeJob(past.result),
    })),
  'changes.object': (input, { signal }) => engine.changes.object(input, signal),
});
