import { expect, test } from 'vitest';
import type { KubernetesObject } from '../manifests/index.ts';
import { resolveTarget } from './resolve-target.ts';
import type { ForwardTarget } from './types.ts';

const namespace = 'default';
const target = (kind: string, name = 'api'): ForwardTarget => ({
  apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
  kind,
  namespace,
  name,
});

function pod(
  name: string,
  options: { ready?: boolean; ending?: boolean; at?: string; port?: number; restarts?: number } = {},
): KubernetesObject {
  const { ready = true, ending, at = '2026-01-01T00:00:00Z', port = 8000, restarts = 0 } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: name,
      creationTimestamp: at,
      labels: { app: 'api' },
      ...(ending && { deletionTimestamp: at }),
    },
    spec: { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: port }] }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'main', restartCount: restarts }],
    },
  };
}

const deployment = (): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api', namespace },
  spec: { selector: { matchLabels: { app: 'api' } } },
});

const service = (spec: object): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'api', namespace },
  spec,
});

test('the newest ready pod, and it goes on serving while it is ready', () => {
  const pods = [pod('old'), pod('new', { at: '2026-01-02T00:00:00Z' }), pod('ill', { ready: false })];
  const first = resolveTarget(target('Deployment'), 8000, deployment(), pods);
  expect(first.aim).toMatchObject({ pod: 'new', port: 8000 });
  expect(resolveTarget(target('Deployment'), 8000, deployment(), pods, 'old').aim?.pod).toBe('old');
  const ending = [pod('old', { ending: true }), pod('new')];
  expect(resolveTarget(target('Deployment'), 8000, deployment(), ending, 'old').aim?.pod).toBe('new');
});

test('a container that started anew is tried anew', () => {
  const key = (restarts: number) =>
    resolveTarget(target('Deployment'), 8000, deployment(), [pod('a', { restarts })]).aim?.key;
  expect(key(0)).not.toBe(key(1));
});

test('the port of a Service means that of the pod, by number or by name', () => {
  const selector = { app: 'api' };
  const ports = [
    { name: 'web', port: 80, targetPort: 'http' },
    { name: 'raw', port: 81, targetPort: 9000 },
    { name: 'same', port: 82 },
  ];
  const aim = (port: number | string) =>
    resolveTarget(target('Service'), port, service({ selector, ports }), [pod('a', { port: 8123 })]).aim
      ?.port;
  expect([aim('web'), aim(80), aim('raw'), aim(82)]).toEqual([8123, 8123, 9000, 82]);
});

test.each([
  ['nothing there', null, [], true, 'is not there'],
  ['no pod', deployment(), [], true, 'has no pod'],
  ['no ready pod', deployment(), [pod('a', { ready: false })], true, 'a is not ready yet'],
  ['an unknown port', deployment(), [pod('a')], false, 'names a port metrics'],
])('%s is said', (_name, object, pods, wait, message) => {
  const resolved = resolveTarget(target('Deployment'), 'metrics', object, pods);
  expect(resolved).toMatchObject({ aim: null, wait, message: expect.stringContaining(message) });
});

test('a Service without a selector can’t be forwarded, and says so', () => {
  const resolved = resolveTarget(target('Service'), 80, service({ ports: [{ port: 80 }] }), []);
  expect(resolved).toMatchObject({
    aim: null,
    wait: false,
    message: expect.stringContaining('selects no pods'),
  });
});
