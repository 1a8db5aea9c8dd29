import { useState } from 'react';
import type { Problem, WireError } from '../../preload/contract/errors.ts';
import { evidenceOf, failureText } from '../text/failure.ts';
import { AnsiText } from './ansi.tsx';
import { Button } from './button.tsx';
import { CopyButton } from './copy-button.tsx';
import { ProblemList } from './problem-list.tsx';
import { Status } from './status.tsx';

type Shown = Pick<WireError, 'message' | 'hint'> & {
  readonly details: Readonly<Record<string, unknown>>;
  readonly cause?: readonly string[];
};

/** Those with a place of their own, such as the lines of a file that cannot be read. */
export function problemsOf({ details }: Pick<Shown, 'details'>): readonly Problem[] {
  const { problems } = details;
  return Array.isArray(problems) ? (problems as Problem[]).filter(({ file }) => file !== undefined) : [];
}

/** What failed, why, what to do; then, opened, command, exit status and output. */
export function FailureNote({ error, onRetry }: { error: Shown; onRetry?: () => void }) {
  const [open, setOpen] = useState(false);
  const cause = error.cause?.find(text => text !== error.message);
  const problems = problemsOf(error);
  return (
    <div className="centre" role="alert">
      <Status tone="bad" bold>
        {error.message}
      </Status>
      {cause !== undefined && <p className="t2">{cause}</p>}
      {error.hint !== null && problems.length === 0 && <p className="t2 empty-line">{error.hint}</p>}
      {problems.length > 0 && (
        <section className="panel" aria-label="Problems">
          <ProblemList problems={problems} />
        </section>
      )}
      <div className="row empty-actions">
        {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
        <Button kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
          Details
        </Button>
      </div>
      {open && <EvidenceBlock error={error} />}
    </div>
  );
}

export function EvidenceBlock({ error }: { error: Shown }) {
  const { command, exit, output, place } = evidenceOf(error);
  return (
    <div className="evidence">
      <div className="row">
        {command !== null && <span className="t3">Command</span>}
        {command !== null && <span className="mono cut">{command}</span>}
        {exit !== null && <span className="t3 nw">{exit}</span>}
        {place !== null && <span className="mono">{place}</span>}
        <span className="grow" />
        <CopyButton label="Copy all" text={() => failureText(error)} />
      </div>
      {output.length > 0 && <OutputBlock lines={output} />}
      {output.length === 0 && command === null && (
        <p className="t3">{(error.cause ?? []).join('; ') || 'No output was kept.'}</p>
      )}
    </div>
  );
}

const isBad = (line: string) => /\b(error|fatal)\b/i.test(line);

/** A few lines as they were printed; scrolls by itself and can be focused. */
export function OutputBlock({ lines, label = 'Output' }: { lines: readonly string[]; label?: string }) {
  return (
    // A block that scrolls has to be reachable by keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <pre className="out boxed" tabIndex={0} role="region" aria-label={label}>
      {lines.map((line, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <span key={index} className={isBad(line) ? 'hit' : undefined}>
          <AnsiText text={line} />
          {'\n'}
        </span>
      ))}
    </pre>
  );
}
