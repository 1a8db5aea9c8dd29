import { Button } from '../components/button.tsx';
import { Status } from '../components/status.tsx';
import { useResource, useStores } from '../stores/react.ts';
import { endWords } from '../text/run-words.ts';
import { ProjectLog } from './logs/logs-panel.tsx';

/** What a container wrote that was started by hand: a log as any other, which begins and ends with it. */
export function RunLog({ projectId, runId, image }: { projectId: string; runId: string; image: string }) {
  const { imagesByHand } = useStores();
  const run = useResource(imagesByHand.runs, projectId).data?.find(one => one.id === runId) ?? null;
  const state =
    run === null ? null : run.state === 'running' ? (
      <Status tone="ok">Running</Status>
    ) : (
      <Status tone={run.exitCode === 0 ? 'stopped' : 'bad'}>{endWords(run.exitCode)}</Status>
    );
  const actions = run?.state === 'running' && (
    <>
      <Button
        small
        kind="quiet"
        icon="terminal"
        onClick={() => void imagesByHand.openTerminal(projectId, run)}
      >
        Terminal
      </Button>
      <Button small kind="quiet" onClick={() => void imagesByHand.stop(projectId, run)}>
        Stop
      </Button>
    </>
  );
  return (
    <ProjectLog
      projectId={projectId}
      only={{ scope: { kind: 'run', id: runId }, title: image, state, actions }}
    />
  );
}
