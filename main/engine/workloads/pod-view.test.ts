import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { KubeEvent, Pod, Workload } from './kube-types.ts';
import { findProblems } from './findings.ts';
import { currentReference, podView } from './pod-view.ts';
import { hasStayedUp, isStable } from './stability.ts';

// Pods as a real API server (1.34) gave them, in the state of their name.
const recorded = (name: string): Pod =>
  JSON.parse(readFileSync(new URL(`recorded/${name}.json`, import.meta.url), 'utf8')) as Pod;

describe('the state of a recorded pod in words', () => {
  test.each([
    ['running', 'running', 'Running'],
    ['completed', 'completed', 'Completed'],
    ['failed', 'failed', 'exit code 7'],
    ['crash-loop', 'failed', 'CrashLoopBackOff: exit code 3'],
    ['out-of-memory', 'failed', /^CrashLoopBackOff: (OOMKilled \(exit code 137\)|exit code 137)$/],
    ['no-such-command', 'failed', /^CrashLoopBackOff: StartError \(exit code 128\): .*no such file/],
    ['initializing', 'starting', 'Initializing 0 of 1'],
    ['init-crash', 'failed', 'Init container migrate: CrashLoopBackOff: exit code 1'],
    [
      'never-pull',
      'failed',
      'ErrImageNeverPull: Container image "nowhere/at-all:1" is not present with pull policy of Never',
    ],
    ['pull-failed', 'failed', /^ImagePullBackOff: Back-off pulling image "127\.0\.0\.1:9\/none:1"/],
    ['invalid-image', 'failed', /^InvalidImageName: /],
    ['config-missing', 'failed', 'CreateContainerConfigError: configmap "gone" not found'],
    ['unschedulable', 'waiting', /^Unschedulable: 0\/1 nodes are available/],
    ['volume-missing', 'starting', 'ContainerCreating'],
    ['terminating', 'ending', 'Terminating'],
    ['not-ready', 'not-ready', 'main is not ready'],
    ['starting-probe', 'starting', 'Started, its startup probe has not passed yet'],
    ['sidecar', 'running', 'Running'],
    ['evicted', 'failed', /^Evicted: The node was low on resource/],
  ])('%s → %s', (name, state, status) => {
    const view = podView(recorded(name));
    expect(view.state).toBe(state);
    if (typeof status === 'string') expect(view.status).toBe(status);
    else expect(view.status).toMatch(status);
  });

  test('containers keep their order, init containers first, with restarts and IDs', () => {
    const view = podView(recorded('init-crash'));
    expect(view.containers.map(({ name, init, state }) => [name, init, state])).toEqual([
      ['migrate', true, 'failed'],
      ['main', false, 'starting'],
    ]);
    expect(view.restarts).toBeGreaterThan(1);
    expect(podView(recorded('running')).containers[0]?.containerId).toMatch(/^containerd:\/\/[0-9a-f]{64}$/);
  });

  test('a pod without any status is waiting', () => {
    const view = podView({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'new', namespace: 'shop' },
      spec: { containers: [{ name: 'main', image: 'x' }] },
    });
    expect(view).toMatchObject({ state: 'starting', node: null, containers: [{ state: 'waiting' }] });
  });
});

describe('whose image it is', () => {
  const images = new Map([
    ['api', 'api:b3c3fbc'],
    ['team/web', 'team/web:1234567'],
  ]);

  test.each([
    ['api:b3c3fbc', 'api:b3c3fbc'],
    ['docker.io/library/api:0000000', 'api:b3c3fbc'],
    ['localhost/api:1', 'api:b3c3fbc'],
    ['team/web', 'team/web:1234567'],
    ['registry:5000/api:1', null],
    ['apix:1', null],
  ])('%s → %s', (image, reference) => {
    expect(currentReference(image, images)).toBe(reference);
  });

  test('an image is old when the folder gives another reference', () => {
    const pod = recorded('running');
    const name = pod.spec?.containers?.[0]?.image?.replace(/^docker\.io\//, '').replace(/:[^:]+$/, '') ?? '';
    expect(podView(pod, new Map([[name, `${name}:newer`]])).containers[0]).toMatchObject({
      ours: true,
      old: true,
    });
    expect(
      podView(pod, new Map([[name, pod.spec?.containers?.[0]?.image ?? '']])).containers[0],
    ).toMatchObject({ ours: true, old: false });
    expect(podView(pod).containers[0]).toMatchObject({ ours: false, old: false });
  });
});

describe('what keeps a pod from settling', () => {
  const deployment: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api', uid: 'd' },
  };
  const find = (name: string, events: KubeEvent[] = []) =>
    findProblems(deployment, [recorded(name)], events)[0];

  test.each([
    ['crash-loop', 'crash-loop', 'main'],
    ['out-of-memory', 'out-of-memory', 'main'],
    ['no-such-command', 'crash-loop', 'main'],
    ['init-crash', 'init-failed', 'migrate'],
    ['never-pull', 'image-pull', 'main'],
    ['pull-failed', 'image-pull', 'main'],
    ['invalid-image', 'image-pull', 'main'],
    ['config-missing', 'config-missing', 'main'],
    ['unschedulable', 'scheduling', null],
  ])('%s: %s of %s, with something to try', (name, code, container) => {
    const finding = find(name);
    expect(finding).toMatchObject({ code, container, pod: name });
    expect(finding?.hint.length).toBeGreaterThan(10);
    expect(finding?.graceMs).toBeLessThanOrEqual(20_000);
  });

  test.each(['running', 'initializing', 'sidecar', 'completed'])('%s: nothing', name => {
    expect(find(name)).toBeUndefined();
  });

  test('one crash is not believed yet', () => {
    const pod = recorded('crash-loop');
    const [status] = pod.status?.containerStatuses ?? [];
    const once: Pod = {
      ...pod,
      status: {
        ...pod.status,
        containerStatuses: status === undefined ? [] : [{ ...status, restartCount: 1 }],
      },
    };
    expect(findProblems(deployment, [once], [])[0]?.graceMs).toBe(Infinity);
  });

  test('a failing readiness probe is told from its event, and waited for', () => {
    const pod = recorded('not-ready');
    const events: KubeEvent[] = [
      {
        metadata: { name: 'e' },
        type: 'Warning',
        reason: 'Unhealthy',
        message: 'Readiness probe failed: HTTP 500',
        involvedObject: { uid: pod.metadata.uid, fieldPath: 'spec.containers{main}' },
        lastTimestamp: null,
        eventTime: '2026-01-01T00:00:00Z',
      },
    ];
    expect(find('not-ready', events)).toMatchObject({
      code: 'probe',
      graceMs: Infinity,
      message: expect.stringContaining('HTTP 500'),
    });
  });

  test('a mount that fails is told from the newest event, also where only the newer fields are set', () => {
    const uid = recorded('volume-missing').metadata.uid;
    const event = (message: string, time: Partial<KubeEvent>): KubeEvent => ({
      metadata: { name: message },
      type: 'Warning',
      reason: 'FailedMount',
      message,
      involvedObject: { uid },
      ...time,
    });
    const events = [
      event('secret "new" not found', { series: { lastObservedTime: '2026-01-01T00:02:00Z' } }),
      event('secret "old" not found', { lastTimestamp: '2026-01-01T00:01:00Z' }),
    ];
    expect(find('volume-missing', events)).toMatchObject({
      code: 'config-missing',
      message: 'A volume cannot be mounted: secret "new" not found',
    });
  });

  test('a quota from the condition of the Deployment', () => {
    const workload: Workload = {
      ...deployment,
      status: {
        conditions: [
          {
            type: 'ReplicaFailure',
            status: 'True',
            reason: 'FailedCreate',
            message: 'pods "api-1" is forbidden: exceeded quota: small',
          },
        ],
      },
    };
    expect(findProblems(workload, [], [])[0]).toMatchObject({ code: 'quota', pod: null });
  });
});

test('ready is believed only once the container has stayed up', () => {
  const pod = recorded('running');
  const startedAt = Date.parse(pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '');
  expect(hasStayedUp(pod, startedAt + 1_000)).toBe(false);
  expect(hasStayedUp(pod, startedAt + 3_000)).toBe(true);
  expect(hasStayedUp(pod, startedAt - 60_000), 'a clock that runs behind').toBe(true);
});

test('a workload whose status lags behind its pods is not believed', () => {
  const pod = recorded('running');
  const later = Date.parse(pod.status?.containerStatuses?.[0]?.state?.running?.startedAt ?? '') + 60_000;
  const workload = (updatedReplicas: number): Workload => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api', uid: 'd' },
    status: { updatedReplicas, availableReplicas: updatedReplicas },
  });
  expect(isStable(workload(1), [pod], later)).toBe(true);
  expect(isStable(workload(2), [pod], later), 'a pod that is not known yet').toBe(false);
  expect(isStable(workload(1), [recorded('crash-loop')], later), 'a pod that has crashed').toBe(false);
  expect(isStable(workload(1), [pod, recorded('evicted')], later), 'one was evicted before').toBe(true);
  expect(isStable(workload(0), [], later), 'scaled to none').toBe(true);
});
