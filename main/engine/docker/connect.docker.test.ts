import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEngines } from './testing.ts';
import { readText } from './transport.ts';

// A container to run commands in: BusyBox on nothing, made through the Engine API itself.
const dockerfile = 'FROM scratch\nCOPY busybox /bin/busybox\nRUN ["/bin/busybox","--install","-s","/bin"]\n';

describe.each(testEngines())('Docker at $host', ({ docker, network }) => {
  const image = 'docker-test/shell:1';
  const name = `ptah-docker-test-${randomBytes(4).toString('hex')}`;

  beforeAll(async () => {
    const { buildImage } = await import('../images/index.ts');
    const { buildRequest, createTestContext } = await import('../images/testing.ts');
    const context = createTestContext();
    await buildImage(docker, {
      ...buildRequest(context, dockerfile, { reference: image, name: 'shell', project: 'docker-test' }),
      network,
    });
    context.remove();
    await post('/containers/create?name=' + name, {
      Image: image,
      Cmd: ['sleep', '3600'],
      Labels: { 'docker-test': name },
      NetworkMode: 'none',
    });
    await post(`/containers/${name}/start`);
  });
  afterAll(async () => {
    await docker
      .stream({ method: 'DELETE', path: `/containers/${name}?force=1` })
      .then(({ body }) => readText(body));
    await docker.removeImage(image, { force: true });
  });

  async function post(path: string, body?: unknown): Promise<void> {
    const answer = await docker.stream({
      method: 'POST',
      path,
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    });
    await readText(answer.body);
  }

  it('tells what it is', async () => {
    const info = await docker.info();
    expect(info.builders).toContain('buildkit');
    expect(info.containerdStore).toBe(!info.version.startsWith('20.'));
  });

  it('finds, tags and removes images', async () => {
    const found = await docker.inspectImage(image);
    expect(found?.labels['ptah-desktop/project']).toBe('docker-test');
    await docker.tagImage(image, 'docker-test/other:2');
    expect(await docker.listImages({ reference: 'docker-test/other:2' })).toMatchObject([{ id: found?.id }]);
    expect(
      (await docker.listImages({ labels: ['ptah-desktop/project=docker-test'] })).flatMap(({ tags }) => tags),
    ).toEqual(expect.arrayContaining([image, 'docker-test/other:2']));
    await docker.removeImage('docker-test/other:2');
    expect(await docker.inspectImage('docker-test/other:2')).toBeNull();
    await expect(docker.removeImage('docker-test/other:2')).rejects.toMatchObject({ code: 'not-found' });
    await expect(docker.tagImage('docker-test/none', 'x:1')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('lists containers by label', async () => {
    expect(await docker.listContainers({ labels: [`docker-test=${name}`] })).toMatchObject([
      { name, running: true, image },
    ]);
  });

  it('runs commands with both outputs and the exit code', async () => {
    const result = await docker.exec(name, ['sh', '-c', 'echo out; echo err >&2; exit 3']);
    expect([result.exitCode, result.stdout.toString(), result.stderr.toString()]).toEqual([
      3,
      'out\n',
      'err\n',
    ]);
  });

  it('hands over the argument array as it is', async () => {
    const result = await docker.exec(name, ['printf', '%s|', 'a b', '$HOME', "it's", '*', 'ü']);
    expect(result.stdout.toString()).toBe("a b|$HOME|it's|*|ü|");
  });

  it('streams large input and output at once, byte for byte', async () => {
    const bytes = randomBytes(8 * 1024 * 1024);
    const parts = Array.from({ length: 64 }, (_, index) =>
      bytes.subarray(index * 131_072, (index + 1) * 131_072),
    );
    const { stdout, exitCode } = await docker.exec(name, ['cat'], { stdin: Readable.from(parts) });
    expect(exitCode).toBe(0);
    expect(stdout.equals(bytes)).toBe(true);
  });

  it('is not stopped by a command that reads none of its input', async () => {
    const { exitCode } = await docker.exec(name, ['true'], { stdin: Buffer.alloc(4 * 1024 * 1024) });
    expect(exitCode).toBe(0);
  });

  it('kills a command that is cancelled or takes too long, with its children', async () => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 200);
    const begun = performance.now();
    await expect(
      docker.exec(name, ['sh', '-c', 'sleep 4242 & sleep 4243; wait'], { signal: abort.signal }),
    ).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - begun).toBeLessThan(6_000);
    await expect(docker.exec(name, ['sleep', '4244'], { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'timeout',
      details: { command: ['sleep', '4244'] },
    });
    // An engine that shows its containers the machine's /proc gives no way to tell whose a process is: nothing is killed by us there.
    const own = await docker.exec(name, [
      'sh',
      '-c',
      'read -r pid rest < /proc/self/stat; [ "$pid" = "$$" ]',
    ]);
    const { stdout } = await docker.exec(name, ['ps', '-o', 'args']);
    if (own.exitCode === 0) expect(stdout.toString()).not.toContain('sleep 424');
    expect((await docker.listContainers({ labels: [`docker-test=${name}`] }))[0]?.running).toBe(true);
  });

  it('says when there is no such container or command', async () => {
    await expect(docker.exec('no-such-container', ['true'])).rejects.toMatchObject({ code: 'not-found' });
    const missing = await docker.exec(name, ['no-such-command']).catch((error: unknown) => error);
    // The engines differ: an exit code or a refusal; both name the command.
    expect(JSON.stringify(missing) + String(missing)).toMatch(/126|127|no-such-command/);
  });

  it('saves an archive', async () => {
    let size = 0;
    for await (const chunk of await docker.saveImages([image])) size += (chunk as Buffer).length;
    expect(size).toBeGreaterThan(500_000);
    await expect(docker.saveImages(['docker-test/none:1'])).rejects.toMatchObject({ code: 'not-found' });
  });

  it('does not pretend to have pulled', async () => {
    await expect(docker.pullImage('docker-test.invalid/none:1', () => undefined)).rejects.toMatchObject({
      code: expect.stringMatching(/docker-api|not-found/),
    });
  });
});
