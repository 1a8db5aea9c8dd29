import type { Plan } from '../../preload/contract/deploy.ts';
import { capital, count, joined } from '../text/words.ts';

/** A piece of the plan's sentence; `to` makes it a way to the screen that shows it in full. */
export interface PlanWord {
  readonly text: string;
  readonly style: 'plain' | 'bold' | 'mono';
  readonly to: 'images' | 'changes' | 'cluster' | null;
}

const plain = (text: string): PlanWord => ({ text, style: 'plain', to: null });
const bold = (text: string, to: PlanWord['to'] = null): PlanWord => ({ text, style: 'bold', to });
const mono = (text: string): PlanWord => ({ text, style: 'mono', to: null });

/** What Deploy will do, as a sentence: "Build 1 of 3 images because app/main.py changed; load 1 image to 3 nodes; …". */
export function planWords(plan: Plan): readonly PlanWord[] {
  if (plan.nothingToDo) {
    const objects = count(plan.objects.length, 'object');
    const helmfile = plan.helmfile?.action === 'none' ? ', the Helmfile in sync' : '';
    return [
      bold('Nothing to deploy.'),
      plain(` The cluster equals the folder: ${count(plan.images.length, 'image')}, ${objects}${helmfile}.`),
    ];
  }
  const clauses = [
    clusterClause(plan),
    buildClause(plan),
    helmfileClause(plan),
    loadClause(plan),
    objectClause(plan),
  ].filter(clause => clause.length > 0);
  if (clauses.length === 0) return [plain(plan.summary)];
  return clauses.flatMap((clause, index) => [
    ...(index === 0 ? capitalised(clause) : clause),
    plain(index === clauses.length - 1 ? '.' : '; '),
  ]);
}

const capitalised = ([first, ...rest]: readonly PlanWord[]): PlanWord[] =>
  first === undefined ? [] : [{ ...first, text: capital(first.text) }, ...rest];

function clusterClause({ cluster }: Plan): PlanWord[] {
  return cluster.action === 'create' ? [bold('create the cluster ', 'cluster'), mono(cluster.name)] : [];
}

function buildClause({ images }: Plan): PlanWord[] {
  const wanted = images.filter(image => image.action === 'build');
  if (wanted.length === 0) return [];
  const head = bold(`build ${wanted.length} of ${count(images.length, 'image')}`, 'images');
  const codes = new Set(wanted.map(image => image.reason?.code));
  if (codes.size === 1 && codes.has('never-built')) return [head, plain(', not built before')];
  const files = [...new Set(wanted.flatMap(image => image.reason?.files ?? []))];
  const total = wanted.reduce((sum, image) => sum + (image.reason?.fileCount ?? 0), 0);
  if (files.length === 1 && total === 1)
    return [head, plain(' because '), mono(files[0] ?? ''), plain(' changed')];
  if (total > 0)
    return [
      head,
      plain(' because '),
      mono(files[0] ?? ''),
      plain(` and ${count(total - 1, 'other file')} changed`),
    ];
  const reasons = [...new Set(wanted.map(image => image.reason?.message).filter(text => text !== undefined))];
  return reasons.length === 0 ? [head] : [head, plain(` because ${joined(reasons, 2)}`)];
}

function helmfileClause({ helmfile }: Plan): PlanWord[] {
  return helmfile?.action === 'sync' ? [bold('sync '), mono(helmfile.file.replace(/^.*[\\/]/, ''))] : [];
}

function loadClause({ loads }: Plan): PlanWord[] {
  const wanted = loads.filter(load => load.action === 'load');
  if (wanted.length === 0) return [];
  const images = new Set(wanted.map(load => load.image)).size;
  const nodes = new Set(wanted.map(load => load.node)).size;
  return [bold(`load ${count(images, 'image')}`, 'images'), plain(` to ${count(nodes, 'node')}`)];
}

function objectClause({ objects }: Plan): PlanWord[] {
  const of = (...actions: readonly Plan['objects'][number]['action'][]) =>
    objects.filter(object => actions.includes(object.action)).length;
  const verbs = [
    of('create') > 0 ? `create ${of('create')}` : null,
    of('change') > 0 ? `change ${of('change')}` : null,
    of('replace', 'ask') > 0 ? `replace ${of('replace', 'ask')}` : null,
  ].filter(verb => verb !== null);
  return verbs.length === 0
    ? []
    : [bold(`${joined(verbs)} of ${count(objects.length, 'object')}`, 'changes')];
}

/** The images that a deploy would build: the count beside Images in the sidebar. */
export const staleCount = (plan: Plan): number =>
  plan.images.filter(image => image.action === 'build').length;
export const changeCount = (plan: Plan): number =>
  plan.objects.filter(object => object.action !== 'none').length;

/** A cluster of this machine; elsewhere others may work, and the window asks by name. */
export const isLocalContext = (context: string): boolean =>
  /^(kind|k3d)-|^(minikube|docker-desktop|docker-for-desktop|rancher-desktop|orbstack|colima)/.test(context);
