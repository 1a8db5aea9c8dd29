import type { KubernetesObject } from '../../manifests/index.ts';
import type { ContainerState } from '../types.ts';
import { at, entries, items, record, text } from './json.ts';
import type { ObjectRow } from './types.ts';

/** An object as a row: what its kind is looked at for. Pure. */
export function objectRow(object: KubernetesObject): ObjectRow {
  const { apiVersion, kind, metadata } = object;
  return {
    ref: { apiVersion, kind, namespace: metadata.namespace ?? null, name: metadata.name },
    uid: text(metadata.uid),
    createdAt: text(metadata.creationTimestamp),
    state: stateOf(object),
    summary: summaryOf(object),
  };
}

function stateOf(object: KubernetesObject): ContainerState | null {
  if (object.metadata.deletionTimestamp !== undefined) return 'ending';
  const phase = text(at(object, 'status', 'phase'));
  if (object.kind === 'PersistentVolumeClaim')
    return phase === 'Bound' ? 'running' : phase === 'Lost' ? 'failed' : 'waiting';
  if (object.kind === 'Namespace') return phase === 'Terminating' ? 'ending' : 'running';
  const ready = items(at(object, 'status', 'conditions'))
    .map(record)
    .find(({ type }) => type === 'Ready' || type === 'Available' || type === 'Established');
  if (ready === undefined) return null;
  return ready.status === 'True' ? 'running' : 'not-ready';
}

function summaryOf(object: KubernetesObject): string {
  switch (object.kind) {
    case 'ConfigMap':
      return object.metadata.annotations?.['applyset.kubernetes.io/tooling'] === undefined
        ? keysOf(object, 'data', 'binaryData')
        : 'Inventory of this project';
    case 'Secret':
      return joined([keysOf(object, 'data'), text(object.type)]);
    case 'Service':
      return joined([
        text(at(object, 'spec', 'type')) || 'ClusterIP',
        ...items(at(object, 'spec', 'ports')).map(port => portText(record(port))),
      ]);
    case 'PersistentVolumeClaim':
      return joined([
        text(at(object, 'status', 'phase')),
        text(at(object, 'status', 'capacity', 'storage')) ||
          text(at(object, 'spec', 'resources', 'requests', 'storage')),
        text(at(object, 'spec', 'storageClassName')),
      ]);
    case 'Ingress':
      return joined(items(at(object, 'spec', 'rules')).map(rule => text(record(rule).host) || 'any host'));
    case 'Role':
    case 'ClusterRole':
      return counted(items(object.rules).length, 'rule');
    case 'RoleBinding':
    case 'ClusterRoleBinding':
      return `${text(at(object, 'roleRef', 'kind'))} ${text(at(object, 'roleRef', 'name'))} for ${joined(
        items(object.subjects).map(subject => text(record(subject).name)),
      )}`;
    case 'HorizontalPodAutoscaler':
      return `${text(at(object, 'spec', 'minReplicas')) || '1'} to ${text(at(object, 'spec', 'maxReplicas'))} of ${text(at(object, 'spec', 'scaleTargetRef', 'name'))}`;
    case 'CustomResourceDefinition':
      return joined([
        text(at(object, 'spec', 'names', 'kind')),
        ...items(at(object, 'spec', 'versions')).map(version => text(record(version).name)),
      ]);
    default:
      return text(at(object, 'status', 'phase'));
  }
}

const portText = ({ port, protocol }: Readonly<Record<string, unknown>>): string =>
  `${text(port)}${protocol === undefined || protocol === 'TCP' ? '' : ` ${text(protocol)}`}`;

function keysOf(object: KubernetesObject, ...fields: readonly string[]): string {
  const keys = fields.flatMap(field => entries(object[field]).map(([key]) => key));
  if (keys.length === 0) return 'empty';
  const shown = keys.slice(0, 3).join(', ');
  return keys.length > 3 ? `${shown} and ${keys.length - 3} more` : shown;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const joined = (words: readonly string[]): string => words.filter(word => word !== '').join(', ');
