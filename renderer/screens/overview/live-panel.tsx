import { AnsiText } from '../../components/ansi.tsx';
import { Button } from '../../components/button.tsx';
import { Shape } from '../../components/icon.tsx';
import { Status, type SquareState, Squares } from '../../components/status.tsx';
import { countSteps, type BuildView } from '../../stores/build-view.ts';
import { refKey, wordOfStep, type JobView } from '../../stores/job-view.ts';
import type { Line } from '../../stores/lines.ts';
import { useStores } from '../../stores/react.ts';
import type { RolloutStatus, StepName } from '../../../preload/contract/deploy.ts';
import { size } from '../../text/words.ts';

const tail = 6;

/** What the deploy is at: the build's last lines, the loads, the rollout. */
export function LivePanel({ job }: { job: JobView }) {
  const { dock } = useStores();
  const entries = Object.entries(job.steps) as [StepName, { state: string }][];
  const step = entries.findLast(([, one]) => one.state === 'running')?.[0] ?? entries.at(-1)?.[0] ?? 'scan';
  const build = Object.values(job.builds).findLast(one => one.state === 'running') ?? null;
  const title = build === null ? wordOfStep(step) : `Build ${build.image}`;
  return (
    <section className="panel live" aria-label={title}>
      <header>
        <Shape tone="working" label="working" />
        <h2>{title}</h2>
        {build !== null && <span className="t3">{stepNote(build)}</span>}
        <span className="grow" />
        <Button small icon="scroll-text" onClick={() => dock.openJob(job.jobId, build?.image ?? null)}>
          Full log
        </Button>
      </header>
      {build === null && step === 'rollout' ? (
        <Rollouts statuses={Object.values(job.rollouts)} />
      ) : build === null && step === 'load' ? (
        <Loads job={job} />
      ) : (
        <Tail lines={(build?.lines ?? job.lines).items} from={build?.startedAt ?? job.startedAt ?? 0} />
      )}
    </section>
  );
}

function stepNote(build: BuildView): string {
  const { finished, total } = countSteps(build);
  return total === 0 ? 'starting' : `step ${Math.min(finished + 1, total)} of ${total}`;
}

function Tail({ lines, from }: { lines: readonly Line[]; from: number }) {
  const shown = lines.slice(-tail);
  const start = lines.length - shown.length;
  return (
    <pre className="out live-out">
      {shown.map((line, index) => (
        <span key={start + index} className="out-line">
          <span className="t3">
            {Math.max(0, (line.at - from) / 1000)
              .toFixed(2)
              .padStart(5)}
          </span>{' '}
          <AnsiText text={line.text} />
          {'\n'}
        </span>
      ))}
      {shown.length === 0 && <span className="t3">No output yet</span>}
    </pre>
  );
}

function Loads({ job }: { job: JobView }) {
  return (
    <table className="list boxed">
      <tbody>
        {Object.values(job.loads).map(load => (
          <tr key={`${load.image} ${load.node}`}>
            <td className="b">{load.image}</td>
            <td className="mono">{load.node}</td>
            <td>
              {load.state === 'done' && <Status tone="done">On the node</Status>}
              {load.state === 'failed' && <Status tone="bad">Failed</Status>}
              {load.state === 'running' && (
                <Status tone="working">{`${size(load.sentBytes)}${load.totalBytes > 0 ? ` of ${size(load.totalBytes)}` : ''}`}</Status>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const rolloutTone = { waiting: 'working', ready: 'ok', failed: 'bad' } as const;

export function Rollouts({ statuses }: { statuses: readonly RolloutStatus[] }) {
  return (
    <table className="list boxed">
      <tbody>
        {statuses.map(status => (
          <tr key={refKey(status.ref)}>
            <td>
              <span className="b">{status.ref.name}</span> <span className="t3">{status.ref.kind}</span>
            </td>
            <td>
              <Squares states={squares(status)} label={`${status.ready} of ${status.desired} ready`} />
              &ensp;
              <Status tone={rolloutTone[status.state]}>{status.message}</Status>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const squares = ({ ready, desired, state }: RolloutStatus): readonly SquareState[] =>
  Array.from({ length: Math.min(desired, 12) }, (_, index) =>
    index < ready ? 'ok' : state === 'failed' ? 'bad' : 'working',
  );
