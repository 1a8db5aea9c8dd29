import type { Plan } from '../../engine/deploy/index.ts';
import { table } from './output.ts';

/** A plan as a person reads it: the sentence first, then what it stands for. Only what will happen is listed. */
export function planText(plan: Plan): string {
  const sections: string[] = [`${plan.summary}\n`];
  // what would be done, if only it could, hides what has to be mended
  if (!plan.runnable) return sections.join('');
  const section = (title: string, rows: readonly (readonly string[])[]) => {
    if (rows.length > 0) sections.push(`\n${title}\n${table(rows.map(row => ['', ...row]))}`);
  };
  if (plan.cluster.action === 'create')
    section('Cluster', [['create', plan.cluster.name, plan.cluster.reason]]);
  section(
    'Images',
    plan.images
      .filter(({ action }) => action === 'build')
      .map(({ reference, reason }) => ['build', reference, reason?.message ?? '']),
  );
  section(
    'Loads',
    plan.loads
      .filter(({ action }) => action === 'load')
      .map(({ reference, node, reason }) => ['load', reference, `→ ${node}`, reason]),
  );
  if (plan.helmfile) section('Helmfile', [[plan.helmfile.action, plan.helmfile.file]]);
  section(
    'Objects',
    plan.objects
      .filter(({ action }) => action !== 'none')
      .map(({ action, ref, reason, file, line }) => [action, nameOf(ref), `${file}:${line}`, reason]),
  );
  section(
    'No manifest names these any more (--prune removes them)',
    plan.prune.map(({ ref, reason, keptUnlessAsked }) => [
      keptUnlessAsked ? 'keep' : 'prune',
      nameOf(ref),
      reason,
    ]),
  );
  return sections.join('');
}

export function nameOf(ref: {
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
}): string {
  return `${ref.kind} ${ref.namespace === null ? '' : `${ref.namespace}/`}${ref.name}`;
}
