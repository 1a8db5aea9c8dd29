import { useStore } from 'zustand';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EvidenceBlock } from '../../components/failure.tsx';
import { onDemand } from '../../components/on-demand.tsx';
import { Status } from '../../components/status.tsx';
import { useStores } from '../../stores/react.ts';

const ProposalDialog = onDemand(async () => (await import('./proposal-dialog.tsx')).ProposalDialog);
const FolderBrowser = onDemand(async () => (await import('./folder-browser.tsx')).FolderBrowser);

/** What a folder can bring up before it stands in the list. */
export function OpeningDialogs() {
  const { opening } = useStores();
  const state = useStore(opening.store);
  switch (state.step) {
    case 'none':
      return null;
    case 'reading':
      return (
        <div className="reading" role="status">
          <Status tone="working">{`Reading ${state.path}`}</Status>
        </div>
      );
    case 'browse':
      return <FolderBrowser name={state.name} why={state.why} start={state.start} />;
    case 'proposal':
      return <ProposalDialog state={state} />;
    case 'same-identity':
      return (
        <Dialog
          title={`Is this the same project as ${state.project.name}?`}
          tone="warn"
          lead="Both folders have the same name and cluster, so a deploy of one would replace the other."
          onClose={() => opening.cancel()}
          buttons={
            <>
              <Button onClick={() => opening.cancel()}>Cancel</Button>
              <Button onClick={() => void opening.open(state.root, true)}>Another one, add it</Button>
              <Button kind="primary" onClick={() => void opening.open(state.root, false)}>
                The same, it moved
              </Button>
            </>
          }
        >
          <dl className="kv">
            <dt>In the list</dt>
            <dd className="mono">{state.project.root}</dd>
            <dt>This folder</dt>
            <dd className="mono">{state.root}</dd>
          </dl>
        </Dialog>
      );
    case 'failed':
      return (
        <Dialog
          title={state.path === '' ? 'The folder can’t be opened' : `${lastPart(state.path)} can’t be opened`}
          tone="bad"
          lead={state.error.message}
          width={620}
          onClose={() => opening.cancel()}
          buttons={
            <>
              <Button onClick={() => opening.cancel()}>Close</Button>
              <Button kind="primary" onClick={() => void opening.choose()}>
                Open another…
              </Button>
            </>
          }
        >
          {state.error.hint !== null && <p className="t2">{state.error.hint}</p>}
          <EvidenceBlock error={state.error} />
        </Dialog>
      );
  }
}

const lastPart = (path: string) => path.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
