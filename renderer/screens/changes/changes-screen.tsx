import { useMemo, useState } from 'react';
import type { ObjectRef, Plan } from '../../../preload/contract/deploy.ts';
import { Button } from '../../components/button.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { Status } from '../../components/status.tsx';
import { useShortcut } from '../../app/use-shortcut.ts';
import { PruneDialog } from '../../shell/consent-dialogs.tsx';
import { useProject } from '../../shell/current.ts';
import { DeployButton, useDeploying } from '../../shell/deploy-button.tsx';
import { useHints, type Hint } from '../../shell/hints.ts';
import { refKey } from '../../stores/job-view.ts';
import { useResource, useStores } from '../../stores/react.ts';
import { diffKey } from '../../stores/stores.ts';
import { ObjectList, shownObjects, type MarkFilter } from './object-list.tsx';
import { ObjectPane } from './object-pane.tsx';

const hints: readonly Hint[] = [
  { keys: 'ArrowUp+ArrowDown', word: 'object' },
  { keys: 'Shift+ArrowDown', word: 'next change' },
  { keys: 'Ctrl+Enter', word: 'deploy' },
];
const everything: MarkFilter = { new: true, changed: true, same: true, orphan: true, blocked: true };

export function ChangesScreen({ projectId }: { projectId: string }) {
  const { deploys, diffs } = useStores();
  const project = useProject(projectId);
  const plan = useResource(deploys.plans, projectId);
  const deploying = useDeploying(projectId);
  const [chosen, setChosen] = useState<ObjectRef | null>(null);
  const [filter, setFilter] = useState<MarkFilter>(everything);
  const [pruning, setPruning] = useState(false);
  useHints(hints);
  const compareAgain = () => {
    for (const object of plan.data?.objects ?? []) diffs.invalidate(diffKey(projectId, object.ref));
    void deploys.plans.load(projectId);
  };
  const changing = plan.data?.objects.filter(object => object.action !== 'none').length ?? 0;
  const sub = [project?.name, plan.data?.cluster.context].filter(Boolean).join(' to ');
  return (
    <main className="main" data-region="Main">
      <header className="head">
        <h1>Changes</h1>
        <span className="sub" title={sub}>
          {sub}
        </span>
        {plan.data !== null && plan.data.problems.length === 0 && (
          <Status tone={changing === 0 ? 'ok' : 'warn'} fill>
            {changing === 0
              ? 'The cluster matches your files'
              : `${changing} of ${plan.data.objects.length} objects change`}
          </Status>
        )}
        <span className="grow" />
        <Button icon="refresh-cw" onClick={compareAgain}>
          Compare again
        </Button>
        <DeployButton projectId={projectId} deploying={deploying} />
      </header>
      <div className="body flush">
        <ListState
          of={plan}
          who="The cluster"
          rows={8}
          isEmpty={data => data.objects.length === 0 && data.prune.length === 0}
          empty={
            <Empty
              icon="git-compare"
              title="No objects"
              line="No manifest of this folder has an object with apiVersion and kind. See the pattern manifests in ptah.yml."
            />
          }
          onRetry={() => void deploys.plans.load(projectId)}
          onStop={() => deploys.plans.stopWaiting(projectId)}
        >
          {data => (
            <Columns
              projectId={projectId}
              plan={data}
              chosen={chosen}
              onChoose={setChosen}
              filter={filter}
              onFilter={setFilter}
              onPrune={() => setPruning(true)}
            />
          )}
        </ListState>
      </div>
      {deploying.asking}
      {pruning && plan.data !== null && (
        <PruneDialog
          plan={plan.data}
          onClose={() => setPruning(false)}
          onAgree={prune => {
            setPruning(false);
            deploying.deploy({ prune });
          }}
        />
      )}
    </main>
  );
}

function Columns({
  projectId,
  plan,
  chosen,
  onChoose,
  filter,
  onFilter,
  onPrune,
}: {
  projectId: string;
  plan: Plan;
  chosen: ObjectRef | null;
  onChoose: (ref: ObjectRef) => void;
  filter: MarkFilter;
  onFilter: (filter: MarkFilter) => void;
  onPrune: () => void;
}) {
  const objects = useMemo(() => shownObjects(plan, filter), [plan, filter]);
  const changed = objects.filter(object => object.action !== 'none');
  const selected =
    plan.objects.find(object => chosen !== null && refKey(object.ref) === refKey(chosen)) ??
    changed[0] ??
    objects[0] ??
    null;
  const step = (by: 1 | -1) => {
    const at = changed.findIndex(object => object === selected);
    const next = changed[at < 0 ? 0 : (at + by + changed.length) % changed.length];
    if (next !== undefined) onChoose(next.ref);
  };
  useShortcut('nextChange', () => step(1), changed.length > 0);
  useShortcut('previousChange', () => step(-1), changed.length > 0);
  return (
    <div className="cols">
      <ObjectList
        plan={plan}
        objects={objects}
        projectId={projectId}
        selected={selected?.ref ?? null}
        onSelect={onChoose}
        filter={filter}
        onFilter={onFilter}
        onPrune={onPrune}
      />
      {selected === null ? (
        <Empty title="Nothing chosen" line="Choose an object at the left." />
      ) : (
        <ObjectPane key={refKey(selected.ref)} projectId={projectId} plan={plan} object={selected} />
      )}
    </div>
  );
}
