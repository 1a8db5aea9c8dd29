import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testEngines } from '../docker/testing.ts';
import type { Docker } from '../docker/index.ts';
import { PtahError } from '../errors/index.ts';
import { buildImage } from './build-image.ts';
import type { BuildOptions } from './build-image.ts';
import { listBuilt } from './list-built.ts';
import { replayBuild } from './testing-replay.ts';
import { buildRequest, createTestContext, outputOf, scratchWithShell } from './testing.ts';
import type { ContextFile, TestContext } from './testing.ts';
import type { BuildEvent, BuildMethod, BuildRequest, BuildResult } from './types.ts';

const methods: readonly BuildMethod[] = ['buildkit-session', 'buildkit', 'classic'];

describe.each(testEngines())('building on $host', ({ docker, network }) => {
  const contexts: TestContext[] = [];
  const references = new Set<string>();

  beforeAll(async () => {
    expect((await docker.info()).version).toMatch(/^\d+\./);
  });
  afterEach(() => {
    for (const context of contexts.splice(0)) context.remove();
  });
  afterAll(async () => {
    for (const reference of references)
      await docker.removeImage(reference, { force: true }).catch(() => undefined);
  });

  function context(files: Readonly<Record<string, ContextFile>> = {}): TestContext {
    const made = createTestContext(files);
    contexts.push(made);
    return made;
  }

  async function build(
    request: BuildRequest,
    options: BuildOptions = {},
  ): Promise<{ result: BuildResult; events: BuildEvent[] }> {
    const events: BuildEvent[] = [];
    references.add(request.reference);
    const result = await buildImage(
      docker,
      { ...request, network: request.network ?? network },
      { ...options, onEvent: event => events.push(event) },
    );
    return { result, events };
  }

  async function failing(request: BuildRequest, options: BuildOptions = {}): Promise<PtahError> {
    const thrown = await build(request, options).then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).toBeInstanceOf(PtahError);
    return thrown as PtahError;
  }

  /** A RUN that is never taken from the cache. */
  const fresh = (): { readonly args: Readonly<Record<string, string>> } => ({
    args: { NONCE: randomUUID() },
  });
  const run = (command: string): string => `ARG NONCE\nRUN : "$NONCE"; ${command}\n`;

  it('uses a session where the engine has BuildKit, and labels the image', async () => {
    const request = buildRequest(
      context({ 'a.txt': 'hello' }),
      `${scratchWithShell}COPY a.txt /\n${run('cat /a.txt')}`,
      fresh(),
    );
    const { result, events } = await build(request);
    expect(result.method).toBe('buildkit-session');
    expect(events[0]).toMatchObject({ type: 'method', method: 'buildkit-session' });
    expect(outputOf(events, 'RUN : ')).toBe('hello');
    const image = await docker.inspectImage(request.reference);
    expect(image?.id).toBe(result.id);
    expect(image?.labels).toMatchObject({
      'ptah-desktop/project': 'images-test',
      'ptah-desktop/image': 'api',
      'ptah-desktop/digest': request.digest,
    });
    expect(await listBuilt(docker, 'images-test')).toContainEqual(
      expect.objectContaining({
        reference: request.reference,
        id: result.id,
        digest: request.digest,
        project: 'images-test',
      }),
    );
  });

  it.each(methods)('builds by %s: a second time from the cache, with the same result', async method => {
    const made = context({ 'a.txt': method + randomUUID() });
    const text = `${scratchWithShell}COPY a.txt /\nRUN cat /a.txt; echo; echo warn >&2\n`;
    const request = buildRequest(made, text, { reference: `images-test/${method}:1` });
    const first = await build(request, { methods: [method] });
    expect(outputOf(first.events)).toContain(method);
    expect(outputOf(first.events)).toContain('warn\n');
    const second = await build(request, { methods: [method] });
    expect(second.result.id).toBe(first.result.id);
    const view = replayBuild(second.events);
    expect(view.method).toBe(method);
    expect(view.steps.find(({ name }) => name.includes('RUN cat'))?.state).toBe('cached');
    expect(view.counts.failed).toBe(0);
    expect(view.steps.every(({ state }) => state === 'done' || state === 'cached')).toBe(true);
  });

  it.each(methods)('keeps modes, links, empty directories and names by %s', async method => {
    const long = `${'x'.repeat(120)}.txt`;
    const made = context({
      'tree/run.sh': { text: 'echo run', mode: 0o755 },
      'tree/plain': { text: 'plain', mode: 0o640 },
      'tree/empty': { directory: true },
      'tree/ünï cødé/日本.txt': 'hällo',
      'tree/link': { link: 'plain' },
      'tree/dangling': { link: 'nowhere' },
      [`tree/${long}`]: 'long',
      [`tree/deep/${'d'.repeat(60)}/${'e'.repeat(60)}/f`]: 'deep',
      'tree/a.b': '1',
      'tree/a/b': '2',
      'tree/none': '',
    });
    const command =
      'cd /tree; stat -c "%a %F %n" run.sh plain empty; readlink link; readlink dangling; cat "ünï cødé/日本.txt"; echo; ls | sort; find . -name f; wc -c < none';
    const { events } = await build(
      buildRequest(made, `${scratchWithShell}COPY tree /tree\n${run(command)}`, fresh()),
      { methods: [method] },
    );
    const output = outputOf(events, 'RUN : ');
    expect(output).toContain(
      '755 regular file run.sh\n640 regular file plain\n755 directory empty\nplain\nnowhere\nhällo\n',
    );
    expect(output).toContain(`\n${long}\n`);
    expect(output).toContain(`./deep/${'d'.repeat(60)}/${'e'.repeat(60)}/f\n0\n`);
  });

  it('builds a target stage with arguments', async () => {
    const nonce = randomUUID();
    const text = [
      scratchWithShell.replace('FROM scratch', 'FROM scratch AS base'),
      'FROM base AS made\nARG WHO=nobody\nARG NONCE\nRUN echo "made for $WHO, $NONCE" > /out\n',
      'FROM base AS wanted\nCOPY --from=made /out /out\nRUN cat /out\n',
      'FROM base AS other\nRUN exit 9\n',
    ].join('');
    const { events } = await build(
      buildRequest(context(), text, { target: 'wanted', args: { WHO: 'you', NONCE: nonce } }),
    );
    const view = replayBuild(events);
    expect(view.steps.find(({ name }) => name.includes('RUN cat /out'))?.output).toEqual([
      `made for you, ${nonce}`,
    ]);
    expect(view.steps.some(({ name }) => name.includes('exit 9'))).toBe(false);
    // What a step needs stands before it.
    const names = view.steps.map(({ name }) => name);
    expect(names.findIndex(name => name.includes('made for'))).toBeLessThan(
      names.findIndex(name => name.includes('RUN cat')),
    );
  });

  it.each(methods)('takes a Dockerfile of another name, and its text from us, by %s', async method => {
    const made = context({
      'deploy/Other.Dockerfile': 'FROM ptah://nothing\n',
      Dockerfile: 'FROM wrong-one\n',
    });
    const request = buildRequest(made, `${scratchWithShell}${run('echo other')}`, {
      ...fresh(),
      dockerfile: 'deploy/Other.Dockerfile',
    });
    expect(outputOf((await build(request, { methods: [method] })).events, 'RUN : ')).toBe('other\n');
  });

  it.each(methods)('sends nothing that .dockerignore or the request excludes, by %s', async method => {
    const made = context({
      '.dockerignore': 'secret\n**/*.log\nDockerfile\n!keep.log\n',
      Dockerfile: 'FROM scratch',
      secret: 's',
      'app/x.log': 'l',
      'app/y.txt': 'y',
      'keep.log': 'k',
      'app/.build/out': 'o',
    });
    const request = buildRequest(
      made,
      `${scratchWithShell}COPY . /ctx\n${run('cd /ctx; find . -type f | sort')}`,
      {
        ...fresh(),
        exclude: [join(made.dir, 'app/.build')],
      },
    );
    const { events } = await build(request, { methods: [method] });
    const found = outputOf(events, 'RUN : ').trim().split('\n');
    // The archive has to carry the Dockerfile, be it ignored; a session sends it apart.
    expect(found.filter(path => path !== './Dockerfile')).toEqual([
      './.dockerignore',
      './app/y.txt',
      './busybox',
      './keep.log',
    ]);
    if (method !== 'buildkit') expect(found).not.toContain('./Dockerfile');
  });

  it.each(methods)('names the failing line, the exit code and the last output, by %s', async method => {
    const text = `# a comment\n${scratchWithShell}\nENV A=1\n${run('for i in $(seq 1 30); do echo line $i; done; \\\n  exit 7')}`;
    const error = await failing(buildRequest(context(), text, fresh()), { methods: [method] });
    expect(error.code).toBe('build-failed');
    expect(error.details).toMatchObject({ line: 8, exitCode: 7 });
    expect(error.details.file).toMatch(/Dockerfile$/);
    expect(error.details.output).toHaveLength(20);
    expect(error.details.output?.at(-1)).toBe('line 30');
    expect(error.message).toContain('Dockerfile, line 8');
    expect(error.hint).toBeTruthy();
  });

  it('names the line of a copy that finds nothing, and of a Dockerfile that cannot be parsed', async () => {
    const missing = await failing(buildRequest(context(), 'FROM scratch\n\nCOPY nowhere.txt /\n'));
    expect(missing).toMatchObject({ code: 'build-failed', details: { line: 3 } });
    expect(missing.hint).toContain('.dockerignore');
    const broken = await failing(buildRequest(context(), 'FROM scratch\n\nBREW tea\n'));
    expect(broken).toMatchObject({ code: 'build-failed', details: { line: 3 } });
  });

  it('shows every step of a failed build as ended', async () => {
    const events: BuildEvent[] = [];
    const request = { ...buildRequest(context(), `${scratchWithShell}${run('exit 3')}`, fresh()), network };
    await expect(buildImage(docker, request, { onEvent: event => events.push(event) })).rejects.toMatchObject(
      { code: 'build-failed' },
    );
    const view = replayBuild(events);
    expect(view.counts.failed).toBe(1);
    expect(view.steps.every(({ state }) => state !== 'running')).toBe(true);
  });

  it.each(methods)('is cancelled within a second, and leaves no image, by %s', async method => {
    const abort = new AbortController();
    const request = buildRequest(context(), `${scratchWithShell}${run('echo started; sleep 60')}`, {
      ...fresh(),
      reference: `images-test/cancel-${method}:1`,
    });
    let cancelledAt = 0;
    const events: BuildEvent[] = [];
    await expect(
      buildImage(
        docker,
        { ...request, network },
        {
          methods: [method],
          signal: abort.signal,
          onEvent: event => {
            events.push(event);
            if (event.type !== 'output' || !event.text.includes('started')) return;
            cancelledAt = performance.now();
            abort.abort();
          },
        },
      ),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - cancelledAt).toBeLessThan(3_000);
    expect(replayBuild(events).steps.find(({ name }) => name.includes('sleep 60'))?.state).toBe('cancelled');
    expect(await docker.inspectImage(request.reference)).toBeNull();
    await expect.poll(() => running('sleep 60'), { timeout: 15_000 }).toBe(false);
  });

  it('refuses what is cancelled before it begins', async () => {
    const error = await failing(buildRequest(context(), scratchWithShell), { signal: AbortSignal.abort() });
    expect(error.code).toBe('cancelled');
  });

  it('never cuts a character of the output', async () => {
    const command =
      "printf 'gr\\303'; sleep 0.4; printf '\\274\\303\\237e \\360\\237'; sleep 0.4; printf '\\220\\263\\n'";
    const { events } = await build(buildRequest(context(), `${scratchWithShell}${run(command)}`, fresh()));
    expect(outputOf(events, 'RUN : ')).toBe('grüße 🐳\n');
    expect(events.some(event => event.type === 'output' && event.text.includes('\uFFFD'))).toBe(false);
  });

  it('builds on an image of the project that was built before', async () => {
    const base = buildRequest(context({ 'from-base': 'base' }), `${scratchWithShell}COPY from-base /\n`, {
      name: 'base',
      reference: 'images-test/base:abc',
    });
    await build(base);
    for (const method of methods) {
      const { events } = await build(
        buildRequest(context(), `FROM images-test/base:abc\n${run('cat /from-base')}`, fresh()),
        { methods: [method] },
      );
      expect(outputOf(events, 'RUN : ')).toBe('base');
    }
  });

  it('falls back when a way is not to be had, and says why', async () => {
    const without: Docker = {
      ...docker,
      upgrade: async () => {
        throw new PtahError('docker-api', 'no upgrade through this proxy');
      },
    };
    const events: BuildEvent[] = [];
    const request = { ...buildRequest(context(), `${scratchWithShell}${run('echo hi')}`, fresh()), network };
    const result = await buildImage(without, request, { onEvent: event => events.push(event) });
    expect(result.method).toBe('buildkit');
    expect(events.filter(event => event.type === 'method')).toMatchObject([
      { method: 'buildkit-session' },
      { method: 'buildkit', reason: expect.stringContaining('no upgrade through this proxy') },
    ]);
    expect(replayBuild(events).method).toBe('buildkit');
  });

  it('does not try another way when the Dockerfile is at fault', async () => {
    const events: BuildEvent[] = [];
    const request = { ...buildRequest(context(), `${scratchWithShell}${run('exit 1')}`, fresh()), network };
    await expect(buildImage(docker, request, { onEvent: event => events.push(event) })).rejects.toMatchObject(
      { code: 'build-failed' },
    );
    expect(events.filter(event => event.type === 'method')).toHaveLength(1);
  });

  it('builds 5,000 files, and then sends only what changed, even where size and time are equal', async () => {
    const files: Record<string, ContextFile> = {};
    for (let index = 0; index < 5000; index++)
      files[`src/${index % 50}/file-${index}.txt`] = `content of ${index}`;
    const made = context(files);
    const text = `${scratchWithShell}COPY src /src\n${run('find /src -type f | wc -l; cat /src/7/file-57.txt')}`;
    const first = await build(buildRequest(made, text, fresh()));
    expect(outputOf(first.events, 'RUN : ')).toBe('5000\ncontent of 57');
    const { atime, mtime } = statSync(join(made.dir, 'src/7/file-57.txt'));
    made.write({ 'src/7/file-57.txt': 'CONTENT of 57' });
    utimesSync(join(made.dir, 'src/7/file-57.txt'), atime, mtime);
    const second = await build(buildRequest(made, text, fresh()));
    expect(outputOf(second.events, 'RUN : ')).toBe('5000\nCONTENT of 57');
    console.info(
      `5,000 files: ${first.result.durationMs} ms, then one changed: ${second.result.durationMs} ms`,
    );
  });

  it('builds several images of one folder at once', async () => {
    const made = context({ 'a.txt': randomUUID() });
    const builds = Array.from({ length: 4 }, async (_, index) => {
      const text = `${scratchWithShell}COPY a.txt /\n${run(`cat /a.txt; echo " in ${index}"`)}`;
      const { result, events } = await build(
        buildRequest(made, text, {
          ...fresh(),
          name: `i${index}`,
          reference: `images-test/parallel-${index}:1`,
        }),
      );
      return [result.method, outputOf(events, 'RUN : ')];
    });
    const content = readFileSync(join(made.dir, 'a.txt'), 'utf8');
    expect(await Promise.all(builds)).toEqual(
      [0, 1, 2, 3].map(index => ['buildkit-session', `${content} in ${index}\n`]),
    );
  });

  it('refuses a context that is not the planned one', async () => {
    const error = await failing(buildRequest(context(), scratchWithShell, { contextDigest: 'another' }));
    expect(error.code).toBe('context-changed');
  });
});

/** Whether the command still runs on this machine (both engines of the tests run here). */
function running(command: string): boolean {
  const wanted = command.split(' ').join('\0');
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .some(pid => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(wanted);
      } catch {
        return false;
      }
    });
}

describe('building on the modern engine', () => {
  it('knows heredocs', async () => {
    const engine = testEngines().find(({ host }) => host.includes('docker-next'));
    expect(engine, 'the modern engine is among the test hosts').toBeDefined();
    if (!engine) return;
    const made = createTestContext();
    try {
      const events: BuildEvent[] = [];
      const nonce = randomUUID();
      const request = {
        ...buildRequest(made, `${scratchWithShell}RUN <<EOF\necho one ${nonce}\necho two\nEOF\n`),
        network: engine.network,
      };
      await buildImage(engine.docker, request, { onEvent: event => events.push(event) });
      expect(outputOf(events, nonce)).toBe(`one ${nonce}\ntwo\n`);
    } finally {
      made.remove();
      await engine.docker.removeImage('images-test/api:1', { force: true }).catch(() => undefined);
    }
  });
});
