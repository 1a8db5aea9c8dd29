import { describe, expect, it } from 'vitest';
import { outlineDockerfile } from '../../dockerfile/index.ts';
import type { BuildStep } from '../types.ts';
import { matchLayers, readCreatedBy } from './match-layers.ts';
import type { HistoryEntry } from './types.ts';

const history = (...createdBy: readonly string[]): readonly HistoryEntry[] =>
  createdBy.map((text, at) => ({ createdBy: text, size: at, createdAt: '2026-01-01T00:00:00.000Z' }));
const step = (name: string, state: BuildStep['state'] = 'cached', id = name): BuildStep => ({
  id,
  name,
  state,
  inputs: [],
  startedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: '2026-01-01T00:00:02.500Z',
  error: null,
});
const lines = (text: string, entries: readonly HistoryEntry[], steps: readonly BuildStep[] = []) =>
  matchLayers(entries, outlineDockerfile(text), steps).map(
    ({ line, instruction, last }) => `${line ?? '-'} ${instruction ?? '?'}${last === null ? '' : ` ${last}`}`,
  );

const text = `FROM python:3.13-slim AS base
ENV LANG=C.UTF-8
WORKDIR /app
FROM base
ARG MODE=dev
COPY requirements.txt ./
RUN pip install \\
    -r requirements.txt
COPY . .
CMD ["python", "main.py"]
`;

describe('the words of a history', () => {
  it.each([
    ['/bin/sh -c #(nop) COPY dir:0d67 in . ', 'COPY', 'COPY dir:0d67 in .'],
    ['/bin/sh -c #(nop)  CMD ["a" "b"]', 'CMD', 'CMD ["a" "b"]'],
    ['/bin/sh -c apt-get update  && apt-get install', 'RUN', 'RUN apt-get update && apt-get install'],
    ['|1 MODE=dev /bin/sh -c make', 'RUN', 'RUN make'],
    ['|1 MODE=dev /bin/busybox true', 'RUN', 'RUN /bin/busybox true'],
    ['RUN |2 A=x B=two words /bin/sh -c make all # buildkit', 'RUN', 'RUN make all'],
    ['RUN /bin/sh -c make # buildkit', 'RUN', 'RUN make'],
    ['COPY . . # buildkit', 'COPY', 'COPY . .'],
    ['EXPOSE map[80/tcp:{}]', 'EXPOSE', 'EXPOSE map[80/tcp:{}]'],
    ['', null, 'Imported'],
  ])('%s', (createdBy, instruction, words) => {
    expect(readCreatedBy(createdBy)).toEqual({ instruction, text: words });
  });
});

describe('layers', () => {
  it('are laid beside the Dockerfile, through the stages that the image is FROM', () => {
    const entries = history(
      '',
      'ENV LANG=other',
      '/bin/sh -c apt-get install python3',
      'CMD ["python3"]',
      'ENV LANG=C.UTF-8',
      'WORKDIR /app',
      'ARG MODE=dev',
      'COPY requirements.txt ./ # buildkit',
      'RUN |1 MODE=dev /bin/sh -c pip install     -r requirements.txt # buildkit',
      'COPY . . # buildkit',
      'CMD ["python" "main.py"]',
    );
    const steps = [
      step('[base 1/2] FROM docker.io/library/python:3.13-slim'),
      step('[base 2/2] WORKDIR /app'),
      step('[stage-1 1/3] COPY requirements.txt ./'),
      step('[stage-1 2/3] RUN pip install     -r requirements.txt'),
      step('[stage-1 3/3] COPY . .', 'done'),
    ];
    expect(lines(text, entries, steps)).toEqual([
      '- ?',
      '- ENV',
      '- RUN',
      '- CMD',
      '2 ENV',
      '3 WORKDIR cached',
      '5 ARG',
      '6 COPY cached',
      '7 RUN cached',
      '9 COPY built',
      '10 CMD',
    ]);
    const layers = matchLayers(entries, outlineDockerfile(text), steps);
    expect(layers[8]?.text).toBe('RUN pip install -r requirements.txt');
    expect(layers[9]?.durationMs).toBe(2500);
  });

  it('of the classic builder have labels of ours at the end', () => {
    const classic = 'FROM scratch\nCOPY a /a\nLABEL x=y\nCMD ["/a"]\n';
    const entries = history(
      '/bin/sh -c #(nop) COPY file:123 in /a ',
      '/bin/sh -c #(nop)  LABEL x=y',
      '/bin/sh -c #(nop)  CMD ["/a"]',
      '/bin/sh -c #(nop)  LABEL ptah-desktop/image=api',
    );
    const steps = [
      'FROM scratch',
      'COPY a /a',
      'LABEL x=y',
      'CMD ["/a"]',
      'LABEL ptah-desktop/image=api',
    ].map((name, at) => step(name, at < 2 ? 'cached' : 'done', `step-${at + 1}`));
    expect(lines(classic, entries, steps)).toEqual([
      '2 COPY cached',
      '3 LABEL built',
      '4 CMD built',
      '- LABEL',
    ]);
  });

  it('keep their words where the Dockerfile is not known, or is another', () => {
    const entries = history('RUN /bin/sh -c make # buildkit', 'COPY . . # buildkit');
    expect(matchLayers(entries, null, []).map(layer => layer.text)).toEqual(['RUN make', 'COPY . .']);
    expect(lines('FROM scratch\nVOLUME /x\n', entries)).toEqual(['- RUN', '- COPY']);
    expect(matchLayers([], outlineDockerfile(''), [])).toEqual([]);
  });
});
