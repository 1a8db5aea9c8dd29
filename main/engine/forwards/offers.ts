import type { Cluster } from '../cluster/index.ts';
import { PROJECT_LABEL, projectLabel, releaseOf } from '../manifests/index.ts';
import type { KubernetesObject } from '../manifests/index.ts';
import { asPod, asService, asWorkload, declaredPorts, matchesSelector } from './kube-shapes.ts';
import type { PodSpec } from './kube-shapes.ts';
import { proposedPort } from './local-port.ts';
import type { ForwardOffer, ForwardTarget } from './types.ts';

const workloadKinds = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
] as const;
const helmLabel = 'app.kubernetes.io/managed-by=Helm';

/** What browsers can't do anything with, whatever its name. */
const notWeb = new Set([
  21, 22, 25, 53, 1433, 1521, 2379, 3306, 4222, 5432, 5672, 6379, 9042, 9092, 11_211, 27_017,
]);
const webNames = /^(https?|web|ui|dashboard|www|api|console|admin)/i;

/** Every declared port of the project's workloads and Services, in all namespaces, and of the Helm releases that its Helmfile brought. */
export async function projectOffers(
  cluster: Cluster,
  project: {
    readonly name: string;
    /** `namespace/name`: charts carry no label of ours, and other releases of the cluster are others'. */
    readonly releases: readonly string[];
  },
  signal?: AbortSignal,
): Promise<ForwardOffer[]> {
  const list = async (apiVersion: string, kind: string): Promise<KubernetesObject[]> => {
    const of = async (labelSelector: string) =>
      (await cluster.list({ apiVersion, kind, labelSelector }, signal)).items;
    const [own, ofHelm] = await Promise.all([
      of(`${PROJECT_LABEL}=${projectLabel(project.name)}`),
      project.releases.length === 0 ? [] : of(helmLabel),
    ]);
    const released = ofHelm.filter(object => project.releases.includes(releaseOf(object) ?? ''));
    const byName = new Map<string, KubernetesObject>();
    for (const object of [...own, ...released])
      byName.set(`${object.metadata.namespace}/${object.metadata.name}`, object);
    return [...byName.values()];
  };
  const [services, pods, ...workloads] = await Promise.all([
    list('v1', 'Service'),
    list('v1', 'Pod'),
    ...workloadKinds.map(([apiVersion, kind]) => list(apiVersion, kind)),
  ]);
  const all = workloads.flat();
  const alone = pods.filter(object => asPod(object).metadata.ownerReferences === undefined);
  return [
    ...[...all, ...alone].flatMap(objectOffers),
    ...services.flatMap(service =>
      objectOffers(service).map(offer => ({ ...offer, covered: isCovered(service, offer, all) })),
    ),
  ].toSorted(byPlace);
}

/** Every declared port of one object. */
export function objectOffers(object: KubernetesObject): ForwardOffer[] {
  const target: ForwardTarget = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace ?? 'default',
    name: object.metadata.name,
  };
  if (object.kind === 'Service')
    return (asService(object).spec?.ports ?? [])
      .filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP')
      .map(({ name, port }) => offerOf(target, port, name ?? null, null));
  return declaredPorts(podSpecOf(object)).map(({ container, name, port }) =>
    offerOf(target, port, name, container),
  );
}

const podSpecOf = (object: KubernetesObject): PodSpec | undefined =>
  object.kind === 'Pod' ? asPod(object).spec : asWorkload(object).spec?.template?.spec;

function offerOf(
  target: ForwardTarget,
  number: number,
  portName: string | null,
  container: string | null,
): ForwardOffer {
  return {
    target,
    // by its name it goes on working where a new version numbers it anew
    port: portName ?? number,
    portName,
    number,
    container,
    localPort: proposedPort(number),
    web: isWeb(number, portName),
    covered: false,
  };
}

/** Whether a browser may make something of it: everything but what is known to be something else. */
export function isWeb(number: number, name: string | null): boolean {
  if (name !== null && webNames.test(name)) return true;
  return (
    !notWeb.has(number) && !/^(tcp|grpc|sql|db|redis|mysql|postgres|mongo|amqp|smtp|ssh)/i.test(name ?? '')
  );
}

function isCovered(
  service: KubernetesObject,
  offer: ForwardOffer,
  workloads: readonly KubernetesObject[],
): boolean {
  const { selector, ports = [] } = asService(service).spec ?? {};
  const declared = ports.find(({ port }) => port === offer.number);
  if (!selector || !declared) return false;
  const wanted = declared.targetPort ?? declared.port;
  return workloads.some(workload => {
    if (workload.metadata.namespace !== service.metadata.namespace) return false;
    const template = asWorkload(workload).spec?.template as
      { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } | undefined;
    return (
      matchesSelector(template?.metadata?.labels, { matchLabels: selector }) &&
      declaredPorts(podSpecOf(workload)).some(({ name, port }) => port === wanted || name === wanted)
    );
  });
}

function byPlace(a: ForwardOffer, b: ForwardOffer): number {
  const key = ({ target, number }: ForwardOffer) =>
    `${target.namespace}/${target.name}/${target.kind}/${String(number).padStart(5, '0')}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}
