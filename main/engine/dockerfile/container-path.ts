import { posix } from 'node:path';
import { isExcluded } from './exclude-patterns.ts';
import type { CopyRule } from './types.ts';

/** Where a path of the context lies in the container: the last rule that covers it wins, as in the build. Null when none does. */
export function containerPath(rules: readonly CopyRule[], changed: string): string | null {
  for (let index = rules.length - 1; index >= 0; index--) {
    const rule = rules[index];
    const target = rule === undefined ? null : targetOf(rule, changed);
    if (target !== null) return target;
  }
  return null;
}

function targetOf(rule: CopyRule, changed: string): string | null {
  if (changed === '' || changed === '.') return null;
  if (rule.kind === 'file') return changed === rule.source ? rule.target : null;
  if (changed === rule.source) return rule.target;
  if (rule.source !== '.' && !changed.startsWith(`${rule.source}/`)) return null;
  const below = rule.source === '.' ? changed : changed.slice(rule.source.length + 1);
  if (rule.exclude !== undefined && isExcluded(rule.exclude, below)) return null;
  return posix.join(rule.target, below);
}
