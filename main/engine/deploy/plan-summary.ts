import type { ImageReason, Plan } from './types.ts';

type Parts = Omit<Plan, 'summary' | 'fingerprint' | 'nothingToDo' | 'runnable' | 'createdAt'> & {
  readonly unsettled: number;
};

/** The plan in words, as it is read before Deploy is pressed. */
export function summarise(parts: Parts): string {
  const errors = parts.problems.filter(({ severity }) => severity === 'error').length;
  const does = clauses(parts);
  if (errors > 0) {
    const first = parts.problems.find(({ severity }) => severity === 'error');
    const rest = errors > 1 ? ` (and ${count(errors - 1, 'more problem')})` : '';
    return `Cannot deploy: ${first?.message ?? ''}${rest}`;
  }
  const asks = parts.objects.filter(({ action }) => action === 'ask').length;
  const asking =
    asks > 0 ? ` ${count(asks, 'object')} can be changed only by taking over or replacing: asked first.` : '';
  if (does.length > 0) return `${sentence(does)}.${asking}`;
  const same = [
    ...(parts.images.length > 0 ? [count(parts.images.length, 'image')] : []),
    ...(parts.objects.length - asks > 0 || parts.images.length === 0
      ? [count(parts.objects.length - asks, 'object')]
      : []),
    ...(parts.helmfile?.action === 'none' ? ['the Helmfile'] : []),
  ];
  const one = same.length === 1 && parts.images.length + parts.objects.length - asks === 1;
  const waits =
    parts.unsettled > 0 ? ` ${count(parts.unsettled, 'workload')} not settled yet: waits for it.` : '';
  return `Nothing has changed: ${list(same)} ${one ? 'is' : 'are'} as the folder says.${waits}${asking}`;
}

function clauses(parts: Parts): string[] {
  return [
    ...(parts.cluster.action === 'create' ? [`create the cluster \`${parts.cluster.name}\``] : []),
    ...buildClause(parts),
    ...(parts.helmfile?.action === 'sync' ? ['sync the Helmfile'] : []),
    ...loadClause(parts),
    ...objectClause(parts),
    ...(parts.inventoryLost ? ['write the list of the project’s objects again, which the cluster lost'] : []),
  ];
}

function buildClause({ images }: Parts): string[] {
  const building = images.filter(({ action }) => action === 'build');
  if (building.length === 0) return [];
  return [`build ${building.length} of ${count(images.length, 'image')} because ${because(building)}`];
}

function because(building: Parts['images']): string {
  const [only] = building;
  if (building.length === 1 && only) return reasonOf(only);
  const codes = new Set(building.map(image => image.reason?.code));
  if (codes.size === 1 && codes.has('never-built')) return 'they were never built here';
  if (codes.size === 1 && codes.has('removed-from-docker')) return 'Docker no longer has them';
  const shown = building.slice(0, 3).map(image => `${reasonOf(image)} (${image.name})`);
  return list(building.length > 3 ? [...shown, `${building.length - 3} more`] : shown);
}

const reasons: Readonly<Record<ImageReason['code'], (reason: ImageReason, reference: string) => string>> = {
  'files-changed': filesChanged,
  'dockerfile-changed': filesChanged,
  'never-built': () => 'it was never built here',
  'settings-changed': () => 'its settings in `ptah.yml` changed',
  'base-rebuilt': () => 'the image it is built on changed',
  'removed-from-docker': (_reason, reference) => `Docker no longer has \`${reference}\``,
  'other-content-under-tag': () => 'its tag names other content',
  forced: () => 'it was asked for',
};

const reasonOf = ({ reason, reference }: Parts['images'][number]) =>
  reason ? reasons[reason.code](reason, reference) : 'it was asked for';

function filesChanged({ files, fileCount }: ImageReason): string {
  const [first, second] = files;
  if (!first) return 'its files changed';
  if (fileCount === 1) return `\`${first}\` changed`;
  if (fileCount === 2 && second) return `\`${first}\` and \`${second}\` changed`;
  return `\`${first}\` and ${fileCount - 1} more files changed`;
}

function loadClause({ images, loads }: Parts): string[] {
  const needed = loads.filter(({ action }) => action === 'load');
  if (needed.length === 0) return [];
  const names = [...new Set(needed.map(({ image }) => image))];
  const nodes = new Set(needed.map(({ node }) => node)).size;
  const built = images.filter(({ action }) => action === 'build').map(({ name }) => name);
  const sameAsBuilt = built.length === names.length && names.every(name => built.includes(name));
  const what = sameAsBuilt
    ? names.length === 1
      ? 'it'
      : 'them'
    : names.length === 1
      ? `\`${needed[0]?.reference}\``
      : count(names.length, 'image');
  return [`load ${what} to ${count(nodes, 'node')}`];
}

function objectClause({ objects }: Parts): string[] {
  const of = (action: string) => objects.filter(object => object.action === action).length;
  const verbs = (['create', 'change', 'replace'] as const).filter(verb => of(verb) > 0);
  if (verbs.length === 0) return [];
  return [`${list(verbs.map(verb => `${verb} ${of(verb)}`))} of ${count(objects.length, 'object')}`];
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
const list = (items: readonly string[]) =>
  items.length <= 1 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;

function sentence(parts: readonly string[]): string {
  const text = parts.join('; ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
