import { clsx } from 'clsx';
import { useState } from 'react';
import { titleOfStep, type BuildStepView, type BuildView } from '../stores/build-view.ts';
import { useNow } from '../stores/react.ts';
import { duration } from '../text/time.ts';
import { count, size } from '../text/words.ts';
import { AnsiText } from './ansi.tsx';
import { Icon, Shape, type Tone } from './icon.tsx';

const tones: Record<BuildStepView['step']['state'], Tone> = {
  waiting: 'wait',
  running: 'working',
  done: 'done',
  cached: 'done',
  failed: 'bad',
  cancelled: 'stopped',
};
const words: Record<BuildStepView['step']['state'], string> = {
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  cached: 'done, cached',
  failed: 'failed',
  cancelled: 'cancelled',
};
/** More than this of one step's output is read in the raw log, which is a virtual list. */
const mostLines = 500;

/** The steps of a build: the one at hand and a failed one stand open, the rest opens on request. */
export function BuildSteps({ build }: { build: BuildView }) {
  const [chosen, setChosen] = useState<Readonly<Record<string, boolean>>>({});
  const [internal, setInternal] = useState(false);
  const now = useNow(build.state === 'running');
  const views = build.order.map(id => build.steps[id]).filter(view => view !== undefined);
  const own = views.filter(view => titleOfStep(view.step.name).internal);
  const shown = internal ? views : views.filter(view => !titleOfStep(view.step.name).internal);
  const isOpen = (view: BuildStepView) =>
    chosen[view.step.id] ??
    (view.step.state === 'failed' || (view.step.state === 'running' && view.lines.items.length > 0));

  return (
    <div className="steps">
      <ol>
        {shown.map(view => (
          <StepRow
            key={view.step.id}
            view={view}
            now={now}
            open={isOpen(view)}
            onToggle={() => setChosen({ ...chosen, [view.step.id]: !isOpen(view) })}
          />
        ))}
      </ol>
      {own.length > 0 && (
        <button
          type="button"
          className="steps-more"
          aria-expanded={internal}
          onClick={() => setInternal(!internal)}
        >
          {internal ? 'Hide the builder’s own steps' : `${count(own.length, 'step')} of the builder itself`}
        </button>
      )}
    </div>
  );
}

function StepRow({
  view,
  now,
  open,
  onToggle,
}: {
  view: BuildStepView;
  now: number;
  open: boolean;
  onToggle: () => void;
}) {
  const { step, lines, progress } = view;
  const title = titleOfStep(step.name);
  const started = step.startedAt === null ? null : Date.parse(step.startedAt);
  const finished = step.finishedAt === null ? null : Date.parse(step.finishedAt);
  const took = started === null ? null : (finished ?? (step.state === 'running' ? now : started)) - started;
  const hidden = Math.max(0, lines.items.length - mostLines);
  const errorBase = started ?? lines.items[0]?.at ?? 0;
  return (
    <li>
      <button
        type="button"
        className={clsx('bs', `is-${step.state}`)}
        aria-expanded={open}
        onClick={onToggle}
      >
        <Icon name={open ? 'chevron-down' : 'chevron-right'} className="twist" />
        <Shape tone={tones[step.state]} label={words[step.state]} />
        <span className="mono t3">{title.number ?? ''}</span>
        <span className="mono cut" title={step.name}>
          {title.text}
        </span>
        {step.state === 'cached' ? (
          <span className="cached">cached</span>
        ) : progress === null ? (
          <span />
        ) : (
          <span className="t3 nw">{`${size(progress.current)} of ${size(progress.total)}`}</span>
        )}
        <span className="bt">{took === null ? '' : duration(took)}</span>
      </button>
      {open && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <pre className="out step-out" tabIndex={0} role="group" aria-label={`Output of ${title.text}`}>
          {hidden > 0 && <span className="t3">{`${count(hidden, 'line')} before, in the raw log\n`}</span>}
          {lines.items.slice(hidden).map((line, index) => (
            // oxlint-disable-next-line react/no-array-index-key
            <span key={hidden + index} className="out-line">
              <span className="t3">{((line.at - errorBase) / 1000).toFixed(2).padStart(6)}</span>
              {'  '}
              <AnsiText text={line.text} />
              {'\n'}
            </span>
          ))}
          {step.error !== null && <span className="hit">{`${step.error}\n`}</span>}
          {lines.items.length === 0 && step.error === null && (
            <span className="t3">{step.state === 'cached' ? 'Taken from the cache.' : 'No output.'}</span>
          )}
        </pre>
      )}
    </li>
  );
}
