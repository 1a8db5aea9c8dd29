import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../manifests/index.ts';
import { isUnsettled } from './settled.ts';

const live = (kind: string, spec: object, status: object, generation = 1): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'api', generation },
  spec,
  status,
});
const good = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  availableReplicas: 1,
  readyReplicas: 1,
};

describe('a live workload', () => {
  it.each([
    ['Deployment', {}, good, false],
    ['Deployment', {}, { ...good, availableReplicas: 0 }, true],
    ['Deployment', {}, { ...good, observedGeneration: 0 }, true],
    ['Deployment', {}, { ...good, replicas: 2 }, true],
    ['Deployment', { replicas: 0 }, { observedGeneration: 1 }, false],
    ['Deployment', {}, {}, true],
    ['StatefulSet', { replicas: 2 }, good, true],
    ['StatefulSet', {}, good, false],
    ['DaemonSet', {}, { observedGeneration: 1, desiredNumberScheduled: 2, numberAvailable: 1 }, true],
    ['DaemonSet', {}, { observedGeneration: 1 }, false],
    ['Job', {}, {}, true],
    ['Job', { suspend: true }, {}, false],
    ['Job', {}, { conditions: [{ type: 'Complete', status: 'True' }] }, false],
    ['Job', {}, { conditions: [{ type: 'Failed', status: 'True' }] }, false],
    ['ConfigMap', {}, {}, false],
  ])('%s %j %j: to be waited for is %s', (kind, spec, status, unsettled) => {
    expect(isUnsettled(live(kind, spec, status))).toBe(unsettled);
  });
});
