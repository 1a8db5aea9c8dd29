import { Readable } from 'node:stream';
import { PtahError } from '../errors/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import type { Tools } from '../tools/index.ts';
import { createAskJson, readText } from './answers.ts';
import { resolveCredentials } from './credentials.ts';
import type { Credentials } from './credentials.ts';
import { execInPod } from './exec.ts';
import { readKubeconfig } from './kubeconfig.ts';
import { createObjectWrites } from './object-writes.ts';
import { createPortTunnels, openPortTunnel } from './open-tunnel.ts';
import { kubeconfigOfKind } from './pin.ts';
import { createResourcePaths, withQuery } from './resource-paths.ts';
import { statusError } from './status.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';
import type { Cluster, ListQuery, PinnedContext } from './types.ts';
import { listAndWatch } from './watch.ts';
import type { WatchLimits } from './watch.ts';

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
  const json = createAskJson(transport, pinned.context);
  const paths = createResourcePaths(json, pinned.clusterName);

  async function list(
    query: ListQuery,
    signal?: AbortSignal,
  ): Promise<{ items: KubernetesObject[]; resourceVersion: string }> {
    const { path, search, attempt } = await paths.list('list', query);
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
    resources: paths.resources,
    resource: paths.resource,
    refreshResources: paths.forget,
    list,
    ...createObjectWrites(json, paths),
    async version(signal) {
      const answer = await json<{ gitVersion: string }>(
        { path: '/version', ...(signal && { signal }) },
        { verb: 'read', resource: 'the version', namespace: null, name: null },
      );
      return answer.gitVersion;
    },
    async get(ref, signal) {
      const { path, attempt } = await paths.object('get', ref);
      try {
        return await json<KubernetesObject>({ path, ...(signal && { signal }) }, attempt);
      } catch (error) {
        if (error instanceof PtahError && error.code === 'not-found') return null;
        throw error;
      }
    },
    async *watch(query, signal) {
      yield* listAndWatch(
        {
          attempt: { verb: 'watch', resource: query.kind, namespace: query.namespace ?? null, name: null },
          ...(watchLimits && { limits: watchLimits }),
          list: listSignal => list(query, listSignal),
          async open(resourceVersion, timeoutSeconds, openSignal) {
            const { path, search, attempt } = await paths.list('watch', query);
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
