import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEngines } from '../../docker/testing.ts';
import { buildImage } from '../build-image.ts';
import { buildRequest, createTestContext, scratchWithShell } from '../testing.ts';
import { createRuns, type Runs } from './create-runs.ts';
import { planRun } from './plan-run.ts';
import { runLabel } from './start-container.ts';
import type { RunRequest } from './types.ts';

const project = 'runs-test';
const page = 'hello from a container\n';
const dockerfile = `${scratchWithShell}WORKDIR /www
COPY index.html .
ENV GREETING="two words" PORT=8931
EXPOSE 8931 53/udp 80
VOLUME /data
CMD ["sh", "-c", "echo started on $PORT; echo größe >&2; exec httpd -f -p $PORT"]
`;

const get = (url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    httpRequest(url, { agent: false }, answer => {
      let text = '';
      answer.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
      answer.on('end', () => resolve(text));
    })
      .on('error', reject)
      .end();
  });

async function until<T>(look: () => Promise<T | null | false>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const found = await look().catch(() => null);
    if (found !== null && found !== false) return found;
    await sleep(100);
  }
  throw new Error('It did not come about within 30 seconds');
}

describe.each(testEngines())('an image run by hand on $host', ({ docker, network }) => {
  const reference = `runs-test/web:${Math.random().toString(36).slice(2, 8)}`;
  let runs: Runs;
  const request = (more: Partial<RunRequest> = {}): RunRequest => ({
    project,
    image: 'web',
    reference,
    ports: [],
    environment: [],
    mounts: [],
    command: null,
    network,
    ...more,
  });
  const logOf = async (
    id: string,
    from = runs,
  ): Promise<{ out: string; err: string; exitCode: number | null; times: number[] }> => {
    const found = { out: '', err: '', exitCode: null as number | null, times: [] as number[] };
    for await (const item of from.log(project, id, 0, AbortSignal.timeout(30_000))) {
      if (item.type === 'output') {
        found[item.stream === 'stdout' ? 'out' : 'err'] += item.text;
        found.times.push(item.at);
      }
      if (item.type === 'ended') found.exitCode = item.exitCode;
    }
    return found;
  };

  beforeAll(async () => {
    const context = createTestContext({ 'index.html': page, Dockerfile: dockerfile });
    runs = createRuns(() => docker);
    for (const { id } of await runs.list(project)) await runs.stop(project, id);
    await buildImage(docker, buildRequest(context, dockerfile, { name: 'web', reference, project, network }));
    context.remove();
  }, 120_000);
  afterAll(async () => {
    for (const { id, state } of await runs.list(project))
      if (state === 'running') await runs.stop(project, id);
    runs.close();
    await docker.removeImage(reference, { force: true });
  }, 60_000);

  it('is planned from what the image says, on ports that are free', async () => {
    const server = createServer();
    await new Promise<void>(resolve => server.listen(8931, '127.0.0.1', resolve));
    try {
      const plan = await planRun(docker, { image: 'web', reference });
      expect(plan.ports.map(({ container, protocol }) => `${container}/${protocol}`)).toEqual([
        '53/udp',
        '80/tcp',
        '8931/tcp',
      ]);
      expect(plan.ports[1]?.host).toBeGreaterThanOrEqual(8080);
      expect(plan.ports[2]?.host).toBeGreaterThan(8931);
      expect(plan.ports[2]?.note).toBe('8931 is taken on this machine.');
      expect(plan.environment).toContainEqual({ name: 'GREETING', value: 'two words' });
      expect(plan).toMatchObject({ workdir: '/www', user: '', volumes: ['/data'], entrypoint: [] });
      expect(plan.command[0]).toBe('sh');
    } finally {
      await new Promise(resolve => server.close(resolve));
    }
    expect((await planRun(docker, { image: 'web', reference })).ports[2]).toMatchObject({
      host: 8931,
      note: null,
    });
    await expect(planRun(docker, { image: 'web', reference: 'runs-test/none:1' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('answers, is listed by Docker, shows its log, and ends when it is stopped', async () => {
    const port = (await planRun(docker, { image: 'web', reference })).ports[2]?.host ?? 0;
    const heard: string[] = [];
    const stopHearing = runs.onChange(name => heard.push(name));
    const run = await runs.start(
      request({
        ports: network === null ? [{ container: 8931, protocol: 'tcp', host: port }] : [],
        environment: network === null ? [] : [{ name: 'PORT', value: String(port) }],
      }),
    );
    expect(run).toMatchObject({ image: 'web', reference, state: 'running', exitCode: null });
    if (network === null)
      expect(run.ports).toEqual([
        { container: 8931, protocol: 'tcp', host: port, url: `http://127.0.0.1:${port}/` },
      ]);
    expect(await until(() => get(`http://127.0.0.1:${port}/`))).toBe(page);

    const [container] = await docker.listContainers({
      labels: [`${runLabel}=by-hand`, `ptah-desktop/project=${project}`],
    });
    expect(container).toMatchObject({ id: run.id, running: true });
    // another engine, started later, finds it and has its log, with the moments of its lines
    const lookedAt = Date.now();
    const other = createRuns(() => docker);
    expect((await other.list(project)).map(({ id }) => id)).toEqual([run.id]);
    expect(await other.list('another project')).toEqual([]);
    await expect(other.stop('another project', run.id)).rejects.toMatchObject({ code: 'not-found' });

    const log = logOf(run.id);
    const later = logOf(run.id, other);
    const asked = performance.now();
    await runs.stop(project, run.id);
    expect(performance.now() - asked).toBeLessThan(30_000);
    for (const { out, err, times } of [await log, await later]) {
      // within the clock's own grain
      expect(Math.max(...times)).toBeLessThanOrEqual(lookedAt + 50);
      expect(out).toMatch(/started on \d+/);
      expect(err).toBe('größe\n');
    }
    expect(
      await docker.listContainers({
        labels: [`${runLabel}=by-hand`, `ptah-desktop/project=${project}`],
        all: true,
      }),
    ).toEqual([]);
    // the log stays until it is dismissed
    expect((await runs.list(project)).map(({ id, state }) => [id, state])).toEqual([[run.id, 'ended']]);
    expect((await logOf(run.id)).err).toBe('größe\n');
    await runs.dismiss(project, run.id);
    expect(await runs.list(project)).toEqual([]);
    expect(heard.length).toBeGreaterThanOrEqual(3);
    stopHearing();
    other.close();
  });

  it('that ends at once leaves its last words and its exit code', async () => {
    const { id } = await runs.start(
      request({
        command: ['sh', '-c', 'echo "$A"; echo bad >&2; exit 7'],
        environment: [{ name: 'A', value: 'a=b c' }],
      }),
    );
    expect(await logOf(id)).toMatchObject({ out: 'a=b c\n', err: 'bad\n', exitCode: 7 });
    await until(
      async () =>
        (await runs.list(project)).find(
          run => run.id === id && run.state === 'ended' && run.exitCode === 7,
        ) ?? null,
    );
    await runs.dismiss(project, id);
  });

  it('has the folders that are mounted, and writes to none that is read-only', async () => {
    const { id } = await runs.start(
      request({
        // a folder that every machine has, also the one that the engine runs on
        mounts: [{ source: '/etc', target: '/mnt', readOnly: true }],
        command: [
          'sh',
          '-c',
          'test -e /mnt/passwd && echo mounted; touch /mnt/ptah-runs-test 2>/dev/null || echo refused',
        ],
      }),
    );
    expect((await logOf(id)).out).toBe('mounted\nrefused\n');
    await runs.dismiss(project, id);
  });

  it('that cannot start says why and leaves nothing', async () => {
    await expect(runs.start(request({ command: ['/no/such/program'] }))).rejects.toMatchObject({
      message: expect.stringContaining('/no/such/program') as string,
    });
    await expect(
      runs.start(request({ mounts: [{ source: '/no/such/folder', target: '/x', readOnly: false }] })),
    ).rejects.toMatchObject({ message: expect.stringContaining('/no/such/folder') as string });
    await expect(runs.start(request({ reference: 'runs-test/none:1' }))).rejects.toMatchObject({
      code: 'not-found',
    });
    if (network === null) {
      const server = createServer();
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const host = typeof address === 'object' && address !== null ? address.port : 0;
      await expect(
        runs.start(request({ ports: [{ container: 8931, protocol: 'tcp', host }] })),
      ).rejects.toMatchObject({
        code: 'port-taken',
        message: `Port ${host} of this machine is taken.`,
      });
      await new Promise(resolve => server.close(resolve));
    }
    await until(
      async () =>
        (
          await docker.listContainers({
            labels: [`${runLabel}=by-hand`, `ptah-desktop/project=${project}`],
            all: true,
          })
        ).length === 0,
    );
  });
});
