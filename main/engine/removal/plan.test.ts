import { describe, expect, it } from 'vitest';
import type { DockerImage } from '../docker/index.ts';
import type { InventoryMember } from '../manifests/index.ts';
import { planRemoval } from './plan.ts';
import { insideCluster, removalProject, removalWorld } from './testing.ts';
import type { RemovalGroupId, RemovalPlan } from './types.ts';
import type { RemovalWorld } from './world.ts';

const project = removalProject();
const plan = (change: Partial<RemovalWorld> = {}) => planRemoval(project, removalWorld(change));
const names = (found: RemovalPlan, id: RemovalGroupId) =>
  (found.groups.find(group => group.id === id)?.items ?? []).map(({ kind, name }) => `${kind} ${name}`);
const reason = (found: RemovalPlan, title: string) =>
  found.keeps.find(keep => keep.title === title)?.reason ?? null;

const member = (kind: string, name: string, change: Partial<InventoryMember> = {}): InventoryMember => ({
  ref: { apiVersion: 'v1', kind, namespace: kind === 'Namespace' ? null : 'shop', name },
  uid: `uid-${name}`,
  managers: ['ptah-desktop'],
  ...change,
});
const inventory = (...members: readonly InventoryMember[]) => ({
  inside: insideCluster({ inventory: { parents: [], members } }),
});
const image = (tags: readonly string[], change: Partial<DockerImage> = {}): DockerImage => ({
  id: `sha256:${'0123456789ab'.padEnd(64, '0')}`,
  tags,
  labels: { 'ptah-desktop/project': 'shop', 'ptah-desktop/image': 'api', 'ptah-desktop/digest': 'd' },
  size: 100,
  createdAt: '2026-01-02T03:04:05.000Z',
  ...change,
});

describe('objects', () => {
  it('are those of the inventory; what holds data is asked apart', () => {
    const found = plan(
      inventory(
        member('Deployment', 'api'),
        member('ConfigMap', 'settings'),
        member('PersistentVolumeClaim', 'data'),
        member('Namespace', 'shop'),
      ),
    );
    expect(names(found, 'objects')).toEqual(['Deployment api', 'ConfigMap settings']);
    expect(names(found, 'volumes')).toEqual(['PersistentVolumeClaim data']);
    expect(names(found, 'namespaces')).toEqual(['Namespace shop']);
    expect(found.groups.filter(({ askedApart }) => askedApart).map(({ id }) => id)).toEqual([
      'volumes',
      'namespaces',
      'cluster',
    ]);
  });

  it('that someone else made or owns stay, and it is said who', () => {
    const found = plan(
      inventory(
        member('ConfigMap', 'copied', { managers: ['kubectl-create'] }),
        member('ConfigMap', 'chart', { helmRelease: 'dashboard' }),
        member('ConfigMap', 'unknown', { managers: [] }),
      ),
    );
    expect(names(found, 'objects')).toEqual([]);
    expect(reason(found, 'ConfigMap shop/copied')).toContain('kubectl-create made it');
    expect(reason(found, 'ConfigMap shop/chart')).toContain('Helm release dashboard');
    expect(reason(found, 'ConfigMap shop/unknown')).toContain('nobody knows who made it');
  });

  it('of a namespace that others use stay with it', () => {
    const inside = insideCluster({
      inventory: { parents: [], members: [member('Namespace', 'shop')] },
      contents: new Map([['/Namespace//shop', ['Deployment shop/theirs']]]),
    });
    const found = plan({ inside });
    expect(names(found, 'namespaces')).toEqual([]);
    expect(reason(found, 'Namespace shop')).toContain('Deployment shop/theirs');
  });

  it('say at each one which other folder of this name deployed it last', () => {
    const inside = insideCluster({
      inventory: { parents: [], members: [member('ConfigMap', 'settings')] },
      otherFolder: '/elsewhere/shop',
    });
    expect(plan({ inside }).groups.find(({ id }) => id === 'objects')?.items[0]?.note).toContain(
      '/elsewhere/shop',
    );
  });

  it('of Helm are left to Helm, with the command', () => {
    const found = plan({ inside: insideCluster({ releases: ['kube-system/dashboard'] }) });
    expect(reason(found, 'Helm release kube-system/dashboard')).toContain('helmfile destroy');
  });

  it('can’t be listed while the cluster does not answer; the rest can', () => {
    const found = plan({
      cluster: { name: 'dev', state: 'stopped', message: 'The cluster dev does not run' },
      inside: null,
      docker: { images: [image(['api:1'])], containers: [] },
    });
    expect(found.groups.find(({ id }) => id === 'objects')?.unavailable).toContain('does not run');
    expect(names(found, 'images')).toEqual(['Image api:1']);
    expect(found.nothingToRemove).toBe(false);
  });
});

describe('images', () => {
  it('go by the names that we give; names of others stay, and so does what was built on ours', () => {
    const found = plan({
      docker: {
        images: [image(['api:1', 'registry.local/api:1']), image(['trial:1']), image([])],
        containers: [],
      },
    });
    expect(names(found, 'images')).toEqual(['Image api:1', 'Image 0123456789ab']);
    expect(reason(found, 'registry.local/api:1 in Docker')).toContain('someone else');
    expect(reason(found, 'trial:1 in Docker')).toContain('someone else');
  });

  it('of another project are never among them', () => {
    const theirs = image(['api:1'], {
      labels: { 'ptah-desktop/project': 'other', 'ptah-desktop/image': 'api' },
    });
    const found = plan({ docker: { images: [theirs], containers: [] } });
    expect(names(found, 'images')).toEqual([]);
  });

  it('say which container uses them', () => {
    const container = { id: 'c', name: 'trial', image: 'api:1', labels: {}, running: false };
    const found = plan({ docker: { images: [image(['api:1'])], containers: [container] } });
    expect(found.groups.find(({ id }) => id === 'images')?.items[0]?.note).toContain('the container trial');
  });

  it('on nodes stay while a pod of someone else uses them', () => {
    const { labels } = image([]);
    const nodeImages = ['docker.io/library/api:1', 'docker.io/library/api:2'].map(reference => ({
      node: 'dev-control-plane',
      reference,
      size: 10,
      labels,
    }));
    const imageUsers = new Map([['docker.io/library/api:2', ['pod other/trial']]]);
    const found = plan({ inside: insideCluster({ nodeImages, imageUsers }) });
    expect(names(found, 'node-images')).toEqual(['Image api:1']);
    expect(reason(found, 'api:2 on dev-control-plane')).toBe('it is used by pod other/trial');
  });
});

describe('the Kind cluster', () => {
  const kept = (change: Partial<RemovalWorld>) =>
    plan(change).groups.find(({ id }) => id === 'cluster')?.unavailable ?? null;

  it('goes where it was made for the project and nobody else uses it', () => {
    expect(names(plan(), 'cluster')).toEqual(['Kind cluster dev']);
    expect(names(plan({ inside: insideCluster({ record: { project: null } }) }), 'cluster')).toHaveLength(1);
  });

  it.each([
    ['not made by us', { inside: insideCluster({ record: null }) }, /not made by Ptah Desktop/],
    [
      'made for another',
      { inside: insideCluster({ record: { project: 'blog' } }) },
      /made for the project blog/,
    ],
    ['another has objects', { inside: insideCluster({ otherProjects: ['blog'] }) }, /blog uses it/],
    ['another deploys to it', { neighbours: ['blog'] }, /blog uses it/],
    ['strangers in it', { inside: insideCluster({ strangers: ['Pod default/x'] }) }, /Pod default\/x/],
    [
      'it does not answer',
      { inside: null, cluster: { name: 'dev', state: 'not-answering', message: 'No answer' } as const },
      /nobody can tell who else uses it/,
    ],
  ])('stays: %s', (_, change, expected) => {
    expect(kept(change)).toMatch(expected);
    expect(names(plan(change), 'cluster')).toEqual([]);
  });
});

describe('the plan', () => {
  it('changes its fingerprint with every thing that would go, and with nothing else', () => {
    const one = plan(inventory(member('ConfigMap', 'a')));
    const later = { ...inventory(member('ConfigMap', 'a')), readAt: '2026-02-02T03:04:05.000Z' };
    expect(plan(later).fingerprint).toBe(one.fingerprint);
    expect(plan(inventory(member('ConfigMap', 'a', { uid: 'made anew' }))).fingerprint).not.toBe(
      one.fingerprint,
    );
    expect(plan(inventory(member('ConfigMap', 'b'))).fingerprint).not.toBe(one.fingerprint);
  });

  it('leaves a build_output that is not ours to empty, and says that files stay', () => {
    const found = plan({ output: { refused: 'build_output holds a file of yours' } });
    expect(names(found, 'output')).toEqual([]);
    expect(reason(found, '.build')).toContain('a file of yours');
    expect(reason(found, '/home/me/shop')).toContain('your files stay');
  });
});
