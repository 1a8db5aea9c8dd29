import { useState } from 'react';
import type { SyncContainer } from '../../../../preload/contract/sync.ts';
import { Button } from '../../../components/button.tsx';
import { Dialog } from '../../../components/dialog.tsx';
import { Shape } from '../../../components/icon.tsx';
import { useStores } from '../../../stores/react.ts';
import type { DriftChoice } from '../../../stores/sync.ts';
import { useContainerWork } from '../../../stores/use-sync.ts';
import { driftWords } from '../../../text/sync.ts';
import { count } from '../../../text/words.ts';

type Drift = SyncContainer['drift'][number];
interface Asked {
  readonly choice: 'send' | 'fetch';
  readonly files: readonly Drift[];
  /** All there are, also what is not listed. */
  readonly all: boolean;
}
const shown = 50;

/** Files that somebody changed inside the container: nothing of them is overwritten before one of three is chosen. */
export function DriftList({ projectId, synced }: { projectId: string; synced: SyncContainer }) {
  const { sync } = useStores();
  const work = useContainerWork(projectId, synced.key);
  const [asked, setAsked] = useState<Asked | null>(null);
  const off = work.busy === null ? null : 'It is at work';
  const open = synced.drift.filter(one => !one.ignored);
  const ignored = synced.drift.filter(one => one.ignored);
  const act = (choice: DriftChoice, files: readonly Drift[], all: boolean) => {
    setAsked(null);
    const paths = all ? [] : files.map(one => one.path);
    sync.resolve(projectId, synced.key, paths, choice);
  };
  const ask = (choice: 'send' | 'fetch', files: readonly Drift[], all = false) => {
    if (files.some(one => loses(choice, one))) setAsked({ choice, files, all });
    else act(choice, files, all);
  };
  return (
    <section aria-label="Changed inside the container">
      <h3>
        <Shape tone="warn" />
        {open.length > 0 ? 'Changed inside the container' : 'Ignored changes inside'}
      </h3>
      <ul className="drift">
        {[...open, ...ignored].slice(0, shown).map(one => (
          <li key={one.path}>
            <div className="row">
              <span className="mono cut grow" title={one.path}>
                {one.path}
              </span>
              <span className="t3 nw">{one.ignored ? 'ignored' : driftWords[one.kind]}</span>
            </div>
            <div className="row tight">
              <Button
                small
                off={off}
                title={effect('send', one)}
                aria-label={`Send mine: ${one.path}`}
                onClick={() => ask('send', [one])}
              >
                {loses('send', one) ? 'Send mine…' : 'Send mine'}
              </Button>
              <Button
                small
                off={off}
                title={effect('fetch', one)}
                aria-label={`Fetch theirs: ${one.path}`}
                onClick={() => ask('fetch', [one])}
              >
                {loses('fetch', one) ? 'Fetch theirs…' : 'Fetch theirs'}
              </Button>
              {!one.ignored && (
                <Button
                  small
                  kind="quiet"
                  off={off}
                  title="Leaves both as they are until everything is sent"
                  aria-label={`Ignore: ${one.path}`}
                  onClick={() => act('ignore', [one], false)}
                >
                  Ignore
                </Button>
              )}
            </div>
          </li>
        ))}
        {synced.drift.length > shown && (
          <li className="t3">{`and ${count(synced.drift.length - shown, 'more', 'more')}`}</li>
        )}
      </ul>
      {open.length > 1 && (
        <div className="acts" role="group" aria-label={`All ${open.length}`}>
          <span className="t3">{`All ${open.length}`}</span>
          <Button small off={off} onClick={() => ask('send', open, true)}>
            Send all mine…
          </Button>
          <Button small off={off} onClick={() => ask('fetch', open, true)}>
            Fetch all…
          </Button>
          <Button small kind="quiet" off={off} onClick={() => act('ignore', open, true)}>
            Ignore all
          </Button>
        </div>
      )}
      {asked !== null && (
        <ChoiceDialog
          asked={asked}
          synced={synced}
          onClose={() => setAsked(null)}
          onAgree={() => act(asked.choice, asked.files, asked.all)}
        />
      )}
    </section>
  );
}

/** Sending over a deletion brings back what is gone; fetching what the folder lacks adds it: neither loses a byte. */
const loses = (choice: 'send' | 'fetch', one: Drift): boolean =>
  choice === 'send' ? one.kind !== 'deleted' : one.file !== null;

function effect(choice: 'send' | 'fetch', one: Drift): string {
  if (choice === 'send') {
    if (one.kind === 'deleted') return `Writes ${one.file ?? one.path} into the container again`;
    return one.file === null
      ? `Deletes ${one.path} in the container`
      : `Overwrites ${one.path} in the container with ${one.file}`;
  }
  if (one.kind === 'deleted') return `Deletes ${one.file ?? one.path} in the folder`;
  return one.file === null
    ? `Writes ${one.path} of the container into the folder`
    : `Overwrites ${one.file} in the folder with ${one.path} of the container`;
}

function ChoiceDialog({
  asked,
  synced,
  onClose,
  onAgree,
}: {
  asked: Asked;
  synced: SyncContainer;
  onClose: () => void;
  onAgree: () => void;
}) {
  const { choice, files } = asked;
  const [first] = files;
  const what =
    files.length === 1 && first !== undefined ? (first.file ?? first.path) : count(files.length, 'file');
  const isSend = choice === 'send';
  return (
    <Dialog
      title={isSend ? `Send ${what} to ${synced.container}?` : `Fetch ${what} from ${synced.container}?`}
      tone="warn"
      lead={
        isSend
          ? 'What was written inside the container is lost.'
          : 'What stands in the folder is lost, unless git or the editor still has it.'
      }
      width={560}
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" onClick={onAgree}>
            {isSend ? 'Send mine' : 'Fetch theirs'}
          </Button>
        </>
      }
    >
      <ul className="effects">
        {files.slice(0, shown).map(one => (
          <li key={one.path}>{effect(choice, one)}</li>
        ))}
        {files.length > shown && (
          <li className="t3">{`and ${count(files.length - shown, 'more', 'more')}`}</li>
        )}
      </ul>
    </Dialog>
  );
}
