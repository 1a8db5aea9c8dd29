import type { HeldTag, ImageLayer } from '../../preload/contract/image-details.ts';
import type { RunView } from '../../preload/contract/image-runs.ts';
import { FakeFailure, type Answers } from './fake-client.ts';
import { ago } from './shop.ts';

const layer = (
  line: number | null,
  text: string,
  size: number,
  last: ImageLayer['last'] = 'cached',
  durationMs: number | null = null,
): ImageLayer => ({
  instruction: text.split(' ', 1)[0] ?? '',
  text,
  size,
  createdAt: ago(600),
  line,
  last,
  durationMs,
});

const layers: readonly ImageLayer[] = [
  layer(null, 'RUN apt-get update && apt-get install -y ca-certificates', 74_800_000, null),
  layer(null, 'ENV LANG=C.UTF-8', 0, null),
  layer(null, 'CMD ["python3"]', 0, null),
  layer(3, 'WORKDIR /srv', 0),
  layer(4, 'COPY requirements.txt ./', 1_240),
  layer(5, 'RUN pip install --no-cache-dir -r requirements.txt', 96_200_000),
  layer(7, 'COPY app ./app', 412_000, 'built', 140),
  layer(8, 'COPY . .', 1_930_000, 'built', 320),
  layer(9, 'RUN pip install --no-cache-dir gunicorn', 8_120_000, 'built', 6_400),
  layer(10, 'EXPOSE 8000', 0, null),
  layer(11, 'CMD ["gunicorn", "app.main:app", "--bind", "0.0.0.0:8000"]', 0, null),
];

export const runs: readonly RunView[] = [
  {
    id: 'c-1',
    name: 'ptah-run-api-k2x9p',
    image: 'api',
    reference: 'api:b3c3fbc',
    state: 'running',
    startedAt: ago(95),
    endedAt: null,
    exitCode: null,
    ports: [{ container: 8000, protocol: 'tcp', host: 8001, url: 'http://127.0.0.1:8001/' }],
  },
  {
    id: 'c-2',
    name: 'ptah-run-worker-7qm1d',
    image: 'worker',
    reference: 'worker:77ab012',
    state: 'ended',
    startedAt: ago(300),
    endedAt: ago(298),
    exitCode: 2,
    ports: [],
  },
];

const tag = (image: string, name: string, change: Partial<HeldTag> = {}): HeldTag => ({
  reference: `${image}:${name}`,
  id: `sha256:${name.repeat(9)}`,
  image,
  digest: name.repeat(9),
  size: 181_000_000,
  createdAt: ago(90_000),
  current: false,
  containers: [],
  pods: [],
  nodes: [],
  keep: null,
  ...change,
});

const tags: readonly HeldTag[] = [
  tag('api', 'b3c3fbc', { current: true, createdAt: ago(600), keep: 'It is what the folder runs now.' }),
  tag('api', '9f04d1e', {
    createdAt: ago(4_000),
    pods: ['shop/api-7c9f6d5b8-2xk4q'],
    nodes: ['dev-control-plane'],
    keep: 'Pod shop/api-7c9f6d5b8-2xk4q runs it.',
  }),
  tag('api', '41d0c77', { nodes: ['dev-control-plane', 'dev-worker'] }),
  tag('api', '0c2be19', { createdAt: ago(260_000) }),
  tag('worker', '77ab012', { current: true, size: 203_000_000, keep: 'It is what the folder runs now.' }),
  tag('worker', '5be1190', {
    size: 203_000_000,
    containers: ['ptah-run-worker-7qm1d'],
    keep: 'Container ptah-run-worker-7qm1d is made from it.',
  }),
];

export const handAnswers: Answers = {
  'images.layers': ({ name }) => ({
    image: name,
    reference: `${name}:b3c3fbc`,
    current: true,
    size: 181_463_240,
    layers,
    dockerfile: `${name}/Dockerfile`,
    advice: [
      {
        code: 'packages-before-code',
        line: 9,
        message: 'Move this above line 7: it needs nothing of the folder.',
        why: '`COPY app ./app` changes with every edit, and `pip` installs the same packages again each time.',
        suggestion: null,
      },
    ],
  }),
  'images.runPlan': ({ name }) => ({
    image: name,
    reference: `${name}:b3c3fbc`,
    ports: [
      { container: 8000, protocol: 'tcp', host: 8001, note: '8000 is taken on this machine.' },
      { container: 9000, protocol: 'tcp', host: 9000, note: null },
    ],
    environment: [
      { name: 'PATH', value: '/usr/local/bin:/usr/bin:/bin' },
      { name: 'LANG', value: 'C.UTF-8' },
    ],
    entrypoint: [],
    command: ['gunicorn', 'app.main:app'],
    workdir: '/srv',
    user: '',
    volumes: ['/data'],
  }),
  'images.run': () => runs[0] ?? fail(),
  'images.runs': () => runs,
  'images.stopRun': () => ({ ok: true }),
  'images.dismissRun': () => ({ ok: true }),
  'images.runTerminal': () => ({ id: 't-1' }),
  'images.tags': () => ({ tags, unasked: null }),
  'images.removeTags': ({ references }) => ({ removed: references, copies: [], kept: [] }),
};
const fail = (): never => {
  throw new FakeFailure('not-faked', 'There is no run');
};
