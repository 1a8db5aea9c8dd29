import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';
import type { Tools } from '../tools/index.ts';
import { resolveCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { discover, splitApiVersion } from './discovery.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { kubeconfigOfKind } from './pin.ts';
import { statusError } from './status.ts';
import type { Attempt } from './status.ts';
import { createTransport } from './transport.ts';
import type { Transport, TransportRequest } from './transport.ts';
import { execInPod } from './exec.ts';
import { createPortTunnels, openPortTunnel } from './open-tunnel.ts';
import type { ApiResource, Cluster, ListQuery, PinnedContext } from './types.ts';
import { listAndWatch } from './watch.ts';
import type { WatchLimits } from './watch.ts';

/** Our field manager (design §9). */
export const FIELD_MANAGER = 'ptah-desktop';

export interface ConnectOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Needed for a context that only kind can tell (`source: 'kind'`). */
  readonly tools?: Tools;
  readonly watchLimits?: WatchLimits;
}

/** Opens the API of a pinned context. Nothing is sent before the first call. */
export function connectCluster(pinned: PinnedContext, options: ConnectOptions = {}): Cluster {
  const env = options.env ?? process.env;
  const transport = createTransport({
    context: pinned.context,
    clusterName: pinned.clusterName,
    credentials,
  });
  return clusterOver(pinned, transport, options.watchLimits);

  async function credentials(): Promise<Credentials> {
    const config =
      pinned.source === 'kind' && options.tools !== undefined
        ? await kubeconfigOfKind(pinned.clusterName, options.tools, env)
        : await readKubeconfig(env);
    return resolveCredentials(config, pinned.context);
  }
}

function clusterOver(pinned: PinnedContext, transport: Transport, watchLimits?: WatchLimits): Cluster {
  let discovered: Promise<readonly ApiResource[]> | null = null;

  async function json<T>(
    request: TransportRequest,
    attempt: Attempt,
    onWarning?: (text: string) => void,
  ): Promise<T> {
    const response = await transport.request({
      ...request,
      headers: { accept: 'application/json', ...request.headers },
    });
    if (onWarning !== undefined) for (const warning of warnings(response)) onWarning(warning);
    const body = await readText(response, request.signal);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw statusError(status, body, attempt);
    try {
      return JSON.parse(body) as T;
    } catch (error) {
      throw new PtahError(
        'unreachable',
        `The API server of ${pinned.context} sent an answer that is no JSON.`,
        { cause: error, details: { output: [body.slice(0, 200)] } },
      );
    }
  }

  async function resources(): Promise<readonly ApiResource[]> {
    discovered ??= discover((path, headers) =>
      json(headers === undefined ? { path } : { path, headers }, {
        verb: 'read',
        resource: `the API's resources at ${path}`,
        namespace: null,
        name: null,
      }),
    ).catch((error: unknown) => {
      discovered = null;
      throw error;
    });
    return discovered;
  }

  async function resource(apiVersion: string, kind: string): Promise<ApiResource | null> {
    const { group, version } = splitApiVersion(apiVersion);
    const known = await resources();
    return (
      known.find(entry => entry.group === group && entry.version === version && entry.kind === kind) ?? null
    );
  }

  async function known(apiVersion: string, kind: string): Promise<ApiResource> {
    const found = await resource(apiVersion, kind);
    if (found !== null) return found;
    throw new PtahError(
      'unknown-kind',
      `The cluster ${pinned.clusterName} does not know ${kind} in ${apiVersion}.`,
      {
        hint: 'Check apiVersion and kind, or install the CustomResourceDefinition that brings it.',
      },
    );
  }

  async function target(verb: string, ref: ObjectRef): Promise<{ path: string; attempt: Attempt }> {
    const entry = await known(ref.apiVersion, ref.kind);
    const namespace = entry.namespaced ? (ref.namespace ?? 'default') : null;
    return {
      path: `${collectionPath(entry, namespace)}/${encodeURIComponent(ref.name)}`,
      attempt: { verb, resource: entry.resource, namespace, name: ref.name },
    };
  }

  async function listTarget(
    query: ListQuery,
    verb: string,
  ): Promise<{ path: string; search: URLSearchParams; attempt: Attempt }> {
    const entry = await known(query.apiVersion, query.kind);
    const namespace = entry.namespaced ? (query.namespace ?? null) : null;
    const search = new URLSearchParams();
    if (query.labelSelector !== undefined) search.set('labelSelector', query.labelSelector);
    if (query.fieldSelector !== undefined) search.set('fieldSelector', query.fieldSelector);
    return {
      path: collectionPath(entry, namespace),
      search,
      attempt: { verb, resource: entry.resource, namespace, name: null },
    };
  }

  async function list(
    query: ListQuery,
    signal?: AbortSignal,
  ): Promise<{ items: KubernetesObject[]; resourceVersion: string }> {
    const { path, search, attempt } = await listTarget(query, 'list');
    const answer = await json<{ items?: KubernetesObject[]; metadata?: { resourceVersion?: string } }>(
      { path: withQuery(path, search), ...(signal && { signal }) },
      attempt,
    );
    // Items of a list come without their kind.
    const items = (answer.items ?? []).map(item => ({
      ...item,
      apiVersion: query.apiVersion,
      kind: query.kind,
    }));
    return { items, resourceVersion: answer.metadata?.resourceVersion ?? '0' };
  }

  /** Once more with credentials of now: renewed meanwhile, or a cluster made anew behind the same name. */
  async function renewing<T>(
    attempt: (credentials: Credentials) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      return await attempt(await transport.credentials());
    } catch (error) {
      const stale = error instanceof PtahError && ['unauthorized', 'unreachable'].includes(error.code);
      if (!stale || signal?.aborted) throw error;
      return attempt(await transport.credentials(true));
    }
  }

  const upgrade: Cluster['upgrade'] = (path, headers, signal, method) =>
    transport.upgrade({ path, headers, ...(signal && { signal }), ...(method && { method }) });
  const portTunnel = createPortTunnels({
    webSocket: (pod, signal) => renewing(credentials => openPortTunnel(credentials, pod, signal), signal),
    upgrade,
  });

  return {
    pinned,
    resources,
    resource,
    list,
    refreshResources() {
      discovered = null;
    },
    async version(signal) {
      const answer = await json<{ gitVersion: string }>(
        { path: '/version', ...(signal && { signal }) },
        { verb: 'read', resource: 'the version', namespace: null, name: null },
      );
      return answer.gitVersion;
    },
    async get(ref, signal) {
      const { path, attempt } = await target('get', ref);
      try {
        return await json<KubernetesObject>({ path, ...(signal && { signal }) }, attempt);
      } catch (error) {
        if (error instanceof PtahError && error.code === 'not-found') return null;
        throw error;
      }
    },
    async apply(object, applyOptions = {}) {
      const { path, attempt } = await target('apply', refOf(object));
      const { dryRun, force, fieldValidation = 'Strict', onWarning, signal } = applyOptions;
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation });
      if (dryRun) search.set('dryRun', 'All');
      if (force) search.set('force', 'true');
      return json<KubernetesObject>(
        {
          method: 'PATCH',
          path: withQuery(path, search),
          headers: { 'content-type': 'application/apply-patch+yaml' },
          body: JSON.stringify(object),
          ...(signal && { signal }),
        },
        attempt,
        onWarning,
      );
    },
    async patch(ref, change, { type = 'merge', subresource, signal } = {}) {
      const { path, attempt } = await target('patch', ref);
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' });
      return json<KubernetesObject>(
        {
          method: 'PATCH',
          path: withQuery(subresource === undefined ? path : `${path}/${subresource}`, search),
          headers: {
            'content-type':
              type === 'merge' ? 'application/merge-patch+json' : 'application/strategic-merge-patch+json',
          },
          body: JSON.stringify(change),
          ...(signal && { signal }),
        },
        subresource === undefined ? attempt : { ...attempt, resource: `${attempt.resource}/${subresource}` },
      );
    },
    async replace(object, { dryRun, fieldValidation = 'Strict', onWarning, signal } = {}) {
      const { path, attempt } = await target('update', refOf(object));
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation });
      if (dryRun) search.set('dryRun', 'All');
      return json<KubernetesObject>(
        {
          method: 'PUT',
          path: withQuery(path, search),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(object),
          ...(signal && { signal }),
        },
        attempt,
        onWarning,
      );
    },
    async create(object, signal) {
      const ref = refOf(object);
      const entry = await known(ref.apiVersion, ref.kind);
      const namespace = entry.namespaced ? (ref.namespace ?? 'default') : null;
      const search = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' });
      return json<KubernetesObject>(
        {
          method: 'POST',
          path: withQuery(collectionPath(entry, namespace), search),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(object),
          ...(signal && { signal }),
        },
        { verb: 'create', resource: entry.resource, namespace, name: ref.name },
      );
    },
    async remove(ref, removeOptions = {}) {
      const { path, attempt } = await target('delete', ref);
      const { propagation = 'Background', uid, signal } = removeOptions;
      const body = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: propagation,
        ...(uid !== undefined && { preconditions: { uid } }),
      };
      await json(
        {
          method: 'DELETE',
          path,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
          ...(signal && { signal }),
        },
        attempt,
      );
    },
    async *watch(query, signal) {
      yield* listAndWatch(
        {
          attempt: { verb: 'watch', resource: query.kind, namespace: query.namespace ?? null, name: null },
          ...(watchLimits && { limits: watchLimits }),
          list: listSignal => list(query, listSignal),
          async open(resourceVersion, timeoutSeconds, openSignal) {
            const { path, search, attempt } = await listTarget(query, 'watch');
            search.set('watch', '1');
            search.set('allowWatchBookmarks', 'true');
            search.set('resourceVersion', resourceVersion);
            search.set('timeoutSeconds', String(timeoutSeconds));
            const response = await transport.request({
              path: withQuery(path, search),
              headers: { accept: 'application/json' },
              signal: openSignal,
            });
            if (response.statusCode === 200) return response;
            throw statusError(response.statusCode ?? 0, await readText(response), attempt);
          },
        },
        signal,
      );
    },
    async log(pod, logOptions = {}) {
      const search = new URLSearchParams({ container: pod.container });
      if (logOptions.previous) search.set('previous', 'true');
      if (logOptions.tailLines !== undefined) search.set('tailLines', String(logOptions.tailLines));
      const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`;
      const response = await transport.request({
        path: withQuery(path, search),
        ...(logOptions.signal && { signal: logOptions.signal }),
      });
      const body = await readText(response, logOptions.signal);
      if (response.statusCode === 200) return body;
      throw statusError(response.statusCode ?? 0, body, {
        verb: 'read the log of',
        resource: 'pods',
        namespace: pod.namespace,
        name: pod.name,
      });
    },
    async fetch(path, init = {}) {
      const response = await transport.request({ path, ...init, timeoutMs: 0 });
      const status = response.statusCode ?? 502;
      const headers = new Headers();
      for (let i = 0; i + 1 < response.rawHeaders.length; i += 2)
        headers.append(response.rawHeaders[i] ?? '', response.rawHeaders[i + 1] ?? '');
      const bodiless = status === 204 || status === 205 || status === 304 || init.method === 'HEAD';
      if (bodiless) response.resume();
      return new Response(bodiless ? null : (Readable.toWeb(response) as ReadableStream<Uint8Array>), {
        status,
        headers,
      });
    },
    // A command that was refused has not run.
    exec: (pod, command, signal) =>
      renewing(credentials => execInPod(credentials, pod, command, signal), signal),
    portTunnel,
    upgrade,
  };
}

/** Names an object that was read or is to be written. */
export function refOf(object: KubernetesObject): ObjectRef {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, namespace: metadata.namespace ?? null, name: metadata.name };
}

// The path keeps the case of names: RBAC names may hold capitals, and a client that lower-cases them breaks (the
// library's KubernetesObjectApi does).
function collectionPath({ group, version, resource }: ApiResource, namespace: string | null): string {
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  return namespace === null
    ? `${base}/${resource}`
    : `${base}/namespaces/${encodeURIComponent(namespace)}/${resource}`;
}

function withQuery(path: string, search: URLSearchParams): string {
  const query = search.toString();
  return query === '' ? path : `${path}?${query}`;
}

async function readText(response: IncomingMessage, signal?: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    signal?.throwIfAborted();
    throw new PtahError('unreachable', 'The API server closed the connection in the middle of its answer.', {
      cause: error,
    });
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** RFC 7234 `Warning: 299 - "text"`, as the API server sends them. */
function warnings(response: IncomingMessage): string[] {
  const header = response.headers.warning;
  if (header === undefined) return [];
  return [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    (text ?? '').replace(/\\(.)/g, '$1'),
  );
}
