import type { Plan } from '../../../preload/contract/deploy.ts';
import { Mark, type ObjectMark } from '../../components/status.tsx';
import { refKey } from '../../stores/job-view.ts';
import { toHash } from '../../stores/location.ts';
import { count } from '../../text/words.ts';

export const markOf = (action: Plan['objects'][number]['action']): ObjectMark =>
  action === 'create' ? 'new' : action === 'none' ? 'same' : action === 'blocked' ? 'blocked' : 'changed';

const most = 6;

/** The objects that would change, the first few. */
export function ObjectsPanel({ projectId, plan }: { projectId: string; plan: Plan }) {
  const changing = plan.objects.filter(object => object.action !== 'none');
  return (
    <section className="panel" aria-label="Objects">
      <header>
        <h2>Objects</h2>
        <span className="t3">{`${changing.length} of ${plan.objects.length} change`}</span>
        <span className="grow" />
        <a href={toHash({ screen: 'changes', projectId })}>Show changes</a>
      </header>
      {changing.length === 0 ? (
        <p className="t2 pad">
          {plan.objects.length === 0
            ? 'No manifest has an object to apply.'
            : 'The cluster matches your files.'}
        </p>
      ) : (
        <table className="list boxed">
          <colgroup>
            <col style={{ width: 34 }} />
            <col style={{ width: '30%' }} />
            <col style={{ width: '30%' }} />
            <col />
          </colgroup>
          <tbody>
            {changing.slice(0, most).map(object => (
              <tr key={refKey(object.ref)}>
                <td>
                  <Mark mark={markOf(object.action)} />
                </td>
                <td className="t3">{object.ref.kind}</td>
                <td className="b" title={object.ref.name}>
                  {object.ref.name}
                </td>
                <td className="t2" title={object.reason}>
                  {object.reason}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {changing.length > most && (
        <p className="t3 foot">{`and ${count(changing.length - most, 'more', 'more')}`}</p>
      )}
    </section>
  );
}
