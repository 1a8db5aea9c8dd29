import { Button, Busy } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Status } from '../../components/status.tsx';
import { ProblemList } from '../../components/problem-list.tsx';
import type { Opening } from '../../stores/opening.ts';
import { useStores } from '../../stores/react.ts';
import { count } from '../../text/words.ts';

/** A folder without `ptah.yml`: what would be written and why, as a diff. Nothing is written before it is agreed to. */
export function ProposalDialog({ state }: { state: Extract<Opening, { step: 'proposal' }> }) {
  const { opening } = useStores();
  const { proposal, writing, error } = state;
  const files = [...new Set(proposal.edits.map(edit => edit.file))];
  const blocked = proposal.problems.some(problem => problem.severity === 'error');
  return (
    <Dialog
      title="Create ptah.yml?"
      width={760}
      scrolls
      lead={
        <>
          <span className="mono">{proposal.root}</span> has no ptah.yml. This is what would be written
          {files.length > 0 &&
            `, with ${count(proposal.edits.length, 'edit')} in ${count(files.length, 'manifest')}`}
          .
        </>
      }
      onClose={() => opening.cancel()}
      buttons={
        <>
          <Button onClick={() => opening.cancel()}>Cancel</Button>
          {writing ? (
            <Busy progress={null}>Writing</Busy>
          ) : (
            <Button
              kind="primary"
              off={blocked && 'The problems below stand in the way'}
              onClick={() => void opening.accept()}
            >
              {files.length > 0 ? 'Create and edit' : 'Create'}
            </Button>
          )}
        </>
      }
    >
      <div className="proposal">
        {error !== null && (
          <p role="alert">
            <Status tone="bad">{error.message}</Status>
            {error.hint !== null && <span className="t2">{` ${error.hint}`}</span>}
          </p>
        )}
        <ProblemList problems={proposal.problems} />
        {proposal.reasons.length > 0 && (
          <ul className="reasons">
            {proposal.reasons.map(reason => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        )}
        <FileDiff name="ptah.yml" note="new file">
          {proposal.configText
            .replace(/\n$/, '')
            .split('\n')
            .map((line, index) => (
              // oxlint-disable-next-line react/no-array-index-key
              <Row key={index} sign="add" number={index + 1} text={line} />
            ))}
        </FileDiff>
        {files.map(file => (
          <FileDiff
            key={file}
            name={file}
            note={count(proposal.edits.filter(edit => edit.file === file).length, 'edit')}
          >
            {proposal.edits
              .filter(edit => edit.file === file)
              .map(edit => (
                <div key={`${edit.line} ${edit.before}`}>
                  <Row sign="del" number={edit.line} text={edit.before} />
                  <Row sign="add" number={edit.line} text={edit.after} />
                  <div className="edit-reason">{edit.reason}</div>
                </div>
              ))}
          </FileDiff>
        ))}
      </div>
    </Dialog>
  );
}

function FileDiff({ name, note, children }: { name: string; note: string; children: React.ReactNode }) {
  return (
    <section className="panel" aria-label={name}>
      <header>
        <h3 className="mono b">{name}</h3>
        <span className="t3">{note}</span>
      </header>
      <div className="code signed">{children}</div>
    </section>
  );
}

function Row({ sign, number, text }: { sign: 'add' | 'del'; number: number; text: string }) {
  return (
    <div className={`ln ${sign}`}>
      <i>{number}</i>
      <span>
        <span className="sr">{sign === 'add' ? 'added: ' : 'removed: '}</span>
        {text}
      </span>
    </div>
  );
}
