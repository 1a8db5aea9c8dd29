import type { LogScope, LogSource, LogView } from '../../../preload/contract/logs.ts';
import type { LogLook } from '../../stores/logs.ts';
import { readPattern } from './highlight.ts';

/** What stands in the bar for a scope: "shop", "api", "api in api-7c9f-2xk4q". */
export function scopeTitle(scope: LogScope, project: string): string {
  switch (scope.kind) {
    case 'project':
      return project;
    case 'workload':
      return scope.workload.name;
    case 'pod':
      return scope.pod;
    case 'container':
      return `${scope.container} in ${scope.pod}${scope.previous ? ', previous' : ''}`;
    case 'build':
      return scope.image === null ? 'Builds' : `Build ${scope.image}`;
    case 'run':
      return 'Run by hand';
    case 'sources':
      return `${scope.sources.length} sources`;
  }
}

const levels = ['error', 'warn', 'info', 'debug', 'none'] as const;

/** The engine's view for how a person looks at the log. */
export function viewOf({ scope, hidden, quiet, filter }: LogLook): LogView {
  const pattern = filter.onlyMark ? null : readPattern(filter);
  return {
    scope,
    hidden: [...hidden],
    levels: quiet.length === 0 ? null : levels.filter(level => !quiet.includes(level)),
    filter: pattern === null ? null : { ...pattern, context: filter.context },
  };
}

export interface Chip {
  readonly key: string;
  readonly label: string;
  readonly note: string;
  readonly colour: number;
  readonly sources: readonly LogSource[];
}

export const colours = 6;

/** One chip for each workload, each image that was built and each that was run by hand; in the log of one workload or less, for each container. Colours go by name. */
export function chipsOf(sources: readonly LogSource[]): readonly Chip[] {
  const groups = new Map<string, LogSource[]>();
  for (const source of sources) groups.set(source.group, [...(groups.get(source.group) ?? []), source]);
  if (groups.size === 1)
    return sources
      .toSorted((a, b) => a.key.localeCompare(b.key))
      .map((source, at) => ({
        key: source.key,
        label: source.label,
        note: '',
        colour: (at % colours) + 1,
        sources: [source],
      }));
  // what runs in the cluster, then what runs by hand, then builds
  const rank = ([, [first]]: [string, LogSource[]]) =>
    first?.kind === 'build' ? 2 : first?.kind === 'run' ? 1 : 0;
  return [...groups]
    .toSorted((a, b) => rank(a) - rank(b) || a[0].localeCompare(b[0]))
    .map(([key, members], at) => {
      const pods = new Set(members.map(({ pod }) => pod)).size;
      return {
        key,
        label: members[0]?.groupLabel ?? key,
        note: members[0]?.kind === 'build' || pods < 2 ? '' : `${pods} pods`,
        colour: (at % colours) + 1,
        sources: members,
      };
    });
}

export const isHidden = (source: LogSource, hidden: readonly string[]): boolean =>
  hidden.includes(source.key) || hidden.includes(source.group);

/** Switches one chip or one source; a group that is hidden as a whole is written out when one of it comes back. */
export function toggled(hidden: readonly string[], key: string, chips: readonly Chip[]): readonly string[] {
  if (hidden.includes(key)) return hidden.filter(one => one !== key);
  const chip = chips.find(one => one.key === key);
  if (chip !== undefined) {
    const own = new Set(chip.sources.map(source => source.key));
    const rest = hidden.filter(one => !own.has(one));
    // some of its own were hidden: pressing it shows them all
    return rest.length < hidden.length && chip.sources.every(source => hidden.includes(source.key))
      ? rest
      : [...rest, key];
  }
  const group = chips.find(one => hidden.includes(one.key) && one.sources.some(source => source.key === key));
  if (group === undefined) return [...hidden, key];
  const others = group.sources.map(source => source.key).filter(one => one !== key);
  return [...hidden.filter(one => one !== group.key), ...others];
}
