import type { LogOptions, LogSource, LogStatus } from '../../../preload/contract/logs.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Status } from '../../components/status.tsx';
import type { FixedLog } from './logs-panel.tsx';
import { clock } from '../../text/time.ts';
import { count, grouped } from '../../text/words.ts';

const reaches: readonly (readonly [string, string, Pick<LogOptions, 'tail' | 'sinceSeconds'>])[] = [
  ['tail-200', 'Last 200 lines', { tail: 200, sinceSeconds: null }],
  ['tail-2000', 'Last 2,000 lines', { tail: 2_000, sinceSeconds: null }],
  ['tail-20000', 'Last 20,000 lines', { tail: 20_000, sinceSeconds: null }],
  ['since-300', 'Last 5 minutes', { tail: null, sinceSeconds: 300 }],
  ['since-3600', 'Last hour', { tail: null, sinceSeconds: 3_600 }],
  ['since-86400', 'Last day', { tail: null, sinceSeconds: 86_400 }],
  ['all', 'Everything', { tail: null, sinceSeconds: null }],
];
const keyOf = ({ tail, sinceSeconds }: LogOptions): string =>
  tail !== null ? `tail-${tail}` : sinceSeconds !== null ? `since-${sinceSeconds}` : 'all';

/** How much is shown of how much, how the sources stand, and what can be done with it. */
export function LogsFoot({
  status,
  only,
  error,
  options,
  previous,
  isPrevious,
  note,
  onOptions,
  onPrevious,
  copied,
  onExport,
  onClear,
}: {
  status: LogStatus | null;
  only: FixedLog | null;
  error: string | null;
  options: LogOptions | null;
  /** Containers that had an instance before this one. */
  previous: readonly LogSource[];
  isPrevious: boolean;
  note: string | null;
  onOptions: (options: Pick<LogOptions, 'tail' | 'sinceSeconds'>) => void;
  onPrevious: () => void;
  /** The text of what is shown. */
  copied: () => Promise<string>;
  onExport: () => void;
  onClear: () => void;
}) {
  const shown = status === null ? 0 : status.end - status.first;
  const known = options === null ? null : keyOf(options);
  return (
    <div className="logfoot logs-foot">
      {status !== null && (
        <span className="cut">
          {shown === status.lines
            ? count(status.lines, 'line')
            : `Showing ${grouped(shown)} of ${grouped(status.lines)} lines`}
          {status.complete || status.problem !== null
            ? ''
            : `, ${Math.round(status.progress * 100)}% looked at`}
        </span>
      )}
      {status?.oldest != null && (
        <span className="cut yields" title={`Oldest kept ${status.oldest}`}>
          {`Oldest kept ${clock(Date.parse(status.oldest))}`}
          {status.dropped > 0 ? `, ${count(status.dropped, 'line')} cut` : ''}
        </span>
      )}
      {only === null
        ? status !== null && <Connected status={status} error={error} />
        : (only.state ?? (error !== null && <Status tone="bad">{error}</Status>))}
      {note !== null && (
        <span role="status" className="cut" title={note}>
          {note}
        </span>
      )}
      <span className="grow" />
      {only?.actions}
      {only === null && options !== null && (
        <select
          className="logs-reach"
          aria-label="How far back the log is read"
          title="How far back the log is read. Another choice reads it again"
          value={known ?? ''}
          onChange={event => {
            const chosen = reaches.find(([key]) => key === event.target.value)?.[2];
            if (chosen !== undefined) onOptions(chosen);
          }}
        >
          {known !== null && !reaches.some(([key]) => key === known) && (
            <option value={known}>{known.replace('-', ' ')}</option>
          )}
          {reaches.map(([key, word]) => (
            <option key={key} value={key}>
              {word}
            </option>
          ))}
        </select>
      )}
      {only === null && (
        <Button
          small
          kind="quiet"
          icon="history"
          aria-pressed={isPrevious}
          off={!isPrevious && previous.length === 0 && 'No container here has restarted'}
          onClick={onPrevious}
        >
          {isPrevious ? 'Present container' : 'Previous container'}
        </Button>
      )}
      {shown > 0 && (
        <span className={only === null ? 'logs-copy' : undefined}>
          <CopyButton text={copied} />
        </span>
      )}
      <Button
        small
        kind="quiet"
        icon="download"
        off={status === null && 'Nothing was read yet'}
        onClick={onExport}
      >
        Export…
      </Button>
      <Button
        small
        kind="quiet"
        icon="trash-2"
        title="Forget these lines here; new ones follow"
        onClick={onClear}
      >
        Clear
      </Button>
    </div>
  );
}

function Connected({ status, error }: { status: LogStatus; error: string | null }) {
  const lost = error ?? status.disconnected;
  if (lost !== null)
    return (
      <span className="cut" title={lost}>
        <Status tone="bad">{lost}</Status>
      </span>
    );
  const live = status.sources.filter(source => source.kind !== 'build');
  if (live.length === 0) return null;
  const failed = live.filter(source => source.state === 'failed' || source.state === 'retrying').length;
  const connected = live.filter(source => source.state === 'following').length;
  const [tone, words] =
    failed > 0
      ? (['bad', `${count(failed, 'source')} not connected`] as const)
      : connected === 0
        ? (['stopped', 'Nothing runs'] as const)
        : (['ok', `${count(connected, 'source')} connected`] as const);
  return (
    <span className="cut" title={words}>
      <Status tone={tone}>{words}</Status>
    </span>
  );
}
