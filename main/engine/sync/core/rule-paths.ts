import type { DesiredTree, SyncRule } from '../types.ts';

/** The path in the context that a path in the container comes from, or came from while the folder had it. Null where no rule says so. */
export function originOf(
  { rules, former = [] }: Pick<DesiredTree, 'rules' | 'former'>,
  path: string,
): string | null {
  return contextPath(rules, path) ?? contextPath(former, path);
}

/** The path in the context that a path in the container comes from: by the last rule that covers it. Null where none does. */
export function contextPath(rules: readonly SyncRule[], path: string): string | null {
  for (const rule of rules.toReversed()) {
    if (path === rule.target) return rule.source;
    if (rule.kind !== 'directory') continue;
    const base = rule.target === '/' ? '/' : `${rule.target}/`;
    if (!path.startsWith(base)) continue;
    const rest = path.slice(base.length);
    return rule.source === '.' ? rest : `${rule.source}/${rest}`;
  }
  return null;
}
