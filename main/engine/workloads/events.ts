import type { KubeEvent } from './kube-types.ts';

/** Events about an object, oldest first. */
export function eventsOf(events: readonly KubeEvent[], uid: string | undefined): KubeEvent[] {
  return events
    .filter(({ involvedObject }) => involvedObject?.uid === uid && uid !== undefined)
    .sort((a, b) => eventTime(a) - eventTime(b));
}

// The newer Events API leaves `lastTimestamp` empty: whoever sorts by it alone shows the oldest event last.
export function eventTime(event: KubeEvent): number {
  const time =
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.firstTimestamp ??
    event.metadata.creationTimestamp;
  return time === undefined ? 0 : Date.parse(time);
}

export function eventText(event: KubeEvent): string {
  const count = event.series?.count ?? event.count ?? 1;
  return `${event.reason ?? 'Event'}: ${event.message ?? ''}${count > 1 ? ` (${count} times)` : ''}`;
}
