import { clsx } from 'clsx';
import type { CSSProperties } from 'react';
import type { PastDeploy, Plan } from '../../../preload/contract/deploy.ts';
import { Shape, type Tone } from '../../components/icon.tsx';
import type { JobView } from '../../stores/job-view.ts';
import { pipelineOf, type PipelineStep } from '../../stores/pipeline.ts';

const tones: Record<PipelineStep['state'], Tone> = {
  done: 'done',
  working: 'working',
  wait: 'wait',
  part: 'stopped',
  failed: 'bad',
  skipped: 'done',
};
const words: Record<PipelineStep['state'], string> = {
  done: 'done',
  working: 'working',
  wait: 'waiting',
  part: 'stopped',
  failed: 'failed',
  skipped: 'nothing to do',
};

export function Pipeline({
  plan,
  job,
  history,
  now,
}: {
  plan: Plan | null;
  job: JobView | null;
  history: readonly PastDeploy[];
  now: number;
}) {
  const steps = pipelineOf(plan, job, history, now);
  return (
    <ol className="pipe" aria-label="Pipeline" style={{ '--steps': steps.length } as CSSProperties}>
      {steps.map(step => (
        <Step key={step.name} step={step} />
      ))}
    </ol>
  );
}

function Step({ step }: { step: PipelineStep }) {
  const state = step.state === 'part' ? 'part wait' : step.state === 'skipped' ? 'done' : step.state;
  const style =
    step.progress === null ? undefined : ({ '--p': `${Math.round(step.progress * 100)}%` } as CSSProperties);
  return (
    <li className={clsx('step', state)} style={style}>
      <div className="top">
        <Shape tone={tones[step.state]} />
        {step.word}
        <span className="sr">{`: ${words[step.state]}`}</span>
        <span className="took">{step.took}</span>
      </div>
      <div className="fact">
        {step.facts.slice(0, 2).map((fact, index) => (
          <div key={fact} className={clsx('cut', index > 0 && step.state === 'working' && 't3')} title={fact}>
            {fact}
          </div>
        ))}
      </div>
    </li>
  );
}
