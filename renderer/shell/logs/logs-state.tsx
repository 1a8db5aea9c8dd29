import type { WireError } from '../../../preload/contract/errors.ts';
import type { LogScope, LogStatus } from '../../../preload/contract/logs.ts';
import { Button } from '../../components/button.tsx';
import { FailureNote } from '../../components/failure.tsx';
import { Empty } from '../../components/list-state.tsx';
import { Status } from '../../components/status.tsx';
import { useNow } from '../../stores/react.ts';
import { count } from '../../text/words.ts';

/** What stands in place of lines: connecting, no output yet, nothing runs, nothing matches, or why it can't be read. */
export function LogsState({
  status,
  error,
  scope,
  since,
  onRetry,
  onShowAll,
}: {
  status: LogStatus | null;
  error: WireError | null;
  scope: LogScope;
  /** Since when it is waited for. */
  since: number;
  onRetry: () => void;
  onShowAll: () => void;
}) {
  const now = useNow(true, 1000);
  if (status === null) {
    if (error !== null) return <FailureNote error={error} onRetry={onRetry} />;
    return <Connecting word="Connecting" seconds={seconds(since, now)} />;
  }
  if (status.lines > 0) {
    if (!status.complete && status.problem === null)
      return <Connecting word="Looking" seconds={seconds(since, now)} />;
    return (
      <Empty
        icon="list-filter"
        title={status.problem === null ? 'Nothing matches' : 'This filter does not work'}
        line={
          status.problem?.message ??
          `${count(status.lines, 'line')} are hidden by the filter, the levels or the sources.`
        }
      >
        <Button onClick={onShowAll}>Show all lines</Button>
      </Empty>
    );
  }
  const live = status.sources.filter(source => source.kind !== 'build');
  const failed = status.sources.filter(source => source.state === 'failed' || source.state === 'retrying');
  const [bad] = failed;
  if (status.disconnected !== null)
    return (
      <Empty
        icon="triangle-alert"
        title={
          /not allowed|forbidden/i.test(status.disconnected)
            ? 'Not allowed'
            : scope.kind === 'run'
              ? 'Docker is not reached'
              : 'The cluster is not reached'
        }
        line={status.disconnected}
      />
    );
  if (bad !== undefined && failed.length === live.length)
    return (
      <Empty
        icon="triangle-alert"
        title={/not allowed|forbidden/i.test(bad.message ?? '') ? 'Not allowed' : 'No log can be read'}
        line={`${bad.label}: ${bad.message ?? 'the connection broke'}`}
      />
    );
  if (live.some(source => source.state === 'connecting') || !status.ready)
    return (
      <Connecting
        word={live.length === 0 ? 'Connecting' : `Connecting to ${count(live.length, 'container')}`}
        seconds={seconds(since, now)}
      />
    );
  if (live.length > 0 && live.every(source => source.state === 'muted'))
    return (
      <Empty
        icon="scroll-text"
        title="Muted"
        line="None of these containers is read. Sources has the switches."
      />
    );
  const waiting = live.find(source => source.state === 'waiting');
  if (waiting !== undefined && live.every(source => source.state === 'waiting'))
    return (
      <Empty
        icon="clock"
        title="Not started yet"
        line={`${waiting.label}: ${waiting.message ?? 'the container has not started'}. Its log begins here when it does.`}
      />
    );
  if (scope.kind === 'run' && live.length > 0 && live.every(source => source.state === 'ended'))
    return <Empty icon="scroll-text" title="It wrote nothing" line="The container has ended." />;
  if (live.length > 0)
    return (
      <Empty
        icon="scroll-text"
        title={live.some(source => source.state === 'following') ? 'Connected, no output yet' : 'No output'}
        line={`${count(live.length, 'container')}: what they write stands here at once.`}
      />
    );
  return (
    <Empty
      icon="boxes"
      title={scope.kind === 'project' ? 'Nothing runs' : 'It is gone'}
      line={
        scope.kind === 'project'
          ? 'The log begins when the project is deployed; builds stand here, too.'
          : 'Nothing of this name runs now.'
      }
    />
  );
}

const seconds = (since: number, now: number) => Math.max(0, Math.floor((now - since) / 1000));

function Connecting({ word, seconds: waited }: { word: string; seconds: number }) {
  return (
    <div className="centre" role="status">
      <Status tone="working">{waited < 3 ? word : `${word}, ${waited} s`}</Status>
    </div>
  );
}
