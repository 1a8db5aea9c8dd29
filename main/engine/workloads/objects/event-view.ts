import { eventTime } from '../events.ts';
import type { KubeEvent } from '../kube-types.ts';
import type { EventView } from './types.ts';

/** Events of the objects with these UIDs, newest first; one that was told again and again stands once, counted. Pure. */
export function eventViews(events: readonly KubeEvent[], uids: ReadonlySet<string>): EventView[] {
  const merged = new Map<string, EventView>();
  for (const event of events) {
    if (!uids.has(event.involvedObject?.uid ?? '')) continue;
    const view = eventView(event);
    // The recorder starts a new event object after a while: for a reader it is the same event.
    const key = JSON.stringify([view.about, view.container, view.reason, view.message]);
    const known = merged.get(key);
    merged.set(key, known === undefined ? view : joined(known, view));
  }
  return [...merged.values()].sort((a, b) => timeOf(b.lastAt) - timeOf(a.lastAt) || (a.uid < b.uid ? -1 : 1));
}

function eventView(event: KubeEvent): EventView {
  const last = eventTime(event);
  return {
    uid: event.metadata.uid ?? event.metadata.name,
    warning: event.type === 'Warning',
    reason: event.reason ?? 'Event',
    message: (event.message ?? '').trim(),
    count: event.series?.count ?? event.count ?? 1,
    firstAt: event.firstTimestamp ?? event.eventTime ?? event.metadata.creationTimestamp ?? null,
    lastAt: last === 0 ? null : new Date(last).toISOString(),
    about: { kind: event.involvedObject?.kind ?? '', name: event.involvedObject?.name ?? '' },
    container: /\{(.+)\}$/.exec(event.involvedObject?.fieldPath ?? '')?.[1] ?? null,
  };
}

function joined(a: EventView, b: EventView): EventView {
  const [older, newer] = timeOf(a.lastAt) <= timeOf(b.lastAt) ? [a, b] : [b, a];
  return { ...newer, count: older.count + newer.count, firstAt: older.firstAt };
}

const timeOf = (time: string | null): number => (time === null ? 0 : Date.parse(time));
