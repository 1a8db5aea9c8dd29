import { expect, test } from 'vitest';
import { isClaimOf } from './stateful-set-claims.ts';
import type { KubernetesObject } from './types.ts';

const set: KubernetesObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', namespace: 'shop' },
  spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }, { metadata: { name: 'logs' } }] },
};
const claim = (name: string, namespace = 'shop'): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace },
});

test.each([
  ['data-db-0', true],
  ['logs-db-12', true],
  ['data-db', false],
  ['data-db-', false],
  ['data-db-0-old', false],
  ['data-db-two-0', false],
  ['cache-db-0', false],
  ['data-other-0', false],
])('%s: %s', (name, expected) => expect(isClaimOf(set, claim(name))).toBe(expected));

test('of another namespace, or of a set without templates: not its own', () => {
  expect(isClaimOf(set, claim('data-db-0', 'other'))).toBe(false);
  expect(isClaimOf({ ...set, spec: {} }, claim('data-db-0'))).toBe(false);
  expect(isClaimOf({ ...set, spec: undefined }, claim('-db-0'))).toBe(false);
});
