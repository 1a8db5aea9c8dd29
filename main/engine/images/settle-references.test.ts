import { describe, expect, it } from 'vitest';
import { buildOrder } from './build-order.ts';
import { settleReferences } from './settle-references.ts';
import type { ImageDescription } from './types.ts';

const OURS = 'a'.repeat(64);
const OTHER = 'b'.repeat(64);

function image(name: string, needs: readonly string[] = [], digest = OURS): ImageDescription {
  return {
    name,
    dockerfile: `${name}/Dockerfile`,
    context: name,
    tag: '1234567',
    reference: `${name}:1234567`,
    hash: '1234567890',
    digest,
    algorithm: 'md5',
    copies: [],
    dependsOn: needs.map((needed, index) => ({
      image: needed,
      written: `ptah://${needed}`,
      via: 'FROM',
      line: index + 1,
      column: 6,
    })),
    args: {},
    target: null,
    network: null,
    needs: [],
    problems: [],
  };
}

describe('settleReferences', () => {
  const plain = 'api:1234567';
  const suffixed = 'api:1234567-aaaaaaa';

  it.each([
    ['nothing is held', [], plain],
    ['the name holds our content', [{ reference: plain, digest: OURS }], plain],
    ['the name holds other content', [{ reference: plain, digest: OTHER }], suffixed],
    ['the name holds content without a label', [{ reference: plain, digest: null }], suffixed],
    [
      'only one of several places differs',
      [
        { reference: plain, digest: OURS },
        { reference: plain, digest: OTHER },
      ],
      suffixed,
    ],
    ['Docker writes the name out', [{ reference: `docker.io/library/${plain}`, digest: OTHER }], suffixed],
    [
      'another image or tag is held',
      [
        { reference: 'web:1234567', digest: null },
        { reference: 'api:latest', digest: null },
      ],
      plain,
    ],
    ['the longer name is there with our content', [{ reference: suffixed, digest: OURS }], suffixed],
    ['the longer name is there with other content', [{ reference: suffixed, digest: OTHER }], plain],
  ])('when %s', (_, held, reference) => {
    expect(settleReferences([image('api')], held)[0]?.reference).toBe(reference);
  });

  it('leaves an image that could not be hashed alone', () => {
    const broken = { ...image('api'), tag: '', reference: '', digest: '' };
    expect(settleReferences([broken], [{ reference: plain, digest: null }])).toEqual([broken]);
  });
});

describe('buildOrder', () => {
  it('builds in waves what can be built at once', () => {
    const images = [
      image('web', ['base', 'tools']),
      image('base'),
      image('tools', ['base']),
      image('api', ['base']),
      image('x', ['unknown']),
    ];
    expect(buildOrder(images)).toEqual({ waves: [['base', 'x'], ['tools', 'api'], ['web']], problems: [] });
  });

  it('names a circle once, with its line, and builds the rest', () => {
    const { waves, problems } = buildOrder([
      image('a', ['ok', 'b']),
      image('b', ['c']),
      image('c', ['a']),
      image('ok'),
      image('d', ['c']),
    ]);
    expect(waves).toEqual([['ok']]);
    expect(problems).toMatchObject([
      {
        code: 'dependency-cycle',
        message: 'These images need one another: a → b → c → a.',
        file: 'a/Dockerfile',
        line: 2,
        column: 6,
      },
    ]);
  });
});
