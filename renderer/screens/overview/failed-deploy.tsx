import { useState } from 'react';
import type { DeployResult } from '../../../preload/contract/deploy.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Shape } from '../../components/icon.tsx';
import { OutputBlock } from '../../components/failure.tsx';
import { TakeOverDialog } from '../../shell/consent-dialogs.tsx';
import { countSteps, titleOfStep } from '../../stores/build-view.ts';
import { refKey, wordOfStep, type JobView } from '../../stores/job-view.ts';
import { useStores } from '../../stores/react.ts';
import { evidenceOf, failureText, usefulLine } from '../../text/failure.ts';
import { duration } from '../../text/time.ts';
import { count, joined } from '../../text/words.ts';

const lastLines = 15;

/** What failed, the first useful line, what to try, and the evidence. */
export function FailedDeploy({
  projectId,
  job,
  result,
  onForce,
}: {
  projectId: string;
  job: JobView;
  result: DeployResult;
  onForce: () => void;
}) {
  const { dock, location } = useStores();
  const [takeOver, setTakeOver] = useState(false);
  const failed = {
    message: result.error?.message ?? result.summary,
    hint: result.error?.hint ?? null,
    details: result.error?.details ?? {},
  };
  const { command, exit, output, place } = evidenceOf(failed);
  const builds = Object.values(job.builds).filter(build => build.state === 'failed');
  const [build] = builds;
  const rollouts = Object.values(job.rollouts).flatMap(status => status.problems);
  const conflicting = job.objects.filter(object => object.conflicts.length > 0);
  const refused = job.objects.filter(object => object.result === 'failed');
  const lines = output.length > 0 ? output : (build ?? job).lines.items.map(line => line.text);
  const shown = lines.slice(-lastLines);
  const useful = usefulLine({ ...failed, details: { ...failed.details, output: shown } });
  const tries = triesOf(result, [...new Set(rollouts.map(problem => problem.hint))]);
  const kept = Object.values(job.builds)
    .filter(one => one.state === 'done')
    .map(one => one.reference);
  const code = result.error?.code ?? '';

  return (
    <>
      <section className="panel fail" role="alert" aria-label="What failed">
        <div className="lead">
          <div className="row">
            <Shape tone="bad" className="s-14" />
            <h2 className="h2 big">{titleOf(job, result)}</h2>
            <span className="t2">
              {[exit, duration(result.durations[result.failedStep ?? 'scan'] ?? result.durationMs)]
                .filter(Boolean)
                .join(' after ')}
            </span>
            <span className="grow" />
            <CopyButton
              label="Copy all"
              outlined
              text={() => `${failureText(failed)}\n${shown.join('\n')}`}
            />
          </div>
          <div className="line">{useful}</div>
          {useful !== failed.message && <p className="t2">{failed.message}</p>}
          {place !== null && <p className="t2 mono">{place}</p>}
        </div>
        {(tries.length > 0 || conflicting.length > 0 || rollouts.length > 0 || refused.length > 0) && (
          <div className="fail-more">
            {rollouts.map(problem => (
              <div
                key={`${refKey(problem.ref)} ${problem.pod ?? ''} ${problem.container ?? ''} ${problem.code}`}
                className="fail-item"
              >
                <div className="b">{problem.message}</div>
                <div className="t2">{problem.hint}</div>
                <div className="mono t3">{[problem.pod, problem.container].filter(Boolean).join(', ')}</div>
                {problem.log.length > 0 && (
                  <OutputBlock
                    lines={problem.log.slice(-8)}
                    label={`Last log lines of ${problem.container ?? problem.ref.name}`}
                  />
                )}
                {problem.log.length === 0 && problem.events.length > 0 && (
                  <OutputBlock lines={problem.events.slice(-4)} label="Events" />
                )}
              </div>
            ))}
            {refused
              .filter(object => object.conflicts.length === 0)
              .map(object => (
                <div key={refKey(object.ref)} className="fail-item">
                  <div className="b">{`${object.ref.kind} ${object.ref.name}`}</div>
                  <div className="t2">{object.message}</div>
                </div>
              ))}
            {conflicting.length > 0 && (
              <div className="fail-item">
                <div className="b">{`${count(conflicting.length, 'object')} with fields that others hold`}</div>
                <div className="t2">
                  {joined([
                    ...new Set(
                      conflicting.flatMap(object => object.conflicts.map(conflict => conflict.manager)),
                    ),
                  ])}
                </div>
                <Button small onClick={() => setTakeOver(true)}>
                  Take over…
                </Button>
              </div>
            )}
            {tries.map(text => (
              <div key={text} className="fail-item">
                <div className="b">To try</div>
                <div className="t2">{text}</div>
                {code.startsWith('docker') && (
                  <Button small onClick={() => location.go({ screen: 'setup', projectId: null })}>
                    Open Setup
                  </Button>
                )}
                {code.startsWith('cluster') && (
                  <Button small onClick={() => location.go({ screen: 'cluster', projectId })}>
                    Open Cluster
                  </Button>
                )}
              </div>
            ))}
          </div>
        )}
      </section>
      <section className="panel" aria-label="Last output">
        <header>
          <h2>Last output</h2>
          <span className="t3">{`last ${shown.length} of ${count(lines.length, 'line')}`}</span>
          {command !== null && (
            <span className="mono t3 cut" title={command}>
              {command}
            </span>
          )}
          <span className="grow" />
          <Button
            small
            kind="quiet"
            icon="scroll-text"
            onClick={() => dock.openJob(job.jobId, build?.image ?? null)}
          >
            Full log
          </Button>
        </header>
        <OutputBlock lines={shown} label="Last output" />
        <div className="t2 foot">
          {kept.length === 0 ? whatIsKept(result) : `Kept: ${kept.join(', ')}. ${whatIsKept(result)}`}
        </div>
      </section>
      {takeOver && (
        <TakeOverDialog
          objects={conflicting}
          onClose={() => setTakeOver(false)}
          onAgree={() => {
            setTakeOver(false);
            onForce();
          }}
        />
      )}
    </>
  );
}

function titleOf(job: JobView, result: DeployResult): string {
  const build = Object.values(job.builds).find(one => one.state === 'failed');
  if (result.failedStep === 'build' && build !== undefined) {
    const { current, total } = countSteps(build);
    const number = current === null ? null : titleOfStep(current.step.name).number;
    return `Build of ${build.image} failed${number === null ? '' : ` at step ${number.split('/')[0]} of ${total}`}`;
  }
  if (result.failedStep === null) return 'The deploy failed';
  return `${wordOfStep(result.failedStep)} failed`;
}

const triesOf = (result: DeployResult, seen: readonly string[]): readonly string[] =>
  [result.error?.hint ?? null]
    .filter(hint => hint !== null && hint !== '' && !seen.includes(hint))
    .map(hint => hint ?? '');

const beforeApply = ['scan', 'cluster', 'build', 'load', 'diff'];
const whatIsKept = (result: DeployResult): string =>
  result.failedStep !== null && beforeApply.includes(result.failedStep)
    ? 'The cluster runs what it ran before.'
    : 'What was applied before stays in place.';
