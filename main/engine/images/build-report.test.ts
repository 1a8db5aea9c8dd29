import { Readable } from 'node:stream';
import { rmSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeDocker } from '../docker/testing.ts';
import { PtahError } from '../errors/index.ts';
import { buildFailure } from './build-failure.ts';
import { buildImage } from './build-image.ts';
import { createBuildRecorder } from './build-recorder.ts';
import type { BuildRecorder } from './build-recorder.ts';
import type { Vertex } from './buildkit/status.ts';
import { checkFrontend } from './check-frontend.ts';
import { lineInMessage, lineOfBase, lineOfStep } from './dockerfile-line.ts';
import { replayBuild } from './testing-replay.ts';
import { buildRequest, createTestContext, outputOf } from './testing.ts';
import type { TestContext } from './testing.ts';
import type { BuildEvent } from './types.ts';

const contexts: TestContext[] = [];
afterEach(() => {
  for (const context of contexts.splice(0)) rmSync(context.dir, { recursive: true });
});
function context(): TestContext {
  const made = createTestContext();
  contexts.push(made);
  return made;
}

function record(work: (recorder: BuildRecorder) => void): { events: BuildEvent[]; recorder: BuildRecorder } {
  const events: BuildEvent[] = [];
  const recorder = createBuildRecorder(event => events.push(event));
  work(recorder);
  return { events, recorder };
}

const vertex = (digest: string, more: Partial<Vertex> = {}): Vertex => ({
  digest,
  inputs: [],
  name: `[1/1] RUN ${digest}`,
  cached: false,
  started: null,
  completed: null,
  error: '',
  ...more,
});
const status = { vertexes: [], statuses: [], logs: [], warnings: [] };
const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

describe('the steps of a build', () => {
  it('keep characters whole per step, however output is mixed and cut', () => {
    const bytes = Buffer.from('größe 🐳');
    const { events } = record(recorder => {
      for (const byte of bytes) {
        recorder.status({
          ...status,
          logs: [
            { vertex: 'a', stream: 'stdout', bytes: Buffer.from([byte]) },
            { vertex: 'b', stream: 'stdout', bytes: Buffer.from([byte]) },
          ],
        });
      }
      recorder.finish('done');
    });
    const view = replayBuild(events);
    expect(view.steps.map(({ output }) => output)).toEqual([['größe 🐳'], ['größe 🐳']]);
  });

  it('show a character that never ends as what it is, when the step ends', () => {
    const { events } = record(recorder => {
      recorder.status({
        ...status,
        logs: [{ vertex: 'a', stream: 'stdout', bytes: Buffer.from([0x61, 0xc3]) }],
      });
      recorder.status({ ...status, vertexes: [vertex('a', { started: at(0), completed: at(1) })] });
    });
    expect(outputOf(events)).toBe('a\uFFFD');
  });

  it('are told once per change, and keep what a later message leaves out', () => {
    const { events } = record(recorder => {
      recorder.status({ ...status, vertexes: [vertex('a', { inputs: ['b'], started: at(0) })] });
      recorder.status({ ...status, vertexes: [vertex('a', { inputs: ['b'], started: at(0) })] });
      recorder.status({ ...status, vertexes: [vertex('a', { name: '', started: at(0), completed: at(2) })] });
    });
    const view = replayBuild(events);
    expect(events).toHaveLength(2);
    expect(view.steps[0]).toMatchObject({
      state: 'done',
      inputs: ['b'],
      name: '[1/1] RUN a',
      durationMs: 2000,
    });
  });

  it('become cancelled or failed when the build ends before them', () => {
    const { events, recorder } = record(recorder => {
      recorder.status({ ...status, vertexes: [vertex('a', { started: at(0) }), vertex('w')] });
      recorder.finish('cancelled');
    });
    expect(replayBuild(events).steps.map(({ state }) => state)).toEqual(['cancelled', 'waiting']);
    expect(recorder.started()).toBe(true);
  });

  it('of the classic builder are read from its text', () => {
    const { events, recorder } = record(recorder => {
      for (const text of [
        'Step 1/3 : FROM scratch',
        '\n',
        ' ---> \n',
        'Step 2/3 : RUN a',
        '\n',
        ' ---> Using cache\n',
        ' ---> 123\n',
        'Step 3/3 : RUN b',
        '\n',
      ])
        recorder.classic(text);
      for (const text of [' ---> Running in 5\n', 'out\n', '\n', '\u001b[91merr\n\u001b[0m'])
        recorder.classic(text);
      recorder.finish('failed', 'returned a non-zero code: 2');
    });
    const view = replayBuild(events);
    expect(view.steps.map(({ name, state, output }) => ({ name, state, output }))).toEqual([
      { name: 'FROM scratch', state: 'done', output: [] },
      { name: 'RUN a', state: 'cached', output: [] },
      { name: 'RUN b', state: 'failed', output: ['out', '', 'err'] },
    ]);
    expect(events).toContainEqual({ type: 'output', step: 'step-3', stream: 'stderr', text: 'err\n' });
    expect(recorder.failedStep()).toMatchObject({ step: { id: 'step-3' }, output: ['out', '', 'err'] });
  });
});

describe('replayBuild', () => {
  it('puts what a step needs before it, counts, and begins anew with another method', () => {
    const step = (id: string, inputs: string[], state: 'done' | 'cached' | 'failed'): BuildEvent => ({
      type: 'step',
      step: { id, name: id, state, inputs, startedAt: at(1), finishedAt: at(4), error: null },
    });
    const view = replayBuild([
      { type: 'method', method: 'buildkit-session', reason: 'best' },
      step('gone', [], 'failed'),
      { type: 'method', method: 'buildkit', reason: 'no session' },
      step('3', ['2', 'missing'], 'failed'),
      step('2', ['1', '3'], 'done'),
      step('1', [], 'cached'),
      { type: 'output', step: null, stream: 'stdout', text: 'to all\nno end' },
      { type: 'progress', step: '1', name: 'layer', current: 1, total: 4 },
      { type: 'progress', step: '1', name: 'layer', current: 4, total: 4 },
      { type: 'warning', message: 'mind', line: 2 },
    ]);
    expect(view.steps.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(view.counts).toEqual({ total: 3, finished: 2, cached: 1, failed: 1 });
    expect(view.durationMs).toBe(3000);
    expect(view.output).toEqual(['to all', 'no end']);
    expect(view.steps[0]?.progress).toEqual([{ name: 'layer', current: 4, total: 4 }]);
    expect([view.method, view.methodReason, view.warnings]).toEqual([
      'buildkit',
      'no session',
      [{ message: 'mind', line: 2 }],
    ]);
  });
});

describe('lineOfStep', () => {
  const dockerfile = `# syntax
ARG V=1
FROM python:$V AS Builder
WORKDIR /app
ENV A=1
RUN one \\
  && two
FROM builder
COPY a b
RUN one \\
  && two
FROM scratch
COPY --from=1 /x /x
`;
  const line = (name: string, id = 'sha256:0'): number | null => lineOfStep(dockerfile, { id, name });

  it('finds it by stage and number', () => {
    expect(line('[builder 1/3] FROM docker.io/library/python:1')).toBe(3);
    expect(line('[builder 2/3] WORKDIR /app')).toBe(4);
    expect(line('[builder 3/3] RUN one   && two')).toBe(6);
    expect(line('[stage-1 1/2] COPY a b')).toBe(9);
    expect(line('[stage-1 2/2] RUN one   && two')).toBe(10);
    expect(line('[stage-2 1/1] COPY --from=1 /x /x')).toBe(13);
    expect(line('[linux/amd64 builder 2/3] WORKDIR /app')).toBe(4);
  });

  it('finds it by the text where the numbers do not fit, and says when it can’t', () => {
    expect(line('[other 7/9] COPY a b')).toBe(9);
    expect(line('[other 7/9] COPY unknown')).toBeNull();
    expect(line('[internal] load build context')).toBeNull();
    expect(lineOfStep('FROM scratch\n\nRUN x\n', { id: 's', name: '[1/1] RUN x' })).toBe(3);
  });

  it('counts every instruction for the classic builder', () => {
    expect(line('ENV A=1', 'step-4')).toBe(5);
    expect(line('COPY a b', 'step-7')).toBe(9);
  });

  it('finds the FROM whose image cannot be had', () => {
    const text = 'FROM python:3 AS a\nRUN x\nFROM --platform=linux/amd64 my/python\nFROM scratch\n';
    const base = (message: string) => lineOfBase(text, message);
    expect(base('[internal] load metadata for docker.io/library/python:3')).toBe(1);
    expect(base('[internal] load metadata for docker.io/my/python:latest')).toBe(3);
    expect(base('pull access denied for my/python, repository does not exist')).toBe(3);
    expect(base('load metadata for docker.io/library/other:1')).toBeNull();
  });

  it('reads the line that a parser names', () => {
    expect(lineInMessage('dockerfile parse error line 4: unknown instruction: X')).toBe(4);
    expect(lineInMessage('dockerfile parse error on line 12: unknown flag')).toBe(12);
    expect(lineInMessage('no such host')).toBeNull();
  });
});

describe('buildFailure', () => {
  const request = buildRequest(
    { dir: '/ctx', write: () => undefined, remove: () => undefined },
    'FROM scratch\nRUN false\n',
  );
  const none = { step: null, output: [] };

  it('knows a full disk from a failing command', () => {
    expect(buildFailure(request, 'failed to copy: write /x: no space left on device', none)).toMatchObject({
      code: 'disk-full',
      hint: expect.stringContaining('prune'),
    });
    expect(
      buildFailure(request, 'process did not complete: exit code: 1', {
        step: null,
        output: ['cp: No space left on device'],
      }).code,
    ).toBe('disk-full');
  });

  it('names the Dockerfile as people know it: relative to the project', () => {
    const { details, message } = buildFailure(
      { ...request, dockerfilePath: 'services/api/Dockerfile' },
      'dockerfile parse error line 2: unknown instruction',
      none,
    );
    expect(details).toMatchObject({ file: 'services/api/Dockerfile', line: 2 });
    expect(message).toContain('services/api/Dockerfile, line 2');
  });

  it('tells a missing base image from a missing file', () => {
    expect(
      buildFailure(request, 'python:9: failed to resolve source metadata: not found', none).hint,
    ).toContain('base image');
    expect(buildFailure(request, 'failed to compute cache key: "/a" not found', none).hint).toContain(
      '.dockerignore',
    );
  });
});

describe('checkFrontend', () => {
  const builders = ['buildkit', 'classic'] as const;

  it('names what an older engine does not know, with its line', () => {
    const needs = [
      { feature: 'heredoc', line: 3 },
      { feature: 'link', line: 5 },
      { feature: 'mount', line: 6 },
      { feature: 'parents', line: 7 },
    ] as const;
    expect(checkFrontend({ version: '20.10.24+dfsg1', builders }, needs, 'Dockerfile')).toMatchObject([
      {
        code: 'frontend-lacks',
        severity: 'error',
        line: 3,
        file: 'Dockerfile',
        message: expect.stringContaining('heredocs'),
      },
      { line: 5 },
      { line: 7 },
    ]);
    expect(checkFrontend({ version: '28.5.2', builders }, needs)).toMatchObject([
      { line: 7, message: expect.stringContaining('29.0') },
    ]);
  });

  it('leaves to a frontend of its own what that may know', () => {
    expect(
      checkFrontend({ version: '20.10.24', builders }, [
        { feature: 'syntax', line: 1 },
        { feature: 'heredoc', line: 3 },
      ]),
    ).toEqual([]);
    expect(
      checkFrontend({ version: '20.10.24', builders: ['classic'] }, [{ feature: 'syntax', line: 1 }]),
    ).toMatchObject([{ line: 1 }]);
    expect(
      checkFrontend({ version: '28.0.0', builders: ['classic'] }, [{ feature: 'mount', line: 2 }]),
    ).toMatchObject([{ line: 2 }]);
  });
});

describe('buildImage without a good engine', () => {
  const dockerfile = 'FROM scratch\nCOPY busybox /b\n';

  async function fails(
    answer: () => Readable | string,
    info: () => void = () => undefined,
  ): Promise<{ error: unknown; events: BuildEvent[] }> {
    const events: BuildEvent[] = [];
    const docker = fakeDocker({
      stream: async ({ body }) => {
        if (body && !(body instanceof Uint8Array)) body.resume();
        info();
        return { body: answer() };
      },
    });
    const error = await buildImage(
      { ...docker, info: async signal => (info(), docker.info(signal)) },
      buildRequest(context(), dockerfile),
      {
        methods: ['buildkit'],
        onEvent: event => events.push(event),
      },
    ).catch((thrown: unknown) => thrown);
    return { error, events };
  }

  it('never takes a stream that breaks off for a build', async () => {
    const broken = (): Readable =>
      new Readable({
        read() {
          this.push('{"stream":"Step 1/2 : FROM scratch\\n"}\n');
          this.destroy(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
        },
      });
    let asked = 0;
    const gone = (): void => {
      asked += 1;
      if (asked > 1) throw new PtahError('docker-unreachable', 'gone');
    };
    expect((await fails(broken, gone)).error).toMatchObject({ code: 'docker-unreachable' });
    expect((await fails(broken)).error).toMatchObject({
      code: 'docker-api',
      message: expect.stringContaining('interrupted'),
    });
    const { error, events } = await fails(() => '{"stream":"Step 1/2 : FROM scratch\\n"}\n');
    expect(error).toMatchObject({ code: 'docker-api', message: expect.stringContaining('without a result') });
    expect(replayBuild(events).steps[0]?.state).toBe('failed');
  });

  it('reports a full disk as that', async () => {
    expect(
      (
        await fails(
          () =>
            '{"errorDetail":{"message":"write /var/lib/docker/tmp: no space left on device"},"error":"x"}\n',
        )
      ).error,
    ).toMatchObject({ code: 'disk-full' });
  });

  it('goes on to the next way, with the reason, and to no more than there are', async () => {
    const events: BuildEvent[] = [];
    const docker = fakeDocker({
      stream: async ({ path, body }) => {
        if (body && !(body instanceof Uint8Array)) body.resume();
        return path.includes('version=2')
          ? {
              body: '{"errorDetail":{"message":"failed to load cache key: Get http://build-context-5: no such host"},"error":"x"}\n',
            }
          : { body: '{"aux":{"ID":"sha256:done"}}\n' };
      },
    });
    const result = await buildImage(docker, buildRequest(context(), dockerfile), {
      onEvent: event => events.push(event),
    });
    expect(result).toMatchObject({ id: 'sha256:done', method: 'classic' });
    expect(events.filter(event => event.type === 'method')).toMatchObject([
      { method: 'buildkit-session' },
      { method: 'buildkit', reason: expect.stringContaining('buildkit-session is not possible') },
      { method: 'classic', reason: expect.stringContaining('build-context-5') },
    ]);
  });

  it('says at once that Docker is not there', async () => {
    const docker = fakeDocker({ failure: new PtahError('docker-unreachable', 'Docker is not running.') });
    await expect(buildImage(docker, buildRequest(context(), dockerfile))).rejects.toMatchObject({
      code: 'docker-unreachable',
    });
  });
});
