import type { CheckResult } from '../../preload/contract/index.ts';
import type { ApiEngine, Handlers } from './handler.ts';
import { toPlainEvidence } from './redact.ts';

export const setup = (engine: ApiEngine): Handlers<'setup'> => ({
  'setup.list': input => engine.setup.list(input),
  'setup.check': async (input, { signal }) => {
    const result = await engine.setup.check(input, signal);
    return { ...result, evidence: toPlainEvidence(result.evidence) as CheckResult['evidence'] };
  },
  'setup.fix': input => engine.setup.fix(input),
});
