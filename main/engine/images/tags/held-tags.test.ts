import { describe, expect, it } from 'vitest';
import type { DockerImage } from '../../docker/index.ts';
import { fakeDocker, type FakeDocker } from '../../docker/testing.ts';
import { heldTags, removeTags, type TagQuery } from './held-tags.ts';

const image = (
  id: string,
  tags: readonly string[],
  labels: Readonly<Record<string, string>> = {},
): DockerImage => ({
  id,
  tags,
  labels: {
    'ptah-desktop/project': 'shop',
    'ptah-desktop/image': 'api',
    'ptah-desktop/digest': `d-${id}`,
    ...labels,
  },
  size: 10,
  createdAt: `2026-01-0${id}T00:00:00.000Z`,
});
const query = (more: Partial<TagQuery> = {}): TagQuery => ({
  project: 'shop',
  current: new Set(['api:new']),
  pods: new Map(),
  nodes: new Map(),
  ...more,
});
const engine = (images: readonly DockerImage[], containers: readonly object[] = []): FakeDocker =>
  fakeDocker({ images, stream: async () => ({ body: JSON.stringify(containers) }) });
const all = [
  image('1', ['api:old']),
  image('2', ['api:new', 'api:same']),
  image('3', []),
  image('4', ['web:1'], { 'ptah-desktop/image': 'web' }),
  image('5', ['api:other'], { 'ptah-desktop/project': 'another' }),
];

describe('the tags of a project', () => {
  it('are those with its label, with what still needs them', async () => {
    const docker = engine(all, [{ ImageID: '4', Names: ['/web-1'] }]);
    const tags = await heldTags(
      docker,
      query({ pods: new Map([['api:old', ['default/api-1']]]), nodes: new Map([['api:new', ['n1', 'n2']]]) }),
    );
    expect(tags.map(({ reference }) => reference)).toEqual(['api:new', '3', 'api:same', 'api:old', 'web:1']);
    expect(tags[0]).toEqual({
      reference: 'api:new',
      id: '2',
      image: 'api',
      digest: 'd-2',
      size: 10,
      createdAt: '2026-01-02T00:00:00.000Z',
      current: true,
      containers: [],
      pods: [],
      nodes: ['n1', 'n2'],
    });
    expect(tags[4]).toMatchObject({ image: 'web', containers: ['web-1'] });
  });

  it('go only where nothing needs them, whatever is asked', async () => {
    const docker = engine(all, [{ ImageID: '4', Names: ['/web-1'] }]);
    const result = await removeTags(
      docker,
      query({ pods: new Map([['api:old', ['default/api-1', 'default/api-2']]]) }),
      ['api:same', '3', 'api:old', 'api:new', 'web:1', 'api:other', 'postgres:17', 'api:same'],
    );
    expect(result.removed).toEqual(['api:same', '3']);
    expect(result.kept).toEqual([
      { reference: 'api:old', reason: 'Pods default/api-1, default/api-2 run it.' },
      { reference: 'api:new', reason: 'It is what the folder runs now.' },
      { reference: 'web:1', reason: 'Container web-1 is made from it.' },
      { reference: 'api:other', reason: 'Docker has no such image of this project.' },
      { reference: 'postgres:17', reason: 'Docker has no such image of this project.' },
    ]);
    expect((await docker.listImages()).flatMap(({ id, tags }) => tags.map(tag => `${id} ${tag}`))).toEqual([
      '1 api:old',
      '2 api:new',
      '4 web:1',
      '5 api:other',
    ]);
  });

  it('that Docker does not let go stay, with its reason', async () => {
    const docker = engine([image('1', ['api:old'])]);
    docker.removeImage = async () => {
      throw new Error('conflict: it has dependent child images');
    };
    expect(await removeTags(docker, query(), ['api:old'])).toEqual({
      removed: [],
      kept: [{ reference: 'api:old', reason: 'conflict: it has dependent child images' }],
    });
  });
});
