import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import type { ObjectDiff, Plan } from '../../../preload/contract/deploy.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { ListState } from '../../components/list-state.tsx';
import { Segmented } from '../../components/segmented.tsx';
import { Mark, Status } from '../../components/status.tsx';
import { useResource, useStores } from '../../stores/react.ts';
import { diffKey } from '../../stores/stores.ts';
import { joined } from '../../text/words.ts';
import { markOf } from '../overview/objects-panel.tsx';
import { DiffView } from './diff/diff-view.tsx';
import { lineOfSource, type Rewrite } from './diff/rewrites.ts';
import { diffRows } from './diff/rows.ts';

type PlannedObject = Plan['objects'][number];
type Compared = 'live' | 'file';

/** One object: what the cluster holds beside what it would hold, or the file beside what Ptah made of it. */
export function ObjectPane({
  projectId,
  plan,
  object,
}: {
  projectId: string;
  plan: Plan;
  object: PlannedObject;
}) {
  const { diffs, layout } = useStores();
  const key = diffKey(projectId, object.ref);
  const diff = useResource(diffs, key);
  const mode = useStore(layout, state => state.diff);
  const [wanted, setWanted] = useState<Compared | null>(null);
  const compared = wanted ?? (diff.data !== null && diff.data.applied === null ? 'file' : 'live');
  const { kind, name, namespace } = object.ref;
  return (
    <section className="pane" aria-label={`${kind} ${name}`}>
      <div className="bar">
        <Mark mark={markOf(object.action)} />
        <h2 className="b nw">{`${kind} ${name}`}</h2>
        <span
          className="mono t3 cut"
          title={`${object.file}:${object.line}`}
        >{`${object.file}:${object.line}`}</span>
        <span className="grow" />
        <span className="legend">
          <i className="rw">~</i>Rewritten by Ptah
        </span>
        <span className="legend">
          <i className="del">−</i>
          <i className="add">+</i>Your edit
        </span>
        <Segmented
          label="Layout of the comparison"
          value={mode}
          onChange={value => layout.setState({ diff: value })}
          options={[
            { value: 'side', label: 'Side by side' },
            { value: 'inline', label: 'Inline' },
          ]}
        />
        <Segmented
          label="What is compared"
          value={compared}
          onChange={setWanted}
          options={[
            {
              value: 'live',
              label: 'Live',
              off: diff.data !== null && diff.data.applied === null ? 'The server was not asked' : null,
            },
            { value: 'file', label: 'File' },
          ]}
        />
      </div>
      {object.problem !== null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{object.problem.message}</Status>
          {object.problem.hint !== undefined && <span className="t2">{object.problem.hint}</span>}
        </div>
      )}
      {object.action === 'ask' && (
        <div className="strip warn">
          <Status tone="warn">{object.reason}</Status>
        </div>
      )}
      <ListState
        of={diff}
        who="The cluster"
        rows={10}
        onRetry={() => void diffs.load(key)}
        onStop={() => diffs.stopWaiting(key)}
      >
        {data => <Comparison plan={plan} diff={data} compared={compared} mode={mode} />}
      </ListState>
      <div className="bar bottom">
        <span className="t2">{object.reason}</span>
        {namespace !== null && <span className="t3">{`in namespace ${namespace}`}</span>}
        <span className="grow" />
        {diff.data !== null && <CopyButton label="Copy YAML" text={() => diff.data?.rewritten ?? ''} />}
      </div>
    </section>
  );
}

function Comparison({
  plan,
  diff,
  compared,
  mode,
}: {
  plan: Plan;
  diff: ObjectDiff;
  compared: Compared;
  mode: 'side' | 'inline';
}) {
  const [before, after] = compared === 'live' ? [diff.live, diff.applied] : [diff.source, diff.rewritten];
  const rows = useMemo(() => diffRows(before, after, diff.rewrites), [before, after, diff.rewrites]);
  const isEqual = rows.every(row => row.kind === 'same');
  const managers = [...new Set(diff.conflicts.map(conflict => conflict.manager))];
  return (
    <>
      {diff.problem !== null && (
        <div className="strip bad" role="alert">
          <Status tone="bad">{diff.problem.message}</Status>
          {diff.problem.hint !== undefined && <span className="t2">{diff.problem.hint}</span>}
        </div>
      )}
      {diff.conflicts.length > 0 && (
        <div className="strip warn">
          <Status tone="warn">{`${joined(diff.conflicts.map(conflict => conflict.field))} held by ${joined(managers)}`}</Status>
          <span className="t2">Deploy leaves it to them, and offers to take it over.</span>
        </div>
      )}
      {mode === 'side' && (
        <div className="sides">
          {compared === 'live' ? (
            <>
              <span>
                In the cluster now{' '}
                <span className="t3">{diff.live === null ? 'it is not there yet' : ''}</span>
              </span>
              <span>
                After deploy <span className="t3">as the server would store it</span>
              </span>
            </>
          ) : (
            <>
              <span>
                In the file <span className="t3">{diff.file}</span>
              </span>
              <span>
                After rewriting <span className="t3">what is applied</span>
              </span>
            </>
          )}
        </div>
      )}
      {isEqual && (
        <p className="t2 pad">
          {compared === 'live' ? 'The cluster equals the folder.' : 'Nothing is rewritten in this object.'}
        </p>
      )}
      <DiffView
        rows={rows}
        mode={mode}
        label="Comparison"
        renderNote={rewrite => <RewriteNote plan={plan} diff={diff} rewrite={rewrite} />}
      />
    </>
  );
}

function RewriteNote({ plan, diff, rewrite }: { plan: Plan; diff: ObjectDiff; rewrite: Rewrite }) {
  const line = lineOfSource(diff.source, rewrite.name, diff.line);
  const why = plan.images.find(image => image.name === rewrite.name)?.reason ?? null;
  const [file] = why?.files ?? [];
  return (
    <>
      <span className="mono">{`ptah://${rewrite.name}`}</span> in{' '}
      <span className="mono">{line === null ? diff.file : `${diff.file}:${line}`}</span> became{' '}
      <span className="mono">{rewrite.reference}</span>
      {why !== null && why.fileCount === 1 && file !== undefined ? (
        <>
          {' because '}
          <span className="mono">{file}</span>
          {' changed'}
        </>
      ) : (
        why !== null && `: ${why.message}`
      )}
    </>
  );
}
