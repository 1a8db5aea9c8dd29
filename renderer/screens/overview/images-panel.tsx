import type { Plan } from '../../../preload/contract/deploy.ts';
import { Status, Tag } from '../../components/status.tsx';
import type { JobView } from '../../stores/job-view.ts';
import { toHash } from '../../stores/location.ts';
import { staleCount } from '../../stores/plan-words.ts';
import { count } from '../../text/words.ts';

export function ImagesPanel({
  projectId,
  plan,
  job,
}: {
  projectId: string;
  plan: Plan;
  job: JobView | null;
}) {
  const stale = staleCount(plan);
  return (
    <section className="panel" aria-label="Images">
      <header>
        <h2>Images</h2>
        <span className="t3">
          {plan.images.length === 0 ? 'none here' : `${stale} of ${plan.images.length} changed`}
        </span>
        <span className="grow" />
        <a href={toHash({ screen: 'images', projectId })}>Show</a>
      </header>
      {plan.images.length === 0 ? (
        <p className="t2 pad">No Dockerfile matches the pattern. The manifests are deployed as they are.</p>
      ) : (
        <table className="list boxed">
          <colgroup>
            <col style={{ width: '26%' }} />
            <col style={{ width: 132 }} />
            <col />
          </colgroup>
          <tbody>
            {plan.images.map(image => (
              <tr key={image.name}>
                <td className="b" title={image.name}>
                  {image.name}
                </td>
                <td>
                  <Tag fresh={image.action === 'build'} title={image.reference}>
                    {image.reference.slice(image.reference.lastIndexOf(':') + 1)}
                  </Tag>
                </td>
                <td title={image.reason?.message}>
                  <ImageWord image={image} plan={plan} job={job} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function ImageWord({ image, plan, job }: { image: Plan['images'][number]; plan: Plan; job: JobView | null }) {
  const build = job?.builds[image.name];
  if (build?.state === 'running') return <Status tone="working">Building</Status>;
  if (build?.state === 'failed') return <Status tone="bad">Build failed</Status>;
  const loads = plan.loads.filter(load => load.image === image.name);
  const loaded = loads.filter(
    load => load.action === 'none' || job?.loads[`${load.image} ${load.node}`]?.state === 'done',
  ).length;
  if (build?.state === 'done') {
    return (
      <>
        <Status tone="done">Built</Status>{' '}
        <span className="t3">{`on ${loaded} of ${count(loads.length, 'node')}`}</span>
      </>
    );
  }
  if (image.action === 'build') {
    return (
      <>
        <Status tone="warn">Stale</Status> <span className="t3">{image.reason?.message}</span>
      </>
    );
  }
  return (
    <>
      <Status tone="ok">Current</Status>{' '}
      {loads.length > 0 && <span className="t3">{`on ${loaded} of ${count(loads.length, 'node')}`}</span>}
    </>
  );
}
