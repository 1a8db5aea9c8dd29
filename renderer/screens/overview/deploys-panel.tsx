import { useState } from 'react';
import type { PastDeploy, StepName } from '../../../preload/contract/deploy.ts';
import { ListState } from '../../components/list-state.tsx';
import { Status } from '../../components/status.tsx';
import type { Tone } from '../../components/icon.tsx';
import type { JobView } from '../../stores/job-view.ts';
import { wordOfStep } from '../../stores/job-view.ts';
import { useNow, useStores } from '../../stores/react.ts';
import type { Loadable } from '../../stores/resource.ts';
import { duration, when } from '../../text/time.ts';
import { count } from '../../text/words.ts';

const states: Record<'deployed' | 'unchanged' | 'failed' | 'cancelled', readonly [Tone, string]> = {
  deployed: ['ok', 'Deployed'],
  unchanged: ['ok', 'Unchanged'],
  failed: ['bad', 'Failed'],
  cancelled: ['stopped', 'Cancelled'],
};
const first = 8;
const widest = 250;

/** When, how it ended, what it did, and where the time went: bars on one scale. */
export function DeploysPanel({
  projectId,
  history,
  context,
  live,
}: {
  projectId: string;
  history: Loadable<readonly PastDeploy[]>;
  context: string | null;
  live: JobView | null;
}) {
  const { deploys } = useStores();
  return (
    <section className="panel deploys" aria-label="Last deploys">
      <header>
        <h2>Last deploys</h2>
        {context !== null && <span className="t3">{context}</span>}
        <span className="grow" />
        <span className="legend">
          <i className="dur-key bl" />
          Build
        </span>
        <span className="legend">
          <i className="dur-key ro" />
          Rollout
        </span>
        <span className="legend">
          <i className="dur-key" />
          Other steps
        </span>
      </header>
      <ListState
        of={history}
        who="The engine"
        rows={2}
        isEmpty={data => data.length === 0}
        empty={<p className="t2 pad">Not deployed from this machine yet.</p>}
        onRetry={() => void deploys.histories.load(projectId)}
        onStop={() => deploys.histories.stopWaiting(projectId)}
      >
        {data => <Deploys history={data} live={live} />}
      </ListState>
    </section>
  );
}

/** What the deploy that runs is at, in its own words. */
function lastWord(live: JobView | null): string {
  const steps = Object.entries(live?.steps ?? {}) as [StepName, { state: string; message: string }][];
  const at = steps.findLast(([, step]) => step.state === 'running');
  if (at === undefined) return 'Running';
  return at[1].message === '' ? wordOfStep(at[0]) : at[1].message;
}

function summary(history: readonly PastDeploy[]): string {
  const ended = history.map(past => past.result).filter(result => result !== null);
  const good = ended.filter(result => result.state === 'deployed' || result.state === 'unchanged');
  const times = good.map(result => result.durationMs).toSorted((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  return `${count(history.length, 'deploy')}, ${good.length} succeeded${median === undefined ? '' : `, median ${duration(median)}`}`;
}

function Bar({ past, width }: { past: PastDeploy; width: number }) {
  const { result } = past;
  if (result === null) {
    return (
      <span className="dur" style={{ width }}>
        <i className="w" style={{ flex: 1 }} />
      </span>
    );
  }
  const parts = (Object.entries(result.durations) as [StepName, number][]).filter(([, ms]) => ms > 0);
  const words = parts.map(([name, ms]) => `${wordOfStep(name)} ${duration(ms)}`).join(', ');
  return (
    <span className="dur" style={{ width }} title={words}>
      <span className="sr">{words}</span>
      {parts.length === 0 && <i style={{ flex: 1 }} />}
      {parts.map(([name, ms]) => (
        <i key={name} className={classOf(name, result.failedStep)} style={{ flex: `${ms} 0 2px` }} />
      ))}
    </span>
  );
}

const classOf = (name: StepName, failed: StepName | null): string =>
  name === failed ? 'x' : name === 'build' ? 'bl' : name === 'rollout' ? 'ro' : 'other';

function Deploys({ history, live }: { history: readonly PastDeploy[]; live: JobView | null }) {
  const { dock } = useStores();
  const [all, setAll] = useState(false);
  const now = useNow(live !== null, 500);
  const shown = all ? history : history.slice(0, first);
  const longest = Math.max(
    1,
    ...shown.map(past => past.result?.durationMs ?? now - Date.parse(past.startedAt)),
  );
  return (
    <>
      <table className="list boxed">
        <colgroup>
          <col style={{ width: 132 }} />
          <col style={{ width: 112 }} />
          <col />
          <col style={{ width: widest + 26 }} />
          <col style={{ width: 96 }} />
          <col style={{ width: 64 }} />
        </colgroup>
        <tbody>
          {shown.map(past => {
            const { result } = past;
            const began = Date.parse(past.startedAt);
            const took = result?.durationMs ?? now - began;
            const [tone, word] = result === null ? (['working', 'Deploying'] as const) : states[result.state];
            return (
              <tr key={past.jobId}>
                <td className="t2">{when(began, now)}</td>
                <td>
                  <Status tone={result === null && !past.running ? 'stopped' : tone}>
                    {result === null && !past.running ? 'Broken off' : word}
                  </Status>
                </td>
                <td title={result?.summary}>
                  {result?.summary ?? (past.running ? lastWord(live) : 'The engine ended before it was done')}
                </td>
                <td>
                  <Bar past={past} width={widthOf(took, longest)} />
                </td>
                <td className="num">{duration(took)}</td>
                <td className="num">
                  <button
                    type="button"
                    className="link"
                    aria-label={`Show the log of ${when(began, now)}`}
                    onClick={() => dock.openJob(past.jobId)}
                  >
                    Log
                  </button>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {history.length > first && (
        <div className="t3 foot">
          {summary(history)}&ensp;
          <button type="button" className="link" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : 'Show all'}
          </button>
        </div>
      )}
    </>
  );
}

/** One long deploy among short ones would flatten the rest to nothing: the scale bends. */
const widthOf = (took: number, longest: number): number =>
  Math.max(4, widest * (Math.max(0, took) / longest) ** 0.6);
