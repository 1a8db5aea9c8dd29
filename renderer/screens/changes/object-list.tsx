import { clsx } from 'clsx';
import type { ObjectRef, Plan } from '../../../preload/contract/deploy.ts';
import { Button } from '../../components/button.tsx';
import { useRows } from '../../components/rows.ts';
import { Mark, type ObjectMark } from '../../components/status.tsx';
import { refKey } from '../../stores/job-view.ts';
import { usePeek, useStores } from '../../stores/react.ts';
import { diffKey } from '../../stores/stores.ts';
import { count } from '../../text/words.ts';
import { markOf } from '../overview/objects-panel.tsx';
import { countChanges, diffRows } from './diff/rows.ts';

export type MarkFilter = Readonly<Record<ObjectMark, boolean>>;
type PlannedObject = Plan['objects'][number];

const waves = ['crds', 'namespaces', 'configuration', 'workloads'] as const;
const waveWord = {
  crds: 'kinds',
  namespaces: 'namespaces',
  configuration: 'configuration',
  workloads: 'workloads',
};
const marks: readonly ObjectMark[] = ['new', 'changed', 'blocked', 'same', 'orphan'];

/** In the order they are applied; what changes stands first in its wave. */
export function shownObjects(plan: Plan, filter: MarkFilter): readonly PlannedObject[] {
  return waves.flatMap(wave => {
    const inWave = plan.objects.filter(object => object.wave === wave && filter[markOf(object.action)]);
    return [
      ...inWave.filter(object => object.action !== 'none'),
      ...inWave.filter(object => object.action === 'none'),
    ];
  });
}

export function ObjectList({
  plan,
  objects,
  projectId,
  selected,
  onSelect,
  filter,
  onFilter,
  onPrune,
}: {
  plan: Plan;
  objects: readonly PlannedObject[];
  projectId: string;
  selected: ObjectRef | null;
  onSelect: (ref: ObjectRef) => void;
  filter: MarkFilter;
  onFilter: (filter: MarkFilter) => void;
  onPrune: () => void;
}) {
  const keys = objects.map(object => refKey(object.ref));
  const selectKey = (key: string) => {
    const object = objects.find(one => refKey(one.ref) === key);
    if (object !== undefined) onSelect(object.ref);
  };
  const rows = useRows(keys, {
    selected: selected === null ? null : refKey(selected),
    onMove: selectKey,
    onOpen: selectKey,
  });
  const countOf = (mark: ObjectMark) =>
    mark === 'orphan'
      ? plan.prune.length
      : plan.objects.filter(object => markOf(object.action) === mark).length;
  const used = waves.filter(wave => plan.objects.some(object => object.wave === wave));
  return (
    <div className="objs">
      <div className="filt" role="group" aria-label="Which objects are shown">
        {marks
          .filter(mark => countOf(mark) > 0)
          .map(mark => (
            <button
              key={mark}
              type="button"
              className={clsx('chip', !filter[mark] && 'off')}
              aria-pressed={filter[mark]}
              onClick={() => onFilter({ ...filter, [mark]: !filter[mark] })}
            >
              <Mark mark={mark} />
              {countOf(mark)} {mark}
            </button>
          ))}
      </div>
      <div className="scroll">
        <div role="listbox" aria-label="Objects" tabIndex={-1} onKeyDown={rows.onKeyDown}>
          {used.map((wave, index) => {
            const all = plan.objects.filter(object => object.wave === wave);
            const changing = all.filter(object => object.action !== 'none').length;
            return (
              <div key={wave} role="group" aria-label={`Wave ${index + 1}, ${waveWord[wave]}`}>
                <div className="gr" aria-hidden="true">
                  <span>{`Wave ${index + 1}, ${waveWord[wave]}`}</span>
                  <span className="grow" />
                  {`${changing} of ${all.length} ${changing === 1 ? 'changes' : 'change'}`}
                </div>
                {objects
                  .filter(object => object.wave === wave)
                  .map(object => (
                    <div
                      key={refKey(object.ref)}
                      role="option"
                      {...rows.row(refKey(object.ref))}
                      aria-selected={selected !== null && refKey(selected) === refKey(object.ref)}
                      className={clsx('ob', object.action === 'none' && 'same')}
                      title={`${object.ref.kind} ${object.ref.name}: ${object.reason}`}
                      onClick={() => onSelect(object.ref)}
                    >
                      <Mark mark={markOf(object.action)} /> <span className="kd">{object.ref.kind}</span>{' '}
                      <span className="cut b grow">{object.ref.name}</span>{' '}
                      <Note projectId={projectId} object={object} />
                    </div>
                  ))}
              </div>
            );
          })}
        </div>
        {plan.prune.length > 0 && filter.orphan && (
          <section aria-label="In the cluster, not in the folder">
            <div className="gr">
              <span>In the cluster, not in the folder</span>
              <span className="grow" />
              <Button small onClick={onPrune}>
                Prune…
              </Button>
            </div>
            <ul>
              {plan.prune.map(item => (
                <li
                  key={refKey(item.ref)}
                  className="ob"
                  title={`${item.ref.kind} ${item.ref.name}: ${item.reason}`}
                >
                  <Mark mark="orphan" />
                  <span className="kd">{item.ref.kind}</span>
                  <span className="cut b grow">{item.ref.name}</span>
                  {item.keptUnlessAsked && <span className="nt">may hold data</span>}
                </li>
              ))}
            </ul>
          </section>
        )}
        {plan.skipped.length > 0 && (
          <section aria-label="Skipped documents">
            <div className="gr">
              <span>{`Skipped, ${count(plan.skipped.length, 'document')}`}</span>
            </div>
            <ul>
              {plan.skipped.map(item => (
                <li key={`${item.file}:${item.line}`} className="ob" title={item.reason}>
                  <span className="mono t2 cut">{`${item.file}:${item.line}`}</span>
                  <span className="nt cut grow">{item.reason}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
      <p className="t3 foot">
        Deploy leaves orphans alone. Each object is applied under the name{' '}
        <span className="mono">ptah-desktop</span>; fields that others own stay theirs.
      </p>
    </div>
  );
}

const noteOf: Record<PlannedObject['action'], string> = {
  create: 'new',
  change: '',
  replace: 'replaced',
  ask: 'asks first',
  none: '',
  blocked: 'blocked',
};

/** Rewrites and edits, once the object's texts were read. */
function Note({ projectId, object }: { projectId: string; object: PlannedObject }) {
  const { diffs } = useStores();
  const diff = usePeek(diffs, diffKey(projectId, object.ref)).data;
  if (object.action !== 'change' || diff === null || diff.live === null || diff.applied === null) {
    return <span className="nt">{noteOf[object.action]}</span>;
  }
  const { rewrites, edits } = countChanges(diffRows(diff.live, diff.applied, diff.rewrites));
  return (
    <>
      {rewrites > 0 && <span className="nt rw">{count(rewrites, 'rewrite')}</span>}
      {edits > 0 && <span className="nt">{count(edits, 'edit')}</span>}
    </>
  );
}
