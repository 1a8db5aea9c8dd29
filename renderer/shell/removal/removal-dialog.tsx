import { useState } from 'react';
import type { RemovalGroupId, RemovalPlan } from '../../../preload/contract/removal.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { FailureNote } from '../../components/failure.tsx';
import { Empty, ListState } from '../../components/list-state.tsx';
import { TypedName } from '../../components/typed-name.tsx';
import { toFailure } from '../../stores/failure.ts';
import { useResource, useStores } from '../../stores/react.ts';
import { count, size } from '../../text/words.ts';
import { RemovalGroups, Stays } from './removal-groups.tsx';
import { RemovalRun } from './removal-run.tsx';

/** Everything that is the project's, by groups to tick; what stays is said, and Cancel is what Enter presses. */
export function RemovalDialog({ projectId }: { projectId: string }) {
  const { removal } = useStores();
  const plan = useResource(removal.plans, projectId);
  const [jobId, setJobId] = useState<string | null>(null);
  const [ticks, setTicks] = useState<Partial<Record<RemovalGroupId, boolean>>>({});
  const [typed, setTyped] = useState('');
  const [starting, setStarting] = useState(false);
  const [refusal, setRefusal] = useState<unknown>(null);
  const { data } = plan;
  const close = () => removal.close();
  if (jobId !== null && data !== null)
    return (
      <RemovalRun jobId={jobId} name={data.project.name} chosen={chosenItems(data, ticks)} onClose={close} />
    );

  const chosen = data === null ? [] : chosenItems(data, ticks);
  const withCluster = data !== null && isTicked(data, 'cluster', ticks);
  const off = reasonOff(data, chosen.length, withCluster && typed !== data.cluster.name);
  const start = async () => {
    if (data === null || off !== null || starting) return;
    setStarting(true);
    setRefusal(null);
    try {
      const groups = data.groups.map(({ id }) => id).filter(id => isTicked(data, id, ticks));
      setJobId((await removal.start(projectId, data, groups)).jobId);
    } catch (thrown) {
      setRefusal(thrown);
    } finally {
      setStarting(false);
    }
  };

  return (
    <Dialog
      title={
        data === null ? 'Remove' : `Remove ${data.project.name} from ${data.cluster.context} and Docker?`
      }
      tone="warn"
      lead="Only what is listed and ticked goes, and all of it is this project’s. Nothing else is touched."
      width={680}
      onClose={close}
      buttons={
        <>
          {/* Enter must not destroy anything: the focus begins here. */}
          {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
          <Button autoFocus onClick={close}>
            Cancel
          </Button>
          <Button kind="danger" off={starting ? 'It is being started' : off} onClick={() => void start()}>
            {removeWord(chosen)}
          </Button>
        </>
      }
    >
      <ListState
        of={plan}
        who="The list of what there is"
        rows={6}
        isEmpty={found =>
          found.nothingToRemove && found.groups.every(({ unavailable }) => unavailable === null)
        }
        empty={
          <Empty
            icon="check"
            title="Nothing to remove"
            line="Nothing of this project is in the cluster or in Docker."
          />
        }
        onRetry={() => void removal.plans.load(projectId)}
        onStop={() => removal.plans.stopWaiting(projectId)}
      >
        {found => (
          <>
            <RemovalGroups
              plan={found}
              isTicked={id => isTicked(found, id, ticks)}
              onTick={(id, on) => setTicks({ ...ticks, [id]: on })}
            />
            {withCluster && (
              <TypedName
                name={found.cluster.name}
                allows="to delete the cluster with everything in it"
                value={typed}
                onChange={setTyped}
                onSubmit={() => void start()}
              />
            )}
            <Stays keeps={found.keeps} />
          </>
        )}
      </ListState>
      {refusal !== null && <FailureNote error={toFailure(refusal)} onRetry={() => void start()} />}
    </Dialog>
  );
}

const isTicked = (
  plan: RemovalPlan,
  id: RemovalGroupId,
  ticks: Partial<Record<RemovalGroupId, boolean>>,
): boolean => {
  const group = plan.groups.find(one => one.id === id);
  return group !== undefined && group.items.length > 0 && (ticks[id] ?? !group.askedApart);
};

export type ChosenItem = RemovalPlan['groups'][number]['items'][number];

const insideCluster: readonly RemovalGroupId[] = ['objects', 'node-images', 'volumes', 'namespaces'];

function chosenItems(
  plan: RemovalPlan,
  ticks: Partial<Record<RemovalGroupId, boolean>>,
): readonly ChosenItem[] {
  const withCluster = isTicked(plan, 'cluster', ticks);
  return plan.groups
    .filter(({ id }) => isTicked(plan, id, ticks) && !(withCluster && insideCluster.includes(id)))
    .flatMap(({ items }) => items);
}

function reasonOff(plan: RemovalPlan | null, chosen: number, wantsName: boolean): string | null {
  if (plan === null) return 'The list is being read';
  if (chosen === 0) return 'Nothing is ticked';
  return wantsName ? 'Type the name of the cluster first' : null;
}

function removeWord(chosen: readonly ChosenItem[]): string {
  if (chosen.length === 0) return 'Remove';
  const bytes = chosen.reduce((sum, { bytes: of }) => sum + (of ?? 0), 0);
  return `Remove ${count(chosen.length, 'thing')}${bytes > 0 ? `, ${size(bytes)}` : ''}`;
}
