import { createReadStream } from 'node:fs';
import type { Docker } from '../docker/index.ts';
import { isAbort } from '../errors/index.ts';
import type { Tools } from '../tools/index.ts';
import { nodeImagesOf } from './kind-config.ts';
import type { NodeImageDecision } from './types.ts';

export interface NodeImageFacts {
  /** Text of the project's Kind configuration; null where there is none. */
  readonly kindConfig: string | null;
  /** The setting *node image*, or `PTAH_KIND_NODE_IMAGE`. */
  readonly setting: string | null;
  readonly kindDefault: string | null;
  /** Docker has kind's default, or its registry answers for it; null when nobody was asked. */
  readonly defaultAvailable: boolean | null;
  /** Tags of `kindest/node` in Docker, newest first. */
  readonly local: readonly string[];
}

/** Which node image a new cluster gets (design §9). Pure; null when not even kind's default is known. */
export function decideNodeImage(facts: NodeImageFacts): NodeImageDecision | null {
  const [configured] = facts.kindConfig === null ? [] : nodeImagesOf(facts.kindConfig);
  if (configured !== undefined)
    return {
      reference: configured,
      from: 'kind-config',
      reason: 'named by the Kind configuration of the project',
    };
  if (facts.setting)
    return { reference: facts.setting, from: 'setting', reason: 'named by the setting “node image”' };
  const [local] = facts.local;
  if (facts.defaultAvailable === false && local !== undefined) {
    const missing =
      facts.kindDefault === null ? 'kind’s default' : `kind’s default ${withoutDigest(facts.kindDefault)}`;
    return {
      reference: local,
      from: 'local',
      reason: `${missing} cannot be pulled; ${local} is on this machine`,
    };
  }
  if (facts.kindDefault !== null)
    return { reference: facts.kindDefault, from: 'kind-default', reason: 'kind’s default' };
  return local === undefined
    ? null
    : { reference: local, from: 'local', reason: `${local} is on this machine` };
}

export interface ResolveNodeImageOptions {
  readonly kindConfig: string | null;
  readonly setting: string | null;
  readonly env?: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  /** How long the registry may take to say whether it has kind's default. */
  readonly registryTimeoutMs?: number;
}

/** Gathers the facts (kind's program, Docker, at most one question to the registry) and decides. */
export async function resolveNodeImage(
  docker: Docker,
  tools: Tools,
  options: ResolveNodeImageOptions,
): Promise<NodeImageDecision | null> {
  const setting = (options.env ?? process.env).PTAH_KIND_NODE_IMAGE || options.setting;
  const early = decideNodeImage({
    kindConfig: options.kindConfig,
    setting,
    kindDefault: null,
    defaultAvailable: null,
    local: [],
  });
  if (early !== null) return early;
  const [kindDefault, local] = await Promise.all([
    kindDefaultImage(tools),
    localNodeImages(docker, options.signal),
  ]);
  const defaultAvailable =
    kindDefault === null ? false : await isAvailable(docker, kindDefault, local, options);
  return decideNodeImage({ kindConfig: options.kindConfig, setting, kindDefault, defaultAvailable, local });
}

async function localNodeImages(docker: Docker, signal?: AbortSignal): Promise<string[]> {
  const images = await docker.listImages({ reference: 'kindest/node' }, signal);
  return [...images]
    .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
    .flatMap(({ tags }) => tags.filter(tag => tag.startsWith('kindest/node:') && !tag.endsWith(':<none>')));
}

async function isAvailable(
  docker: Docker,
  reference: string,
  local: readonly string[],
  options: ResolveNodeImageOptions,
): Promise<boolean> {
  if ((await docker.inspectImage(reference, options.signal)) !== null) return true;
  // Nothing to fall back to: let kind try its default without asking.
  if (local.length === 0) return true;
  const timeout = AbortSignal.timeout(options.registryTimeoutMs ?? 5_000);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    const answer = await docker.stream({ method: 'GET', path: `/distribution/${reference}/json`, signal });
    answer.body.resume();
    return answer.status === 200;
  } catch (error) {
    if (options.signal?.aborted && isAbort(error)) throw error;
    return false;
  }
}

const known = new Map<string, string | null>();

/**
 * kind has no command that names its default image, and it differs by version: the program itself holds it as text
 * (`kindest/node:vX@sha256:…`), and 10 MB are read in a few milliseconds, once per program.
 */
export async function kindDefaultImage(tools: Tools): Promise<string | null> {
  const kind = await tools.find('kind');
  if (kind === null) return null;
  const remembered = known.get(kind.path);
  if (remembered !== undefined) return remembered;
  const found = await findNodeImage(kind.path).catch(() => null);
  known.set(kind.path, found);
  return found;
}

async function findNodeImage(path: string): Promise<string | null> {
  const pattern = /kindest\/node:v[\d.]+@sha256:[0-9a-f]{64}/;
  let tail = '';
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    const text = tail + (chunk as Buffer).toString('latin1');
    const match = pattern.exec(text);
    if (match !== null) return match[0];
    tail = text.slice(-200);
  }
  return null;
}

function withoutDigest(reference: string): string {
  return reference.replace(/@sha256:.*$/, '');
}
