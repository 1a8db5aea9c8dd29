import type { Wave } from '../deploy/index.ts';
import type { KubernetesObject } from './types.ts';

const WORKLOADS = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
  'CronJob',
  'Pod',
]);
const BUILT_IN_GROUP = /^([a-z0-9-]+|[a-z0-9.-]+\.k8s\.io)$/;

/** In which wave an object is applied. Custom resources go last: they mostly make workloads. */
export function waveOf(object: KubernetesObject): Wave {
  if (object.kind === 'CustomResourceDefinition') return 'crds';
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') return 'namespaces';
  if (WORKLOADS.has(object.kind)) return 'workloads';
  const slash = object.apiVersion.indexOf('/');
  return slash === -1 || BUILT_IN_GROUP.test(object.apiVersion.slice(0, slash))
    ? 'configuration'
    : 'workloads';
}
