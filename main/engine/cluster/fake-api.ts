import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject, ObjectRef } from '../manifests/index.ts';
import { connectCluster } from './connect.ts';
import { FakeStore, fakeResources } from './fake-store.ts';
import type { FakeResource } from './fake-store.ts';
import { pinKindContext } from './pin.ts';
import type { Cluster } from './types.ts';
import type { WatchLimits } from './watch.ts';

/** An API server in this process: enough of it for logic and for faults that a real one shows only by chance. */
export interface FakeApi {
  readonly url: string;
  /** `KUBECONFIG` with the context `kind-fake`. */
  readonly env: NodeJS.ProcessEnv;
  /** `PATCH /api/v1/…?dryRun=All`, in order. */
  readonly requests: readonly string[];
  cluster(limits?: WatchLimits): Promise<Cluster>;
  put(object: KubernetesObject): KubernetesObject;
  remove(ref: ObjectRef): void;
  /** Answers the next request whose `METHOD /path` contains `text` with a Status instead. */
  failNext(text: string, status: number, body?: Record<string, unknown>): void;
  /** Cuts every open watch in the middle. */
  dropWatches(): void;
  /** Ends every open watch in order, as the server does after `timeoutSeconds`. */
  endWatches(): void;
  /** Open watches stay open and hear nothing more: a half-open connection. */
  muteWatches(): void;
  /** Sends raw bytes to the open watches. */
  sendRaw(bytes: Uint8Array): void;
  /** The next watch is told that its resource version is too old (in the stream, as the server does). */
  expireNextWatch(): void;
  openWatches(): number;
  /** Answers what goes through the service proxy, WebSockets too. */
  onProxy(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
  ): void;
  /** Stops listening; its kubeconfig stays. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

interface OpenWatch {
  readonly response: ServerResponse;
  readonly matches: (object: KubernetesObject) => boolean;
  muted: boolean;
}

export async function startFakeApi(): Promise<FakeApi> {
  const store = new FakeStore();
  const watches = new Set<OpenWatch>();
  const requests: string[] = [];
  const upgraded = new Set<Duplex>();
  const failures: { text: string; status: number; body: Record<string, unknown> }[] = [];
  let expire = false;
  let proxied: ((request: IncomingMessage, response: ServerResponse) => void) | null = null;
  store.onEvent = (type, object) => {
    for (const watch of watches)
      if (!watch.muted && watch.matches(object))
        watch.response.write(`${JSON.stringify({ type, object })}\n`);
  };

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) =>
      sendStatus(response, 500, { message: String(error) }),
    );
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET';
    const line = `${method} ${request.url}`;
    requests.push(line);
    const url = new URL(request.url ?? '/', 'http://fake');
    const failing = failures.findIndex(({ text }) => line.includes(text));
    if (failing !== -1) {
      const [failure] = failures.splice(failing, 1);
      request.resume();
      sendStatus(response, failure?.status ?? 500, failure?.body ?? {});
      return;
    }
    if (proxied !== null && url.pathname.includes('/proxy')) return proxied(request, response);
    if (url.pathname === '/version') return sendJson(response, { gitVersion: 'v1.34.0-fake' });
    if (url.pathname === '/api' || url.pathname === '/apis')
      return sendJson(response, discovery(url.pathname));
    const place = parsePath(url.pathname);
    if (place === null)
      return sendStatus(response, 404, {
        reason: 'NotFound',
        message: 'the server could not find the requested resource',
      });
    const { resource, namespace, name } = place;
    if (method === 'GET' && name === null && url.searchParams.get('watch') === '1')
      return watch(request, response, place, url.searchParams);
    if (method === 'GET' && name === null)
      return sendJson(response, store.list(resource, namespace, url.searchParams.get('labelSelector')));
    if (name === null && method !== 'POST')
      return sendStatus(response, 405, { message: 'method not allowed' });
    const body = method === 'GET' ? '' : await readBody(request);
    const outcome =
      method === 'GET'
        ? store.get(resource, namespace, name ?? '')
        : method === 'PATCH'
          ? store.apply(resource, namespace, name ?? '', JSON.parse(body) as KubernetesObject, {
              dryRun: url.searchParams.has('dryRun'),
              force: url.searchParams.get('force') === 'true',
              manager: url.searchParams.get('fieldManager') ?? 'unknown',
            })
          : method === 'POST'
            ? store.create(resource, JSON.parse(body) as KubernetesObject)
            : store.delete(resource, namespace, name ?? '');
    if ('status' in outcome) return sendStatus(response, outcome.status, outcome.body);
    sendJson(response, outcome.object, method === 'POST' ? 201 : 200);
  }

  function watch(
    request: IncomingMessage,
    response: ServerResponse,
    place: { resource: FakeResource; namespace: string | null },
    query: URLSearchParams,
  ): void {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (expire) {
      expire = false;
      response.end(
        `${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' } })}\n`,
      );
      return;
    }
    response.flushHeaders();
    const open: OpenWatch = {
      response,
      muted: false,
      matches: object => store.matches(object, place.resource, place.namespace, query.get('labelSelector')),
    };
    watches.add(open);
    for (const event of store.since(Number(query.get('resourceVersion') ?? 0)))
      if (open.matches(event.object)) response.write(`${JSON.stringify(event)}\n`);
    request.once('close', () => watches.delete(open));
    response.once('close', () => watches.delete(open));
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const folder = await mkdtemp(join(tmpdir(), 'ptah-fake-api-'));
  const kubeconfig = join(folder, 'config');
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'somewhere-else',
      clusters: [{ name: 'fake', cluster: { server: url } }],
      users: [{ name: 'fake', user: { token: 'fake-token' } }],
      contexts: [{ name: 'kind-fake', context: { cluster: 'fake', user: 'fake' } }],
    }),
  );
  const env = { KUBECONFIG: kubeconfig };
  return {
    url,
    env,
    requests,
    cluster: async limits =>
      connectCluster(await pinKindContext('fake', { env }), { env, ...(limits && { watchLimits: limits }) }),
    put: object => store.put(object),
    remove: ref => store.removeRef(ref),
    failNext(text, status, body = {}) {
      failures.push({ text, status, body });
    },
    dropWatches() {
      for (const { response } of watches) response.destroy();
      watches.clear();
    },
    endWatches() {
      for (const { response } of watches) response.end();
      watches.clear();
    },
    muteWatches() {
      for (const open of watches) open.muted = true;
    },
    sendRaw(bytes) {
      for (const { response } of watches) response.write(bytes);
    },
    expireNextWatch() {
      expire = true;
    },
    openWatches: () => watches.size,
    onProxy(answerProxied, upgrade) {
      proxied = answerProxied;
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // Node lets go of a socket that was taken over: it would keep the server from closing.
        upgraded.add(socket);
        upgrade?.(request, socket, head);
      });
    },
    stop,
    async close() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function stop(): Promise<void> {
    const closed = new Promise<void>(resolve => server.close(() => resolve()));
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
    await closed;
  }
}

function discovery(path: string): unknown {
  const groups = new Map<string, FakeResource[]>();
  for (const resource of fakeResources) {
    if ((resource.group === '') !== (path === '/api')) continue;
    groups.set(resource.group, [...(groups.get(resource.group) ?? []), resource]);
  }
  const items = [...groups].map(([group, resources]) => ({
    metadata: { name: group },
    versions: [...new Set(resources.map(({ version }) => version))].map(version => ({
      version,
      resources: resources
        .filter(resource => resource.version === version)
        .map(({ resource, kind, namespaced }) => ({
          resource,
          responseKind: { kind },
          scope: namespaced ? 'Namespaced' : 'Cluster',
          verbs: ['get', 'list', 'watch', 'patch', 'create', 'delete'],
        })),
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', items };
}

function parsePath(
  path: string,
): { resource: FakeResource; namespace: string | null; name: string | null } | null {
  const match =
    /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+)(?=\/))?\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (match === null) return null;
  const [, group = '', version, namespace, plural, name] = match;
  const resource = fakeResources.find(
    entry => entry.group === group && entry.version === version && entry.resource === plural,
  );
  return resource === undefined
    ? null
    : { resource, namespace: namespace ?? null, name: name === undefined ? null : decodeURIComponent(name) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, body: unknown, status = 200): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendStatus(response: ServerResponse, status: number, body: Record<string, unknown>): void {
  sendJson(response, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: status, ...body }, status);
}
