import { useState } from 'react';
import type { RemovalGroup, RemovalGroupId, RemovalPlan } from '../../../preload/contract/removal.ts';
import { Icon } from '../../components/icon.tsx';
import { usePeek, useStores } from '../../stores/react.ts';
import { grouped, shortPath, size } from '../../text/words.ts';

/** So many things of a group are shown at once; the rest on demand. */
const most = 8;

/** What can be ticked: first what the folder can make again, then what it can't. */
export function RemovalGroups({
  plan,
  isTicked,
  onTick,
}: {
  plan: RemovalPlan;
  isTicked: (id: RemovalGroupId) => boolean;
  onTick: (id: RemovalGroupId, on: boolean) => void;
}) {
  const shown = plan.groups.filter(({ items, unavailable }) => items.length > 0 || unavailable !== null);
  const withCluster = isTicked('cluster');
  const section = (group: RemovalGroup) => (
    <Group
      key={group.id}
      group={group}
      ticked={isTicked(group.id)}
      gone={withCluster && goesAlong.includes(group.id)}
      onTick={on => onTick(group.id, on)}
    />
  );
  const plain = shown.filter(({ askedApart }) => !askedApart);
  const apart = shown.filter(({ askedApart }) => askedApart);
  return (
    <div className="removal-groups">
      {plain.map(section)}
      {apart.length > 0 && (
        <section className="removal-apart" aria-label="Asked apart">
          <h3>
            <Icon name="triangle-alert" />
            Only if you tick it: the folder can’t make this again
          </h3>
          {apart.map(section)}
        </section>
      )}
    </div>
  );
}

const goesAlong: readonly RemovalGroupId[] = ['objects', 'node-images', 'volumes', 'namespaces'];

function Group({
  group,
  ticked,
  gone,
  onTick,
}: {
  group: RemovalGroup;
  ticked: boolean;
  /** It goes with the cluster, ticked or not. */
  gone: boolean;
  onTick: (on: boolean) => void;
}) {
  const [all, setAll] = useState(false);
  const bytes = group.items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  const items = all ? group.items : group.items.slice(0, most);
  if (group.items.length === 0)
    return (
      <section className="removal-group off" aria-label={group.title}>
        <div className="removal-head t3">
          <span className="b">{group.title}</span>
          <span>{`Not to be had: ${group.unavailable ?? ''}`}</span>
        </div>
      </section>
    );
  return (
    <section className="removal-group" aria-label={group.title}>
      <label className="removal-head">
        <input
          type="checkbox"
          checked={ticked || gone}
          disabled={gone}
          onChange={event => onTick(event.target.checked)}
        />
        <span className="b">{group.title}</span>
        <span className="t3">
          {gone
            ? 'goes with the cluster'
            : `${grouped(group.items.length)}${bytes > 0 ? `, ${size(bytes)}` : ''}`}
        </span>
      </label>
      <ul className={ticked || gone ? 'removal-items' : 'removal-items unticked'}>
        {items.map(item => (
          <li key={item.id}>
            <span className="t3 kind">{item.kind}</span>
            <span className="name mono" title={item.name}>
              {item.name}
            </span>
            <span className="t3 where">{item.where ?? ''}</span>
            <span className="t3 num">{item.bytes === null ? '' : size(item.bytes)}</span>
            {item.note !== null && <span className="t2 note">{item.note}</span>}
          </li>
        ))}
      </ul>
      {items.length < group.items.length && (
        <button type="button" className="link removal-more" onClick={() => setAll(true)}>
          {`Show ${grouped(group.items.length - items.length)} more`}
        </button>
      )}
    </section>
  );
}

/** What is near the project and stays, and why. */
export function Stays({ keeps }: { keeps: RemovalPlan['keeps'] }) {
  const { info } = useStores();
  const home = usePeek(info, '').data?.userHome ?? null;
  return (
    <section className="removal-stays" aria-label="Stays">
      <h3>Stays</h3>
      <ul>
        {keeps.map(({ title, reason }) => (
          <li key={`${title} ${reason}`}>
            <span className="mono">{shortPath(title, home)}</span>
            <span className="t2">{reason}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
