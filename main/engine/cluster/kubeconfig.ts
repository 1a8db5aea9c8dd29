import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { PtahError } from '../errors/index.ts';

/** A kubeconfig's entries, as the file says them; paths in them are absolute. */
export interface Kubeconfig {
  readonly clusters: readonly NamedCluster[];
  readonly users: readonly NamedUser[];
  readonly contexts: readonly NamedContext[];
}

export interface NamedCluster {
  readonly name: string;
  readonly cluster: Readonly<Record<string, unknown>>;
}

export interface NamedUser {
  readonly name: string;
  readonly user: Readonly<Record<string, unknown>>;
}

export interface NamedContext {
  readonly name: string;
  readonly context: { readonly cluster: string; readonly user: string };
}

/** The files that kubectl would read, in its order. */
export function kubeconfigPaths(env: NodeJS.ProcessEnv): string[] {
  const named = (env.KUBECONFIG ?? '').split(delimiter).filter(path => path !== '');
  if (named.length > 0) return named.map(path => resolve(path));
  return [join(env.HOME || env.USERPROFILE || homedir(), '.kube', 'config')];
}

/**
 * Merges the files as kubectl does: the first that names an entry wins, files that are not there are skipped. (The
 * client library lets the last one win, throws on a repeated name and on a missing file.)
 */
export async function readKubeconfig(env: NodeJS.ProcessEnv): Promise<Kubeconfig> {
  const files = await Promise.all(
    kubeconfigPaths(env).map(async path => {
      try {
        return parseKubeconfig(await readFile(path, 'utf8'), path);
      } catch (error) {
        if (error instanceof PtahError) throw error;
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw new PtahError('kubeconfig-invalid', `The kubeconfig ${path} cannot be read.`, {
          hint: 'Check its permissions, or set KUBECONFIG to another.',
          details: { file: path },
          cause: error,
        });
      }
    }),
  );
  const found = files.filter(file => file !== null);
  return {
    clusters: firstOfEachName(found.flatMap(file => file.clusters)),
    users: firstOfEachName(found.flatMap(file => file.users)),
    contexts: firstOfEachName(found.flatMap(file => file.contexts)),
  };
}

/** One file's entries; relative paths in it mean the folder of the file. */
export function parseKubeconfig(text: string, path: string): Kubeconfig {
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new PtahError('kubeconfig-invalid', `The kubeconfig ${path} is no valid YAML.`, {
      hint: 'Mend the file, or set KUBECONFIG to another.',
      details: { file: path, ...placeIn(error) },
      cause: error,
    });
  }
  const root = isRecord(content) ? content : {};
  const folder = dirname(path);
  return {
    clusters: entries(root.clusters, 'cluster').map(({ name, value }) => ({
      name,
      cluster: absolute(value, ['certificate-authority'], folder),
    })),
    users: entries(root.users, 'user').map(({ name, value }) => ({
      name,
      user: absolute(value, ['client-certificate', 'client-key', 'tokenFile'], folder),
    })),
    contexts: entries(root.contexts, 'context').map(({ name, value }) => ({
      name,
      context: { cluster: textOf(value.cluster), user: textOf(value.user) },
    })),
  };
}

function placeIn(error: unknown): { readonly line?: number; readonly column?: number } {
  const place = error instanceof YAMLParseError ? error.linePos?.[0] : undefined;
  return place === undefined ? {} : { line: place.line, column: place.col };
}

function entries(list: unknown, key: string): { name: string; value: Record<string, unknown> }[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter(entry => isRecord(entry))
    .filter(entry => typeof entry.name === 'string' && isRecord(entry[key]))
    .map(entry => ({ name: entry.name as string, value: entry[key] as Record<string, unknown> }));
}

function absolute(
  value: Record<string, unknown>,
  keys: readonly string[],
  folder: string,
): Record<string, unknown> {
  const result = { ...value };
  for (const key of keys) {
    const path = result[key];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) result[key] = resolve(folder, path);
  }
  return result;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function firstOfEachName<T extends { readonly name: string }>(list: readonly T[]): T[] {
  const seen = new Set<string>();
  return list.filter(({ name }) => !seen.has(name) && seen.add(name) !== undefined);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
