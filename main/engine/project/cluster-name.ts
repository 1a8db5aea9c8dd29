import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Problem } from '../errors/index.ts';
import type { ProjectConfig } from './types.ts';

/** Names that kind takes for a cluster. */
const CLUSTER_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;
/** A node is called `<name>-control-plane`, which has to be a host name of at most 63 characters. */
const LONGEST = 49;

export interface ClusterChoice {
  readonly clusterName: string;
  /** Absolute path of the Kind configuration, null when there is none or it is missing. */
  readonly kindConfigFile: string | null;
  readonly problems: readonly Problem[];
}

/** `kind.name`, else `name` in the Kind configuration, else the project's name made fit. */
export function chooseCluster(
  root: string,
  projectName: string,
  kind: ProjectConfig['kind'],
  place: (path: string) => { line: number; column: number },
): ClusterChoice {
  const problems: Problem[] = [];
  const file = kind.config ? resolve(root, kind.config) : null;
  const exists = file !== null && isFile(file);
  if (kind.config && !exists) {
    problems.push({
      code: 'kind-config-missing',
      severity: 'error',
      message: `There is no Kind configuration “${kind.config}”.`,
      hint: 'Correct kind.config in ptah.yml; it is relative to the project.',
      file: 'ptah.yml',
      ...place('kind.config'),
    });
  }
  const configured = exists && kind.config ? nameInConfig(file, kind.config) : { name: null, problems: [] };
  problems.push(...configured.problems);
  const given = kind.name || configured.name;
  if (given && !isClusterName(given)) {
    problems.push({
      code: 'cluster-name-invalid',
      severity: 'error',
      message: `kind refuses “${given}” as the name of a cluster.`,
      hint: `Use lower-case letters, digits, “.” and “-”, at most ${LONGEST} characters: “${asClusterName(given)}”.`,
      file: kind.name ? 'ptah.yml' : (kind.config ?? 'ptah.yml'),
      ...place(kind.name ? 'kind.name' : 'kind.config'),
    });
  }
  return { clusterName: given || asClusterName(projectName), kindConfigFile: exists ? file : null, problems };
}

/** Whether kind takes the name. */
export function isClusterName(name: string): boolean {
  return name.length <= LONGEST && CLUSTER_NAME.test(name);
}

/** The text made a name that kind takes. */
export function asClusterName(text: string): string {
  const slug = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, LONGEST)
    .replace(/-+$/, '');
  return slug === '' ? 'ptah' : slug;
}

function nameInConfig(
  path: string,
  file: string,
): { readonly name: string | null; readonly problems: readonly Problem[] } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return {
      name: null,
      problems: [
        {
          code: 'kind-config-unreadable',
          severity: 'error',
          message: `The Kind configuration can't be read: ${(error as Error).message}.`,
          file,
        },
      ],
    };
  }
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, logLevel: 'silent' });
  const [broken] = document.errors;
  if (broken !== undefined) {
    const { line, col } = lineCounter.linePos(broken.pos[0]);
    return {
      name: null,
      problems: [
        {
          code: 'yaml-syntax',
          severity: 'error',
          message: broken.message.split('\n')[0] ?? '',
          file,
          line,
          column: col,
        },
      ],
    };
  }
  const node: unknown = isMap(document.contents) ? document.contents.get('name', true) : undefined;
  if (!isScalar(node) || node.value === null || node.value === '') return { name: null, problems: [] };
  if (typeof node.value === 'string') return { name: node.value, problems: [] };
  const { line, col } = lineCounter.linePos(node.range?.[0] ?? 0);
  return {
    name: null,
    problems: [
      {
        code: 'not-a-string',
        severity: 'error',
        message: `“name” has to be text, not ${JSON.stringify(node.value)}.`,
        hint: 'Put it in quotes.',
        file,
        line,
        column: col,
      },
    ],
  };
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
