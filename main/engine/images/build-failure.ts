import { join } from 'node:path';
import { diskFull, isDiskFull } from '../docker/index.ts';
import { PtahError } from '../errors/index.ts';
import type { FailedStep } from './build-recorder.ts';
import { lineInMessage, lineOfBase, lineOfStep } from './dockerfile-line.ts';
import type { BuildRequest } from './types.ts';

/** The error of a build that the engine ended: which line of the Dockerfile, with which exit code, and what it printed last. */
export function buildFailure(
  request: BuildRequest,
  message: string,
  { step, output }: FailedStep,
): PtahError {
  if (isDiskFull([message, step?.error ?? '', ...output].join('\n'))) return diskFull(message);
  // The classic builder has no word for a failed step: it is the one that it was at.
  const failed = step?.state === 'failed' || step?.id.startsWith('step-') ? step : null;
  const line =
    (failed && lineOfStep(request.dockerfileText, failed)) ??
    lineInMessage(message) ??
    lineOfBase(request.dockerfileText, failed?.name ?? message);
  const exitCode = exitCodeIn(failed?.error ?? message) ?? exitCodeIn(message);
  const file = request.dockerfilePath ?? join(request.contextDir, request.dockerfile);
  const place = [
    request.dockerfilePath ?? request.dockerfile,
    ...(line === null ? [] : [`line ${line}`]),
  ].join(', ');
  const reason = failed ? (instructionOf(failed.name) ?? failed.name) : message;
  return new PtahError(
    'build-failed',
    `Building ${request.name} failed at ${place}: ${exitCode === null ? message : `${reason} (exit code ${exitCode})`}`,
    {
      hint: hintFor(message),
      details: {
        file,
        ...(line === null ? {} : { line }),
        exitCode,
        output: output.length > 0 ? output : [message],
      },
    },
  );
}

function instructionOf(name: string): string | null {
  return /^\[[^\]]*\] (.*)$/s.exec(name)?.[1] ?? null;
}

function exitCodeIn(message: string): number | null {
  const found = /exit code:? (\d+)|non-zero code: (\d+)/.exec(message);
  return found ? Number(found[1] ?? found[2]) : null;
}

function hintFor(message: string): string {
  if (
    /pull access denied|failed to resolve source metadata|manifest unknown|no such host|failed to do request|unable to resolve|connection refused|i\/o timeout/i.test(
      message,
    )
  ) {
    return 'A base image could not be had: check its name, the network, and that you are logged in to its registry.';
  }
  if (
    /not found|no such file or directory|failed to compute cache key|failed to calculate checksum/i.test(
      message,
    ) &&
    /COPY|ADD|checksum|cache key|stat /i.test(message)
  ) {
    return 'A file that the Dockerfile copies is not in the build context; look at .dockerignore too.';
  }
  return 'Mend the Dockerfile or the files that it uses, then build again.';
}
