import { useEffect, useState, type ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { Status } from '../../components/status.tsx';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { RunPlan } from '../../../preload/contract/image-runs.ts';
import type { ImageState } from '../../../preload/contract/images.ts';
import { toFailure } from '../../stores/failure.ts';
import { imageKey } from '../../stores/images-by-hand.ts';
import { useResource, useStores } from '../../stores/react.ts';
import { dockerRun } from '../../text/docker-run.ts';
import { MountFields, PortFields, VariableFields } from './run-fields.tsx';
import { draftOf, readDraft, type RunDraft } from './run-draft.ts';
import { RunList } from './run-list.tsx';

const lookMs = 3_000;

/** An image without Kubernetes: what runs, and the form for one more. */
export function RunPanel({
  projectId,
  image,
  panels,
}: {
  projectId: string;
  image: ImageState;
  panels: ReactNode;
}) {
  const { imagesByHand } = useStores();
  const key = imageKey(projectId, image.name);
  const builtId = image.built?.id ?? null;
  const runs = useResource(imagesByHand.runs, projectId);
  const plan = useResource(imagesByHand.plans, image.built === null ? null : key);
  useEffect(() => {
    // what another window or a terminal starts and ends is seen, too
    const timer = setInterval(() => void imagesByHand.runs.load(projectId), lookMs);
    return () => clearInterval(timer);
  }, [imagesByHand, projectId]);
  useEffect(() => {
    // ports that were free a while ago may not be
    if (builtId !== null) void imagesByHand.plans.load(key);
  }, [imagesByHand, key, builtId]);
  return (
    <section aria-label={`Run ${image.name}`}>
      <header>
        {panels}
        <span className="t3 cut counts" title="without Kubernetes, by Docker alone">
          without Kubernetes, by Docker alone
        </span>
      </header>
      <div className="scroll">
        <RunList projectId={projectId} runs={runs.data ?? []} />
        {image.built === null ? (
          <Empty title="Not built yet" line="Build the image of the folder as it is, then run it here." />
        ) : (
          <ListState
            of={plan}
            who="Docker"
            onRetry={() => void imagesByHand.plans.load(key)}
            onStop={() => imagesByHand.plans.stopWaiting(key)}
          >
            {data => <RunForm key={data.reference} projectId={projectId} plan={data} />}
          </ListState>
        )}
      </div>
    </section>
  );
}

function RunForm({ projectId, plan }: { projectId: string; plan: RunPlan }) {
  const { client, imagesByHand } = useStores();
  const [draft, setDraft] = useState<RunDraft>(() => draftOf(plan));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);
  const { run, problem } = readDraft(draft);
  const change = (part: Partial<RunDraft>) => setDraft({ ...draft, ...part });
  const start = async () => {
    if (run === null) return;
    setBusy(true);
    setError(null);
    try {
      const started = await client.request('images.run', { projectId, name: plan.image, ...run });
      imagesByHand.openLog(projectId, started);
      void imagesByHand.plans.load(imageKey(projectId, plan.image));
    } catch (thrown) {
      setError(toFailure(thrown));
    } finally {
      setBusy(false);
      void imagesByHand.runs.load(projectId);
    }
  };
  const line = run === null ? null : dockerRun({ reference: plan.reference, ...run });
  const words = [...plan.entrypoint, ...plan.command].join(' ');
  return (
    <form
      className="run-form"
      aria-label={`How ${plan.image} is run`}
      onSubmit={event => {
        event.preventDefault();
        void start();
      }}
    >
      <PortFields ports={draft.ports} plan={plan} onChange={ports => change({ ports })} />
      <VariableFields
        variables={draft.environment}
        plan={plan}
        onChange={environment => change({ environment })}
      />
      <MountFields mounts={draft.mounts} plan={plan} onChange={mounts => change({ mounts })} />
      <fieldset>
        <legend>Command</legend>
        <span className="field wide">
          <input
            type="text"
            className="mono"
            aria-label="Command"
            spellCheck={false}
            placeholder={words === '' ? 'the image has none' : words}
            value={draft.command}
            onChange={event => change({ command: event.target.value })}
          />
        </span>
      </fieldset>
      {error !== null && (
        <p role="alert">
          <Status tone="bad">{error.message}</Status>{' '}
          {error.hint !== null && <span className="t2">{error.hint}</span>}
        </p>
      )}
      <div className="row">
        <Button type="submit" icon="play" off={busy ? 'It is being started' : problem}>
          {busy ? 'Starting' : 'Run'}
        </Button>
        {line === null ? (
          <Status tone="warn">{problem ?? ''}</Status>
        ) : (
          <>
            <code className="mono t3 cut" title={line}>
              {line}
            </code>
            <span className="grow" />
            <CopyButton label="Copy the command" text={() => line} />
          </>
        )}
      </div>
    </form>
  );
}
