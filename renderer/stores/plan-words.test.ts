import { describe, expect, it } from 'vitest';
import type { Plan } from '../../preload/contract/deploy.ts';
import { plan, settledPlan } from '../testing/shop.ts';
import { changeCount, isLocalContext, planWords, staleCount } from './plan-words.ts';

const said = (of: Plan) =>
  planWords(of)
    .map(word => word.text)
    .join('');
const quiet: Plan = { ...settledPlan, nothingToDo: false };

describe('the plan in words', () => {
  it('says what is built and why, what is loaded, and what changes', () => {
    expect(said(plan)).toBe(
      'Build 1 of 3 images because app/main.py changed; load 1 image to 3 nodes; create 1 and change 2 of 14 objects.',
    );
  });

  it('says that there is nothing to do', () => {
    expect(said(settledPlan)).toBe('Nothing to deploy. The cluster equals the folder: 3 images, 14 objects.');
  });

  it('says that the Helmfile is in sync', () => {
    const helmfile = { file: 'helmfile.yaml', action: 'none' as const, problem: null };
    expect(said({ ...settledPlan, helmfile })).toBe(
      'Nothing to deploy. The cluster equals the folder: 3 images, 14 objects, the Helmfile in sync.',
    );
  });

  it('begins with the cluster when it has to be made', () => {
    const made = { ...plan, cluster: { ...plan.cluster, action: 'create' as const, exists: false } };
    expect(said(made)).toMatch(/^Create the cluster dev; build 1 of 3 images/);
  });

  it.each([
    [
      { code: 'never-built', message: 'Never built', files: [], fileCount: 0 },
      'Build 1 of 3 images, not built before.',
    ],
    [
      { code: 'files-changed', message: '3 files changed', files: ['a.py', 'b.py'], fileCount: 3 },
      'Build 1 of 3 images because a.py and 2 other files changed.',
    ],
    [
      { code: 'removed-from-docker', message: 'api:b3c3fbc is gone from Docker', files: [], fileCount: 0 },
      'Build 1 of 3 images because api:b3c3fbc is gone from Docker.',
    ],
  ] as const)('gives the reason %o', (reason, sentence) => {
    const images = quiet.images.map((image, index) =>
      index === 0 ? { ...image, action: 'build' as const, reason } : image,
    );
    expect(said({ ...quiet, images })).toBe(sentence);
  });

  it('names objects that have to be replaced', () => {
    const objects = quiet.objects.map((object, index) =>
      index === 0 ? { ...object, action: 'ask' as const } : object,
    );
    expect(said({ ...quiet, objects })).toBe('Replace 1 of 14 objects.');
  });

  it('leads to the screens that show it whole', () => {
    expect(planWords(plan).flatMap(word => word.to ?? [])).toEqual(['images', 'images', 'changes']);
  });

  it('falls back to the words of the engine', () => {
    expect(said({ ...quiet, summary: 'Prune 1 object.' })).toBe('Prune 1 object.');
  });

  it('counts what is stale and what changes', () => {
    expect([staleCount(plan), changeCount(plan)]).toEqual([1, 3]);
  });
});

describe('a cluster of this machine', () => {
  it.each(['kind-dev', 'k3d-dev', 'minikube', 'docker-desktop'])('%s', context => {
    expect(isLocalContext(context)).toBe(true);
  });
  it.each(['acme-staging', 'arn:aws:eks:eu-west-1:1:cluster/kind-of-blue', 'my-kind-dev'])(
    'not %s',
    context => {
      expect(isLocalContext(context)).toBe(false);
    },
  );
});
