import type { Cluster } from '../cluster/index.ts';
import { PtahError } from '../errors/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import type { DashboardPlace, DashboardToken } from './types.ts';

/** The API server gives no token for less than ten minutes. */
const tokenSeconds = 900;

/** Looks in every namespace, as the names in `ui` of `ptah.yml` have none. */
export async function findDashboard(
  cluster: Cluster,
  ui: { readonly service: string; readonly user: string },
  signal?: AbortSignal,
): Promise<DashboardPlace> {
  const first = async (kind: string, name: string) =>
    (
      await cluster.list({ apiVersion: 'v1', kind, fieldSelector: `metadata.name=${name}` }, signal)
    ).items.toSorted((a, b) => ((a.metadata.namespace ?? '') < (b.metadata.namespace ?? '') ? -1 : 1))[0];
  const [service, user] = await Promise.all([first('Service', ui.service), first('ServiceAccount', ui.user)]);
  const port = service === undefined ? null : portOf(service);
  const missing = [
    ...(service === undefined ? [`no Service ${ui.service} (ui.service)`] : []),
    ...(service !== undefined && port === null ? [`no TCP port at the Service ${ui.service}`] : []),
    ...(user === undefined ? [`no service account ${ui.user} (ui.user)`] : []),
  ];
  return {
    service:
      service === undefined || port === null
        ? null
        : { namespace: service.metadata.namespace ?? 'default', name: service.metadata.name, port },
    user:
      user === undefined
        ? null
        : { namespace: user.metadata.namespace ?? 'default', name: user.metadata.name },
    missing: missing.length === 0 ? null : `There is ${missing.join(' and ')} in the cluster.`,
  };
}

/** A token for that service account alone, made by the API server, that ends by itself. */
export async function requestToken(
  cluster: Cluster,
  user: { readonly namespace: string; readonly name: string },
  signal?: AbortSignal,
): Promise<DashboardToken> {
  const path = `/api/v1/namespaces/${encodeURIComponent(user.namespace)}/serviceaccounts/${encodeURIComponent(user.name)}/token`;
  const answer = await cluster.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: tokenSeconds },
    }),
    ...(signal && { signal }),
  });
  const body = (await answer.json().catch(() => ({}))) as {
    readonly message?: string;
    readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
  };
  const { token, expirationTimestamp } = body.status ?? {};
  if (!answer.ok || token === undefined || expirationTimestamp === undefined)
    throw new PtahError(
      answer.status === 403 ? 'forbidden' : 'token-refused',
      `The API server gives no token for the service account ${user.name}: ${body.message ?? `HTTP ${answer.status}`}`,
      { details: { status: answer.status } },
    );
  return { token, expiresAt: expirationTimestamp };
}

export const schemeOf = (port: number): 'http' | 'https' =>
  port === 443 || port === 8443 ? 'https' : 'http';

/** Below the API, as `kubectl proxy` serves it. */
export const proxyPath = ({ namespace, name, port }: NonNullable<DashboardPlace['service']>): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/services/${schemeOf(port)}:${encodeURIComponent(name)}:${port}/proxy/`;

function portOf({ spec }: KubernetesObject & { readonly spec?: unknown }): number | null {
  const { ports = [] } = (spec ?? {}) as {
    readonly ports?: readonly { readonly port: number; readonly protocol?: string; readonly name?: string }[];
  };
  const tcp = ports.filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP');
  return (tcp.find(({ port, name }) => port === 443 || name === 'https') ?? tcp[0])?.port ?? null;
}
