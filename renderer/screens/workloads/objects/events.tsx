import type { EventView } from '../../../../preload/contract/objects.ts';
import { Status } from '../../../components/status.tsx';
import { age } from '../../../text/time.ts';

/** What the cluster says about the object and what it made, newest first. */
export function Events({ events, now }: { events: readonly EventView[]; now: number }) {
  return (
    <section aria-label="Events">
      <h3>
        Events
        {events.length > 0 && <span className="t3">{events.length}</span>}
      </h3>
      {events.length === 0 && <p className="t2">None. The cluster keeps them for an hour.</p>}
      <ul className="events">
        {events.map(event => (
          <li key={event.uid}>
            <div className="row tight">
              <Status tone={event.warning ? 'warn' : 'wait'}>{event.reason}</Status>
              {event.count > 1 && <span className="t3 nw">{`${event.count} times`}</span>}
              <span className="grow" />
              {event.lastAt !== null && (
                <time className="t3 nw" dateTime={event.lastAt} title={event.lastAt}>
                  {`${age(now - Date.parse(event.lastAt))} ago`}
                </time>
              )}
            </div>
            <p className="wraps">{event.message}</p>
            <p className="t3 mono cut" title={`${event.about.kind} ${event.about.name}`}>
              {`${event.about.kind} ${event.about.name}${event.container === null ? '' : `, ${event.container}`}`}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
