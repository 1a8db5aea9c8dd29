import { describe, expect, it } from 'vitest';
import { failedEvents, runningEvents } from '../testing/shop.ts';
import type { DeployEvent } from '../../preload/contract/deploy.ts';
import { countSteps, titleOfStep } from './build-view.ts';
import { addEvents, emptyJobView } from './job-view.ts';

const at = (ms: number) => new Date(1_000_000 + ms).toISOString();
const events = (list: readonly DeployEvent[], from = 1) =>
  list.map((event, index) => ({ seq: from + index, at: at(index * 100), event }));
const output = (text: string, step: string | null = 's1'): DeployEvent => ({
  type: 'build',
  image: 'api',
  event: { type: 'output', step, stream: 'stdout', text },
});

describe('a job told by its events', () => {
  it('knows the plan, the step at hand and the build of each image', () => {
    const view = addEvents(emptyJobView('job-1'), runningEvents);
    expect(view.plan?.images).toHaveLength(3);
    expect(view.steps.scan?.state).toBe('done');
    expect(view.steps.build?.state).toBe('running');
    const build = view.builds['api'];
    expect(build?.state).toBe('running');
    expect(build?.steps['s4']?.lines.items.at(-1)?.text).toContain('still running');
    expect(build && countSteps(build)).toMatchObject({ finished: 5, cached: 4, total: 8 });
  });

  it('keeps what failed and what was built before it', () => {
    const view = addEvents(emptyJobView('job-1'), failedEvents);
    expect(view.result?.state).toBe('failed');
    expect(view.builds['worker']?.state).toBe('failed');
    expect(view.builds['api']?.state).toBe('done');
  });

  it('takes no event twice, however the stream is replayed', () => {
    const once = addEvents(emptyJobView('job-1'), runningEvents);
    const lines = once.lines.items.length;
    const twice = addEvents(once, runningEvents);
    expect(twice).toBe(once);
    expect(twice.lines.items).toHaveLength(lines);
  });

  it('joins a line that comes in pieces, in the raw log and in its step', () => {
    const view = addEvents(
      emptyJobView('j'),
      events([output('Coll'), output('ecting fast'), output('api\nnext\n')]),
    );
    const build = view.builds['api'];
    expect(build?.lines.items.map(line => line.text)).toEqual(['Collecting fastapi', 'next']);
    expect(build?.steps['s1']?.lines.items.map(line => line.text)).toEqual(['Collecting fastapi', 'next']);
    expect(view.lines.items.map(line => line.text)).toEqual(['Collecting fastapi', 'next']);
  });

  it('does not mix the lines of two steps that print at once', () => {
    const view = addEvents(
      emptyJobView('j'),
      events([output('a1', 's1'), output('b1\n', 's2'), output('a2\n', 's1')]),
    );
    expect(view.builds['api']?.steps['s1']?.lines.items.map(line => line.text)).toEqual(['a1a2']);
    expect(view.builds['api']?.steps['s2']?.lines.items.map(line => line.text)).toEqual(['b1']);
  });

  it('shows a redrawn progress line as a terminal would, and drops what moves a cursor', () => {
    const view = addEvents(
      emptyJobView('j'),
      events([output(' 10%\r 50%\r100%\r\n'), output('\u001b[2K\u001b[1Gdone \u001b[32mok\u001b[0m\n')]),
    );
    expect(view.lines.items.map(line => line.text)).toEqual(['100%', 'done \u001b[32mok\u001b[0m']);
  });

  it('holds a hundred thousand lines in one chunk', () => {
    const text = Array.from({ length: 100_000 }, (_, index) => `line ${index}`).join('\n');
    const view = addEvents(emptyJobView('j'), events([output(`${text}\n`)]));
    expect(view.builds['api']?.steps['s1']?.lines.items).toHaveLength(100_000);
  });

  it('is bounded: of a quarter of a million lines the newest stay', () => {
    let view = emptyJobView('j');
    for (let batch = 0; batch < 25; batch += 1) {
      const text = Array.from({ length: 10_000 }, (_, index) => `${batch} ${index}`).join('\n');
      view = addEvents(view, events([{ type: 'log', step: 'cluster', text }], batch + 1));
    }
    expect(view.lines.items.length).toBeLessThanOrEqual(200_000);
    expect(view.lines.items.length + view.lines.dropped).toBe(250_000);
    expect(view.lines.items.at(-1)?.text).toBe('24 9999');
  });

  it('says the state of an object and of a load once', () => {
    const load = (state: 'running' | 'done', sentBytes: number): DeployEvent => ({
      type: 'load',
      image: 'api',
      node: 'n1',
      sentBytes,
      totalBytes: 10,
      state,
    });
    const view = addEvents(
      emptyJobView('j'),
      events([load('running', 1), load('running', 5), load('done', 10), load('done', 10)]),
    );
    expect(Object.values(view.loads)).toEqual([
      { image: 'api', node: 'n1', sentBytes: 10, totalBytes: 10, state: 'done' },
    ]);
    expect(view.lines.items.map(line => line.text)).toEqual(['api is on n1']);
  });
});

describe('the title of a build step', () => {
  it.each([
    [
      '[deps 4/9] RUN pip install',
      { number: '4/9', stage: 'deps', text: 'RUN pip install', internal: false },
    ],
    ['[2/3] COPY . .', { number: '2/3', stage: null, text: 'COPY . .', internal: false }],
    [
      '[internal] load .dockerignore',
      { number: null, stage: null, text: 'load .dockerignore', internal: true },
    ],
    ['Step 3/7 : RUN make', { number: '3/7', stage: null, text: 'RUN make', internal: false }],
    ['exporting to image', { number: null, stage: null, text: 'exporting to image', internal: true }],
    ['something else', { number: null, stage: null, text: 'something else', internal: false }],
  ])('%s', (name, expected) => {
    expect(titleOfStep(name)).toEqual(expected);
  });
});
