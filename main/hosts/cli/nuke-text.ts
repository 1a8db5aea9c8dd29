import type { RemovalGroup, RemovalGroupId, RemovalItem, RemovalPlan } from '../../engine/removal/index.ts';
import { table } from './output.ts';

const askedBy: Partial<Record<RemovalGroupId, string>> = {
  volumes: '--volumes',
  namespaces: '--namespaces',
  cluster: '--kind',
};

/** The list as a person reads it: what goes, what would only go if asked for, and what stays. */
export function removalText(plan: RemovalPlan, groups: readonly RemovalGroupId[]): string {
  const goes = plan.groups.filter(({ id, items }) => groups.includes(id) && items.length > 0);
  const withCluster = goes.some(({ id }) => id === 'cluster');
  const asked = plan.groups.filter(({ id, items }) => !groups.includes(id) && items.length > 0);
  const unread = plan.groups.filter(({ unavailable, askedApart }) => unavailable !== null && !askedApart);
  return [
    `${plan.project.name} on ${plan.cluster.context}\n`,
    ...goes.map(group => `\n${heading(group)}\n${rows(group.items)}`),
    ...(asked.length > 0
      ? [
          `\n${withCluster ? 'Stays unless asked for, and unless it is in the cluster' : 'Stays unless asked for'}\n`,
          ...asked.map(group => `  ${heading(group)}: ${askedBy[group.id] ?? `without --no-docker`}\n`),
        ]
      : []),
    ...unread.map(({ title, unavailable }) => `\n${title}: ${unavailable}\n`),
    '\nStays\n',
    table(plan.keeps.map(({ title, reason }) => [`  ${title}`, reason])),
    '\n',
  ].join('');
}

export function removalQuestion(plan: RemovalPlan, groups: readonly RemovalGroupId[]): string {
  const goes = plan.groups.filter(({ id }) => groups.includes(id)).flatMap(({ items }) => items);
  const things = `${goes.length} ${goes.length === 1 ? 'thing' : 'things'}`;
  return goes.some(({ id }) => id.startsWith('cluster:'))
    ? `Remove these ${things}, and with the cluster ${plan.cluster.name} everything in it?`
    : `Remove these ${things} of ${plan.project.name}?`;
}

const heading = ({ title, items }: RemovalGroup) => {
  const bytes = items.reduce((sum, item) => sum + (item.bytes ?? 0), 0);
  return `${title} (${items.length}${bytes > 0 ? `, ${sizeText(bytes)}` : ''})`;
};

const rows = (items: readonly RemovalItem[]) =>
  table(
    items.map(({ kind, name, where, bytes, note }) => [
      `  ${kind} ${name}`,
      where ?? '',
      bytes === null ? '' : sizeText(bytes),
      note ?? '',
    ]),
  );

function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
