import { Button, IconButton } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Status } from '../../components/status.tsx';
import type { RunView } from '../../../preload/contract/image-runs.ts';
import { useNow, useStores } from '../../stores/react.ts';
import { endWords } from '../../text/run-words.ts';
import { age } from '../../text/time.ts';

/** What was started by hand in this project, by Docker's own list; what ended stays with its log until it is dismissed. */
export function RunList({ projectId, runs }: { projectId: string; runs: readonly RunView[] }) {
  const now = useNow(runs.length > 0, 1_000);
  if (runs.length === 0) return null;
  return (
    <ul className="run-list" aria-label="Started by hand">
      {runs.map(run => (
        <RunRow key={run.id} projectId={projectId} run={run} now={now} />
      ))}
    </ul>
  );
}

function RunRow({ projectId, run, now }: { projectId: string; run: RunView; now: number }) {
  const { client, imagesByHand, toasts } = useStores();
  const open = (url: string) => {
    client
      .request('app.openExternal', { url })
      .catch(() =>
        toasts.show({ key: 'open', tone: 'bad', title: `${url} was not opened`, line: '', action: null }),
      );
  };
  const runs = run.state === 'running';
  return (
    <li className="row" aria-label={run.name}>
      {runs ? (
        <Status tone="ok">{`Running ${age(now - Date.parse(run.startedAt))}`}</Status>
      ) : (
        <Status tone={run.exitCode === 0 ? 'stopped' : 'bad'}>{endWords(run.exitCode)}</Status>
      )}
      <b className="b">{run.image}</b>
      <span className="mono t3 cut reference" title={run.name}>
        {run.reference}
      </span>
      {runs &&
        run.ports.map(({ container, host, protocol, url }) =>
          url === null ? (
            <span
              key={`${container}/${protocol}/${host}`}
              className="mono t3 nw"
            >{`${host} → ${container}/${protocol}`}</span>
          ) : (
            <button
              key={`${container}/${host}`}
              type="button"
              className="link nw"
              title={`Opens ${url}, which leads to port ${container}`}
              onClick={() => open(url)}
            >
              {url.replace(/\/$/, '')} <Icon name="external-link" size={12} />
            </button>
          ),
        )}
      <Button small icon="scroll-text" onClick={() => imagesByHand.openLog(projectId, run)}>
        Log
      </Button>
      {runs ? (
        <>
          <Button small icon="terminal" onClick={() => void imagesByHand.openTerminal(projectId, run)}>
            Terminal
          </Button>
          <Button small onClick={() => void imagesByHand.stop(projectId, run)}>
            Stop
          </Button>
        </>
      ) : (
        <IconButton
          icon="x"
          label="Dismiss it and its log"
          onClick={() => void imagesByHand.dismiss(projectId, run)}
        />
      )}
    </li>
  );
}
