import { useState } from 'react';
import type { ObjectRef, Plan } from '../../preload/contract/deploy.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TypedName } from '../components/typed-name.tsx';
import { refKey } from '../stores/job-view.ts';
import { count, joined } from '../text/words.ts';

const nameOf = (ref: ObjectRef) => `${ref.kind} ${ref.name}`;

/** A cluster that is not of this machine: others may be using it, so its name has to be typed. */
export function GuardDialog({
  name,
  plan,
  onClose,
  onAgree,
}: {
  name: string;
  plan: Plan;
  onClose: () => void;
  onAgree: () => void;
}) {
  const { context } = plan.cluster;
  const [typed, setTyped] = useState('');
  const of = (...actions: readonly string[]) =>
    plan.objects.filter(object => actions.includes(object.action)).map(object => nameOf(object.ref));
  return (
    <Dialog
      title={`Deploy ${name} to ${context}?`}
      tone="warn"
      lead="This cluster is not on your machine. Others may be using it."
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            off={typed !== context && 'Type the name first'}
            onClick={onAgree}
          >{`Deploy to ${context}`}</Button>
        </>
      }
    >
      <dl className="kv">
        <dt>Namespace</dt>
        <dd className="mono">{plan.project.namespace}</dd>
        <dt>Create</dt>
        <dd>{joined(of('create')) || 'nothing'}</dd>
        <dt>Change</dt>
        <dd>{joined(of('change', 'replace', 'ask')) || 'nothing'}</dd>
        <dt>Leave</dt>
        <dd>{count(of('none').length, 'object')}</dd>
      </dl>
      <TypedName
        name={context}
        allows="to allow this deploy"
        value={typed}
        onChange={setTyped}
        onSubmit={onAgree}
      />
    </Dialog>
  );
}

function Ticks({
  items,
  ticked,
  onTick,
}: {
  items: readonly { readonly ref: ObjectRef; readonly reason: string; readonly note?: string | null }[];
  ticked: ReadonlySet<string>;
  onTick: (key: string, on: boolean) => void;
}) {
  return (
    <ul className="ticks">
      {items.map(({ ref, reason, note }) => (
        <li key={refKey(ref)}>
          <label>
            <input
              type="checkbox"
              checked={ticked.has(refKey(ref))}
              onChange={event => onTick(refKey(ref), event.target.checked)}
            />
            <span className="t3 kind">{ref.kind}</span>
            <span className="b">{ref.name}</span>
            {ref.namespace !== null && <span className="t3">{ref.namespace}</span>}
          </label>
          <div className="t2 tick-reason">
            {reason}
            {note != null && <span className="t3">{` ${note}`}</span>}
          </div>
        </li>
      ))}
    </ul>
  );
}

const toggled = (set: ReadonlySet<string>, key: string, on: boolean): ReadonlySet<string> =>
  new Set(on ? [...set, key] : [...set].filter(one => one !== key));

/** Objects whose change the cluster refuses: they can only be deleted and made again. */
export function ReplaceDialog({
  objects,
  onClose,
  onAgree,
}: {
  objects: Plan['objects'];
  onClose: () => void;
  onAgree: (replace: ObjectRef[]) => void;
}) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set<string>());
  const chosen = objects.filter(object => ticked.has(refKey(object.ref))).map(object => object.ref);
  return (
    <Dialog
      title={`Replace ${count(objects.length, 'object')}?`}
      tone="warn"
      lead="The cluster does not change these in place. A ticked one is deleted and made again; the others stay as they are."
      width={560}
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button onClick={() => onAgree(chosen)}>
            {chosen.length === 0 ? 'Deploy without replacing' : `Deploy and replace ${chosen.length}`}
          </Button>
        </>
      }
    >
      <Ticks items={objects} ticked={ticked} onTick={(key, on) => setTicked(toggled(ticked, key, on))} />
    </Dialog>
  );
}

/** Objects that no manifest names any more. Only the ticked ones go; what holds data is never ticked beforehand. */
export function PruneDialog({
  plan,
  onClose,
  onAgree,
}: {
  plan: Plan;
  onClose: () => void;
  onAgree: (prune: ObjectRef[]) => void;
}) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(
    () => new Set(plan.prune.filter(item => !item.keptUnlessAsked).map(item => refKey(item.ref))),
  );
  const chosen = plan.prune.filter(item => ticked.has(refKey(item.ref))).map(item => item.ref);
  return (
    <Dialog
      title={`Prune ${count(plan.prune.length, 'object')} from ${plan.cluster.context}?`}
      tone="warn"
      lead="They were deployed from this folder, and no manifest names them any more. Only the ticked ones are deleted."
      width={560}
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            off={chosen.length === 0 && 'Nothing is ticked'}
            onClick={() => onAgree(chosen)}
          >
            {plan.nothingToDo ? `Prune ${chosen.length}` : `Deploy and prune ${chosen.length}`}
          </Button>
        </>
      }
    >
      <Ticks
        items={plan.prune.map(item => ({
          ...item,
          note: item.keptUnlessAsked ? 'It may hold data: kept unless you tick it.' : null,
        }))}
        ticked={ticked}
        onTick={(key, on) => setTicked(toggled(ticked, key, on))}
      />
    </Dialog>
  );
}

/** The configuration changed after the cluster was made: only a new cluster takes it up. */
export function RecreateDialog({
  plan,
  onClose,
  onAgree,
}: {
  plan: Plan;
  onClose: () => void;
  onAgree: () => void;
}) {
  const { name } = plan.cluster;
  const [typed, setTyped] = useState('');
  return (
    <Dialog
      title={`Delete ${name} and make it anew?`}
      tone="warn"
      lead="Everything in the cluster goes with it, volumes too. Then it is made from the Kind configuration as it is now, and deployed to."
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="danger"
            off={typed !== name && 'Type the name first'}
            onClick={onAgree}
          >{`Make ${name} anew`}</Button>
        </>
      }
    >
      <TypedName name={name} allows="to delete it" value={typed} onChange={setTyped} onSubmit={onAgree} />
    </Dialog>
  );
}

/** Fields that others hold: taken over only when it is said so. */
export function TakeOverDialog({
  objects,
  onClose,
  onAgree,
}: {
  objects: readonly {
    readonly ref: ObjectRef;
    readonly conflicts: readonly { readonly manager: string; readonly field: string }[];
  }[];
  onClose: () => void;
  onAgree: () => void;
}) {
  const fields = objects.reduce((sum, object) => sum + object.conflicts.length, 0);
  return (
    <Dialog
      title={`Take over ${count(fields, 'field')}?`}
      tone="warn"
      lead="Someone else set these fields. Taking them over writes what the folder says; they may set them again."
      width={560}
      onClose={onClose}
      buttons={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button onClick={onAgree}>Deploy and take over</Button>
        </>
      }
    >
      <ul className="ticks">
        {objects.map(({ ref, conflicts }) => (
          <li key={refKey(ref)}>
            <span className="b">{nameOf(ref)}</span>
            {conflicts.map(conflict => (
              <div key={`${conflict.manager} ${conflict.field}`} className="t2">
                <span className="mono">{conflict.field}</span>
                {' held by '}
                <span className="mono">{conflict.manager}</span>
              </div>
            ))}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
