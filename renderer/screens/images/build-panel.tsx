import { useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import { BuildSteps } from '../../components/build-steps.tsx';
import { Button } from '../../components/button.tsx';
import { Empty } from '../../components/list-state.tsx';
import { LogLines } from '../../components/log-lines.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Status } from '../../components/status.tsx';
import type { ImageState } from '../../../preload/contract/images.ts';
import { useShortcut } from '../../app/use-shortcut.ts';
import { countSteps, type BuildView } from '../../stores/build-view.ts';
import { useJobView, useNow, useStores } from '../../stores/react.ts';
import { duration } from '../../text/time.ts';

/** The build that runs or ran last, as steps or raw; replayed from the job's own record. */
export function BuildPanel({
  image,
  runningJob,
  off,
  panels,
  onBuild,
}: {
  image: ImageState;
  runningJob: string | null;
  off: string | null;
  panels: ReactNode;
  onBuild: (force: boolean) => void;
}) {
  const { activity, dock } = useStores();
  const [mode, setMode] = useState<'steps' | 'raw'>('steps');
  const live = useJobView(runningJob);
  const past = useJobView(image.lastBuild?.jobId ?? null);
  const liveBuild = live?.builds[image.name] ?? null;
  const build = liveBuild ?? past?.builds[image.name] ?? null;
  const jobId = liveBuild === null ? (image.lastBuild?.jobId ?? null) : runningJob;
  const isRunning = liveBuild !== null && liveBuild.state === 'running';
  const isStopping = useStore(activity.stopping, ids => runningJob !== null && ids.has(runningJob));
  const cancel = () => runningJob !== null && void activity.cancel(runningJob).catch(() => undefined);
  useShortcut('cancel', cancel, isRunning);
  const isCurrent = image.state === 'current';
  return (
    <section aria-label={`Build ${image.name}`}>
      <header>
        {panels}
        {build === null ? <span className="grow" /> : <BuildWord build={build} />}
        {build !== null && (
          <Segmented
            label="How the build is shown"
            value={mode}
            onChange={setMode}
            options={[
              { value: 'steps', label: 'Steps' },
              { value: 'raw', label: 'Raw log' },
            ]}
          />
        )}
        {isRunning ? (
          <Button small shortcut="cancel" off={isStopping && 'It is stopping'} onClick={cancel}>
            Cancel
          </Button>
        ) : (
          <Button small icon="hammer" off={off} onClick={() => onBuild(isCurrent)}>
            {isCurrent ? 'Build again' : 'Build'}
          </Button>
        )}
      </header>
      {build === null ? (
        image.lastBuild !== null && past !== null && !past.ended && past.error === null ? (
          <div className="blink" aria-busy="true" />
        ) : (
          <Empty
            title={image.built === null ? 'Not built yet' : 'No log of its build'}
            line={
              image.built === null
                ? 'Deploy builds it, or build it here without deploying.'
                : 'It was built by another program, or the log was dismissed.'
            }
          />
        )
      ) : mode === 'steps' ? (
        <div className="scroll">
          {build.warnings.length > 0 && (
            <div className="strip warn">
              <Status tone="warn">{build.warnings.map(warning => warning.message).join('; ')}</Status>
            </div>
          )}
          <BuildSteps build={build} />
          {build.error !== null && (
            <p className="pad" role="alert">
              <Status tone="bad">{build.error}</Status>
            </p>
          )}
        </div>
      ) : (
        <LogLines
          lines={build.lines.items}
          startedAt={build.startedAt}
          showSource={false}
          wrap={false}
          label={`Raw log of ${image.name}`}
        />
      )}
      {build !== null && jobId !== null && (
        <div className="row t2 foot">
          {build.method !== null && (
            <span title={build.method.reason}>{methods[build.method.name] ?? build.method.name}</span>
          )}
          <span className="grow" />
          <button type="button" className="link" onClick={() => dock.openJob(jobId, image.name)}>
            Open in the dock
          </button>
        </div>
      )}
    </section>
  );
}

const methods: Readonly<Record<string, string>> = {
  'buildkit-session': 'BuildKit, with a session',
  buildkit: 'BuildKit',
  classic: 'The classic builder',
};

function BuildWord({ build }: { build: BuildView }) {
  const now = useNow(build.state === 'running');
  const { total, finished, cached } = countSteps(build);
  const said = `${finished} of ${total}${cached > 0 ? `, ${cached} cached` : ''}`;
  const counts = (
    <span className="t3 cut counts" title={said}>
      {said}
    </span>
  );
  const took = build.durationMs === null ? '' : ` ${duration(build.durationMs)}`;
  switch (build.state) {
    case 'running':
      return (
        <>
          <Status tone="working" fill>{`Running ${duration(now - build.startedAt)}`}</Status>
          {counts}
        </>
      );
    case 'done':
      return (
        <>
          <Status tone="done" fill>{`Built${took}`}</Status>
          {counts}
        </>
      );
    case 'failed':
      return (
        <>
          <Status tone="bad" fill>{`Failed${took}`}</Status>
          <span className="grow" />
        </>
      );
    case 'cancelled':
      return (
        <>
          <Status tone="stopped" fill>
            Cancelled
          </Status>
          <span className="grow" />
        </>
      );
  }
}
