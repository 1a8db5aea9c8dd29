import type { Plan } from '../../../preload/contract/deploy.ts';
import { Button } from '../../components/button.tsx';
import { Status } from '../../components/status.tsx';
import { count, joined } from '../../text/words.ts';

/** What the sentence does not say and a person should know before pressing Deploy. */
export function PlanNotices({ plan, onRecreate }: { plan: Plan; onRecreate: () => void }) {
  const { cluster, helmfile, prune } = plan;
  const asks = plan.objects.filter(object => object.action === 'ask');
  const blocked = helmfile?.action === 'blocked' ? helmfile : null;
  return (
    <>
      {cluster.action === 'create' && (
        <div className="strip">
          <Status tone="stopped">{cluster.reason}</Status>
          {cluster.nodeImage !== null && (
            <span className="t3">
              Node image <span className="mono">{cluster.nodeImage.reference}</span>
              {cluster.nodeImage.from === 'local' && ', found on this machine'}
            </span>
          )}
        </div>
      )}
      {cluster.configChanged && (
        <div className="strip warn">
          <Status tone="warn">{`The Kind configuration changed after ${cluster.name} was made`}</Status>
          <span className="grow" />
          <Button small onClick={onRecreate}>
            Make the cluster anew…
          </Button>
        </div>
      )}
      {blocked !== null && (
        <div className="strip warn">
          <Status tone="warn">{blocked.problem?.message ?? 'The Helmfile can’t be synced'}</Status>
          {blocked.problem?.hint !== undefined && <span className="t2">{blocked.problem.hint}</span>}
        </div>
      )}
      {asks.length > 0 && (
        <div className="strip warn">
          <Status tone="warn">{`${count(asks.length, 'object')} can’t be changed in place`}</Status>
          <span className="t2">{`${joined(asks.map(object => `${object.ref.kind} ${object.ref.name}`))}. Deploy asks before it replaces.`}</span>
        </div>
      )}
      {prune.length > 0 && (
        <div className="strip">
          <Status tone="warn">{`${count(prune.length, 'object')} in the cluster, not in the folder`}</Status>
          <span className="t2">Deploy leaves them alone. Prune… lists them.</span>
        </div>
      )}
    </>
  );
}
