import { afterAll, describe, expect, it } from 'vitest';
import { outlineDockerfile } from '../../dockerfile/index.ts';
import { testEngines } from '../../docker/testing.ts';
import { buildImage } from '../build-image.ts';
import { heldTags, removeTags } from '../tags/held-tags.ts';
import { buildRequest, createTestContext, scratchWithShell } from '../testing.ts';
import type { BuildMethod, BuildStep } from '../types.ts';
import { matchLayers } from './match-layers.ts';
import { readHistory } from './read-history.ts';

const word = Math.random().toString(36).slice(2, 8);
const project = `layers-test-${word}`;
const dockerfile = `FROM scratch AS tools
COPY busybox /bin/busybox
${scratchWithShell}ARG MODE=dev
ENV A=1 B="two words"
COPY --from=tools /bin/busybox /opt/busybox
WORKDIR /app
COPY . .
RUN echo $MODE > mode
EXPOSE 8080
CMD ["sh"]
`;

describe.each(testEngines())('on $host', ({ docker, network }) => {
  const references: string[] = [];
  afterAll(async () => {
    for (const reference of references)
      await docker.removeImage(reference, { force: true }).catch(() => undefined);
  });

  async function build(
    method: BuildMethod,
    text: string,
    tag: string,
  ): Promise<{ readonly reference: string; readonly steps: readonly BuildStep[] }> {
    const context = createTestContext({ f: text, Dockerfile: dockerfile });
    const reference = `layers-test/${word}:${tag}`;
    references.push(reference);
    const steps = new Map<string, BuildStep>();
    try {
      await buildImage(
        docker,
        buildRequest(context, dockerfile, { reference, network, project, digest: `d-${tag}` }),
        {
          methods: [method],
          onEvent: event => event.type === 'step' && steps.set(event.step.id, event.step),
        },
      );
    } finally {
      context.remove();
    }
    return { reference, steps: [...steps.values()] };
  }

  it.each(['buildkit-session', 'classic'] as const)(
    'the layers of %s are laid beside their lines, with what was cached',
    async method => {
      await build(method, `one ${word}`, `${method}-1`);
      const { reference, steps } = await build(method, `two ${word}`, `${method}-2`);
      const layers = matchLayers(await readHistory(docker, reference), outlineDockerfile(dockerfile), steps);
      const own = layers.filter(({ line }) => line !== null);
      expect(own.map(({ line, instruction }) => `${line} ${instruction}`)).toEqual([
        '4 COPY',
        '5 RUN',
        '6 ARG',
        '7 ENV',
        '8 COPY',
        '9 WORKDIR',
        '10 COPY',
        '11 RUN',
        '12 EXPOSE',
        '13 CMD',
      ]);
      const at = (line: number) => own.find(one => one.line === line);
      expect([4, 5, 8, 9].map(line => at(line)?.last)).toEqual(['cached', 'cached', 'cached', 'cached']);
      expect([10, 11].map(line => at(line)?.last)).toEqual(['built', 'built']);
      expect(at(8)?.size).toBeGreaterThan(500_000);
      expect(at(7)?.size).toBe(0);
      expect(at(10)?.text).toBe('COPY . .');
      // what the classic builder adds for our labels is nobody's line
      expect(
        layers.filter(({ line }) => line === null).every(({ instruction }) => instruction === 'LABEL'),
      ).toBe(true);
    },
    120_000,
  );

  it('tags of the project go, and those of another do not', async () => {
    const { reference } = await build('buildkit-session', 'tags', 'old');
    const foreign = `layers-test/foreign-${word}:1`;
    references.push(foreign);
    const context = createTestContext({ Dockerfile: 'FROM scratch\nCOPY busybox /b\n' });
    await buildImage(
      docker,
      buildRequest(context, 'FROM scratch\nCOPY busybox /b\n', {
        reference: foreign,
        network,
        project: `${project}-other`,
      }),
      {},
    );
    context.remove();
    const query = { project, current: new Set<string>(), pods: new Map(), nodes: new Map() };
    const before = await heldTags(docker, query);
    expect(before.find(tag => tag.reference === reference)).toMatchObject({
      image: 'api',
      digest: 'd-old',
      containers: [],
    });
    const result = await removeTags(docker, query, [reference, foreign]);
    expect(result).toEqual({
      removed: [reference],
      kept: [{ reference: foreign, reason: 'Docker has no such image of this project.' }],
    });
    expect(await docker.inspectImage(reference)).toBeNull();
    expect(await docker.inspectImage(foreign)).not.toBeNull();
  }, 60_000);
});
