import { PtahError, isAbort, toPtahError } from '../errors/index.ts';
import { checkDocker } from './check-docker.ts';
import { checkHelm } from './check-helm.ts';
import { checkKind } from './check-kind.ts';
import { checkDisk, checkInotify, checkMemory, checkPath } from './check-machine.ts';
import { checkNodeImage } from './check-node-image.ts';
import type { DiagnosticsDeps } from './deps.ts';
import type { Check, CheckResult } from './types.ts';

/** What can be wrong with this machine, and what mends it. */
export interface Diagnostics {
  /** In the order in which things are needed. */
  list(): readonly Pick<CheckResult, 'id' | 'category' | 'title'>[];
  /** Rejects only unknown ids: a check that breaks has failed. */
  run(id: string, signal?: AbortSignal): Promise<CheckResult>;
  fix(checkId: string, fixId: string, log: (line: string) => void, signal: AbortSignal): Promise<void>;
}

/** A check that hangs is as good as failed. */
const limitMs = 30_000;

export function createDiagnostics(deps: DiagnosticsDeps): Diagnostics {
  const checks: readonly Check[] = [
    checkDocker(deps),
    checkKind(deps),
    checkNodeImage(deps),
    checkHelm(deps, 'helm'),
    checkHelm(deps, 'helmfile'),
    checkDisk(deps),
    checkMemory(deps),
    checkInotify(deps),
    checkPath(deps),
  ];
  const find = (id: string): Check => {
    const check = checks.find(check => check.id === id);
    if (!check) throw new PtahError('check-unknown', `There is no check ${id}.`);
    return check;
  };
  return {
    list: () => checks.map(({ id, category, title }) => ({ id, category, title })),
    async run(id, signal) {
      const { category, title, ...check } = find(id);
      const began = performance.now();
      const limit = AbortSignal.timeout(limitMs);
      const found = await check
        .run(signal ? AbortSignal.any([signal, limit]) : limit)
        .catch((error: unknown): Awaited<ReturnType<Check['run']>> => {
          if (signal?.aborted && isAbort(error)) throw error;
          const { message, hint, details } = toPtahError(error);
          return { state: 'failed', summary: message, hint: hint ?? null, fixes: [], evidence: details };
        });
      return { id, category, title, ...found, durationMs: Math.round(performance.now() - began) };
    },
    async fix(checkId, fixId, log, signal) {
      const check = find(checkId);
      const { fixes } = await check.run(signal);
      const fix = fixes.find(({ id }) => id === fixId);
      if (!fix) {
        log('There is nothing to mend any more.');
        return;
      }
      if (!fix.automatic || !check.fix)
        throw new PtahError('fix-manual', `${fix.title}: this has to be done by hand.`, {
          hint: `Run: ${fix.commands.join(' && ')}`,
        });
      await check.fix(fixId, log, signal);
    },
  };
}
