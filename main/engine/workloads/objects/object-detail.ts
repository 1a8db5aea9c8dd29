import type { KubernetesObject } from '../../manifests/index.ts';
import { containerDetail } from './container-detail.ts';
import { at, entries, items, record, text, textRecord } from './json.ts';
import { objectRow } from './object-row.ts';
import type { ObjectDetail } from './types.ts';

const RESTARTS = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
const SCALES = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController']);
/** Kept by kubectl for itself: a second copy of the object. */
const HIDDEN = 'kubectl.kubernetes.io/last-applied-configuration';

/** An object as `kubectl describe` would tell it. Pure. */
export function objectDetail(object: KubernetesObject): ObjectDetail {
  const { ref, uid, createdAt } = objectRow(object);
  const { [HIDDEN]: _, ...annotations } = textRecord(object.metadata.annotations);
  const spec = podSpecOf(object);
  const statuses = [
    ...items(at(object, 'status', 'initContainerStatuses')),
    ...items(at(object, 'status', 'containerStatuses')),
  ].map(record);
  const replicas = at(object, 'spec', 'replicas');
  return {
    ref,
    uid,
    createdAt,
    ending: object.metadata.deletionTimestamp !== undefined,
    labels: textRecord(object.metadata.labels),
    annotations,
    owners: items(object.metadata.ownerReferences)
      .map(record)
      .map(({ kind, name }) => ({ kind: text(kind), name: text(name) })),
    facts: factsOf(object, spec).filter(({ value }) => value !== ''),
    conditions: items(at(object, 'status', 'conditions'))
      .map(record)
      .map(({ type, status, reason, message, lastTransitionTime }) => ({
        type: text(type),
        status: text(status),
        reason: text(reason) || null,
        message: text(message) || null,
        at: text(lastTransitionTime) || null,
      })),
    containers: [
      ...items(spec.initContainers).map(one => containerDetail(record(one), true, statuses)),
      ...items(spec.containers).map(one => containerDetail(record(one), false, statuses)),
    ],
    volumes: items(spec.volumes).map(volume => volumeOf(record(volume))),
    can: { restart: RESTARTS.has(ref.kind), scale: SCALES.has(ref.kind), delete: ref.kind === 'Pod' },
    replicas: SCALES.has(ref.kind) ? (typeof replicas === 'number' ? replicas : 1) : null,
  };
}

function podSpecOf(object: KubernetesObject): Readonly<Record<string, unknown>> {
  if (object.kind === 'Pod') return record(object.spec);
  if (object.kind === 'CronJob') return record(at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec'));
  return record(at(object, 'spec', 'template', 'spec'));
}

function factsOf(
  object: KubernetesObject,
  pod: Readonly<Record<string, unknown>>,
): { name: string; value: string }[] {
  const fact = (name: string, ...path: readonly string[]) => ({ name, value: text(at(object, ...path)) });
  const pairs = (name: string, value: unknown) => ({
    name,
    value: entries(value)
      .map(([key, inner]) => `${key}=${text(inner)}`)
      .join(', '),
  });
  const account = { name: 'Service account', value: text(pod.serviceAccountName) };
  const places = pairs('Node selector', pod.nodeSelector);
  switch (object.kind) {
    case 'Pod':
      return [
        fact('Node', 'spec', 'nodeName'),
        fact('Pod IP', 'status', 'podIP'),
        fact('Phase', 'status', 'phase'),
        fact('Quality of service', 'status', 'qosClass'),
        fact('Restart policy', 'spec', 'restartPolicy'),
        fact('Priority', 'spec', 'priorityClassName'),
        account,
        places,
      ];
    case 'Deployment':
    case 'StatefulSet':
    case 'DaemonSet':
      return [
        fact('Strategy', 'spec', object.kind === 'Deployment' ? 'strategy' : 'updateStrategy', 'type'),
        fact('Paused', 'spec', 'paused'),
        pairs('Selector', at(object, 'spec', 'selector', 'matchLabels')),
        fact('Service', 'spec', 'serviceName'),
        {
          name: 'Revision',
          value: object.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? '',
        },
        account,
        places,
      ];
    case 'CronJob':
      return [
        fact('Schedule', 'spec', 'schedule'),
        fact('Time zone', 'spec', 'timeZone'),
        fact('Suspended', 'spec', 'suspend'),
        fact('Concurrency', 'spec', 'concurrencyPolicy'),
        fact('Last scheduled', 'status', 'lastScheduleTime'),
        account,
      ];
    case 'Job':
      return [
        fact('Completions', 'spec', 'completions'),
        fact('Parallelism', 'spec', 'parallelism'),
        fact('Backoff limit', 'spec', 'backoffLimit'),
        account,
      ];
    case 'Service':
      return [
        fact('Type', 'spec', 'type'),
        fact('Cluster IP', 'spec', 'clusterIP'),
        fact('External name', 'spec', 'externalName'),
        {
          name: 'Ports',
          value: items(at(object, 'spec', 'ports'))
            .map(record)
            .map(({ name, port, targetPort, protocol }) =>
              `${text(name)} ${text(port)} to ${text(targetPort)} ${text(protocol)}`.trim(),
            )
            .join(', '),
        },
        pairs('Selector', at(object, 'spec', 'selector')),
      ];
    default:
      return [{ name: 'Summary', value: objectRow(object).summary }];
  }
}

/** `ConfigMap app-config`, `emptyDir`. */
function volumeOf(volume: Readonly<Record<string, unknown>>): { name: string; from: string } {
  const [source = '', value] = Object.entries(volume).find(([key]) => key !== 'name') ?? [];
  const inner = record(value);
  const name = text(inner.name) || text(inner.secretName) || text(inner.claimName) || text(inner.path);
  return { name: text(volume.name), from: name === '' ? source : `${source} ${name}` };
}
