import { useState } from 'react';
import { useStore } from 'zustand';
import { Button, IconButton } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { EvidenceBlock } from '../../components/failure.tsx';
import type { RowProps } from '../../components/rows.ts';
import { Status } from '../../components/status.tsx';
import type { Tone } from '../../components/icon.tsx';
import type { CheckResult } from '../../../preload/contract/setup.ts';
import { toFailure } from '../../stores/failure.ts';
import { useNow, usePeek, useStores } from '../../stores/react.ts';
import type { CheckRow } from '../../stores/setup.ts';

const states: Record<CheckResult['state'], readonly [Tone, string]> = {
  ok: ['ok', 'Ready'],
  warning: ['warn', 'Attention'],
  failed: ['bad', 'Failed'],
  'not-needed': ['stopped', 'Not needed'],
};

export function CheckRows({
  check,
  row,
  open,
  onToggle,
}: {
  check: CheckRow;
  row: RowProps;
  open: boolean;
  onToggle: () => void;
}) {
  const { setup } = useStores();
  const result = usePeek(setup.results, check.id);
  const isChecking = result.loadingSince !== null;
  const now = useNow(isChecking, 500);
  const { data, error } = result;
  const state = data === null ? null : states[data.state];
  const summary = error?.message ?? data?.summary ?? '';
  const hasMore = data !== null && (data.fixes.length > 0 || data.evidence !== null || data.hint !== null);
  const [first] = data?.fixes ?? [];
  return (
    <>
      <tr
        {...row}
        aria-label={check.title}
        aria-level={1}
        aria-expanded={hasMore ? open : undefined}
        className={hasMore ? 'opens' : undefined}
        onClick={event => hasMore && isOwn(event.target) && onToggle()}
      >
        <td>
          {isChecking ? (
            <Status tone="working">Checking</Status>
          ) : error !== null ? (
            <Status tone="bad">Not checked</Status>
          ) : state === null ? (
            <Status tone="wait">Waiting</Status>
          ) : (
            <Status tone={state[0]}>{state[1]}</Status>
          )}
        </td>
        <td className="b" title={check.title}>
          {check.title}
        </td>
        <td className="t2 wrap">
          {summary}
          {isChecking && now - (result.loadingSince ?? now) > 3000 && (
            <span className="t3">{` ${Math.floor((now - (result.loadingSince ?? now)) / 1000)} s`}</span>
          )}
        </td>
        <td>
          <div className="row end">
            {data !== null && data.state !== 'ok' && first !== undefined && (
              <Button small tabIndex={row.tabIndex} aria-expanded={open} onClick={onToggle}>
                {`${first.title}…`}
              </Button>
            )}
            <IconButton
              icon="refresh-cw"
              label={`Check ${check.title} again`}
              tabIndex={row.tabIndex}
              onClick={() => void setup.results.load(check.id)}
            />
          </div>
        </td>
      </tr>
      {open && hasMore && (
        <tr>
          <td colSpan={4} className="x">
            <CheckDetail check={data} />
          </td>
        </tr>
      )}
    </>
  );
}

const isOwn = (target: EventTarget) => target instanceof Element && target.closest('button, a') === null;

function CheckDetail({ check }: { check: CheckResult }) {
  return (
    <div className="det">
      {check.hint !== null && <p className="t2">{check.hint}</p>}
      {check.evidence !== null && (
        <EvidenceBlock error={{ message: check.summary, hint: null, details: check.evidence }} />
      )}
      {check.fixes.map(fix => (
        <FixLine key={fix.id} checkId={check.id} fix={fix} />
      ))}
    </div>
  );
}

/** The commands are shown before they are run, and can be copied to be run by hand. */
function FixLine({ checkId, fix }: { checkId: string; fix: CheckResult['fixes'][number] }) {
  const { setup, dock, activity } = useStores();
  const jobId = useStore(setup.fixes, state => state[checkId] ?? null);
  const job = usePeek(activity.jobs, '').data?.find(one => one.id === jobId) ?? null;
  const [error, setError] = useState<string | null>(null);
  const run = () => {
    setError(null);
    setup.fix(checkId, fix.id).then(
      id => dock.openJob(id),
      thrown => setError(toFailure(thrown).message),
    );
  };
  return (
    <div>
      <div className="fix-line">
        <span className="b nw">{fix.title}</span>
        <div className="fix-commands">
          {fix.commands.map(command => (
            <code key={command} className="mono">
              {command}
            </code>
          ))}
        </div>
        <CopyButton text={() => fix.commands.join('\n')} />
        {fix.automatic && (
          <Button
            small
            off={job?.state === 'running' && 'It is running'}
            aria-label={`Run: ${fix.title}`}
            onClick={run}
          >
            Run
          </Button>
        )}
      </div>
      {job !== null && fix.automatic && (
        <p>
          {job.state === 'running' && (
            <Status tone="working">{job.status === '' ? 'Running' : job.status}</Status>
          )}
          {job.state === 'failed' && <Status tone="bad">{job.error?.message ?? 'Failed'}</Status>}
          {job.state === 'succeeded' && <Status tone="done">Done, checked again</Status>}{' '}
          <button type="button" className="link" onClick={() => dock.openJob(job.id)}>
            Log
          </button>
        </p>
      )}
      {error !== null && (
        <p role="alert">
          <Status tone="bad">{error}</Status>
        </p>
      )}
    </div>
  );
}
