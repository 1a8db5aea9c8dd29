import { expect, test } from 'vitest';
import { mergeEdit } from './merge-edit.ts';

const base = {
  metadata: { labels: { app: 'api' } },
  spec: { replicas: 1, containers: [{ name: 'api', image: 'api:1', args: ['a'] }, { name: 'side' }] },
};

test('what was edited goes onto what changed meanwhile', () => {
  const mine = {
    metadata: { labels: { app: 'api', tier: 'web' } },
    spec: { replicas: 1, containers: [{ name: 'api', image: 'api:1', args: ['b'] }, { name: 'side' }] },
  };
  const live = {
    metadata: { labels: { app: 'api' } },
    spec: { replicas: 5, containers: [{ name: 'api', image: 'api:2', args: ['a'] }, { name: 'side' }] },
  };
  expect(mergeEdit(base, mine, live)).toEqual({
    metadata: { labels: { app: 'api', tier: 'web' } },
    spec: { replicas: 5, containers: [{ name: 'api', image: 'api:2', args: ['b'] }, { name: 'side' }] },
  });
});

test('fields and items taken out stay out, those that others added stay in', () => {
  const mine = { spec: { containers: [{ name: 'api', image: 'api:1', args: ['a'] }] } };
  const live = {
    metadata: { labels: { app: 'api', other: 'x' } },
    spec: { replicas: 1, containers: [...base.spec.containers, { name: 'injected' }] },
  };
  expect(mergeEdit(base, mine, live)).toEqual({
    spec: { containers: [{ name: 'api', image: 'api:1', args: ['a'] }, { name: 'injected' }] },
  });
});

test('a list without names is one value: the edit has it', () => {
  expect(mergeEdit({ args: ['a'] }, { args: ['a', 'b'] }, { args: ['z'] })).toEqual({ args: ['a', 'b'] });
  expect(mergeEdit({ args: ['a'] }, { args: ['a'] }, { args: ['z'] })).toEqual({ args: ['z'] });
});
