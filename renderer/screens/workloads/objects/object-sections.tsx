import type { ObjectRef } from '../../../../preload/contract/deploy.ts';
import { FailureNote } from '../../../components/failure.tsx';
import { Skeleton, slowAfterMs, waitingState } from '../../../components/list-state.tsx';
import { Status } from '../../../components/status.tsx';
import type { Live } from '../../../stores/live.ts';
import { objectKey } from '../../../stores/objects.ts';
import { useLive, useNow, useStores } from '../../../stores/react.ts';
import type { Inspection } from '../../../../preload/contract/objects.ts';
import { DeniedList } from '../denied.tsx';
import { Detail } from './detail.tsx';
import { Events } from './events.tsx';

/** Events and detail of one object, as they are now. */
export function ObjectSections({
  projectId,
  target,
  container = null,
}: {
  projectId: string;
  target: ObjectRef;
  container?: string | null;
}) {
  const { objects } = useStores();
  const key = objectKey(projectId, target);
  const live = useLive(objects.inspections, key);
  const now = useNow(true, 1000);
  const { value } = live;
  if (value === null) return <Waiting live={live} now={now} onRetry={() => objects.inspections.retry(key)} />;
  return (
    <>
      {!value.connected && (
        <section role="alert">
          <Status tone="bad">{value.disconnectedReason ?? 'The cluster does not answer'}</Status>
        </section>
      )}
      {value.denied.length > 0 && (
        <section aria-label="Not allowed">
          <h3>Not allowed</h3>
          <DeniedList denied={value.denied} />
        </section>
      )}
      {value.detail === null && value.connected && value.denied.length === 0 && (
        <section>
          <p className="t2">{`${target.kind} ${target.name} is gone.`}</p>
        </section>
      )}
      <Events
        events={
          container === null
            ? value.events
            : value.events.filter(event => event.container === null || event.container === container)
        }
        now={now}
      />
      {value.detail !== null && <Detail detail={value.detail} container={container} now={now} />}
    </>
  );
}

function Waiting({ live, now, onRetry }: { live: Live<Inspection>; now: number; onRetry: () => void }) {
  if (live.error !== null) return <FailureNote error={live.error} onRetry={onRetry} />;
  const since = live.waitingSince ?? now;
  const waiting = waitingState(since, now);
  if (waiting === 'slow')
    return (
      <section role="status">
        <Status tone="working">{`The cluster is slow to answer, ${Math.floor((now - since) / 1000)} s`}</Status>
        <p className="t3">{`Longer than ${slowAfterMs / 1000} s. It is asked again by itself.`}</p>
      </section>
    );
  return waiting === 'skeleton' ? <Skeleton rows={4} /> : <div aria-busy="true" />;
}
