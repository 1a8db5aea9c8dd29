import { createServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connectionFailure } from './failures.ts';
import { atLeast, connectDocker, registryHost, splitTag } from './connect.ts';

const servers: { server: Server; dir: string }[] = [];
afterEach(() => {
  for (const { server, dir } of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
});

async function engine(answer: RequestListener): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'ptah-engine-'));
  const server = createServer(answer);
  servers.push({ server, dir });
  const socket = join(dir, 'docker.sock');
  await new Promise<void>(resolve => server.listen(socket, resolve));
  return `unix://${socket}`;
}

describe('connectDocker', () => {
  it('says where it looked when Docker is not running', async () => {
    const docker = connectDocker({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
    await expect(docker.info()).rejects.toMatchObject({
      code: 'docker-unreachable',
      message: expect.stringContaining('unix:///nowhere/docker.sock (DOCKER_HOST)'),
      hint: expect.stringContaining('Start Docker'),
    });
  });

  it('ignores the DOCKER_HOST of this process when told another host', async () => {
    const host = await engine((_request, response) => response.end('[]'));
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
    try {
      expect(await connectDocker({ env: {}, host }).listImages()).toEqual([]);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it('names the group when permission is missing', () => {
    const denied = Object.assign(new Error('connect EACCES /var/run/docker.sock'), { code: 'EACCES' });
    expect(
      connectionFailure({ host: 'unix:///var/run/docker.sock', from: 'default socket' }, denied),
    ).toMatchObject({
      code: 'docker-unreachable',
      message: expect.stringContaining('unix:///var/run/docker.sock'),
      hint: expect.stringContaining('group “docker”'),
    });
  });

  it('carries Docker’s own message, and knows absence and a full disk', async () => {
    const answers: Record<string, [number, string]> = {
      '/images/gone/json': [404, 'No such image: gone'],
      '/images/busy': [409, 'conflict: unable to remove'],
      '/images/full': [500, 'write /x: no space left on device'],
    };
    const host = await engine((request, response) => {
      const [status, message] = answers[request.url?.split('?')[0] ?? ''] ?? [500, 'unexpected'];
      response.writeHead(status).end(JSON.stringify({ message }));
    });
    const docker = connectDocker({ env: {}, host });
    expect(await docker.inspectImage('gone')).toBeNull();
    await expect(docker.removeImage('busy')).rejects.toMatchObject({
      code: 'docker-api',
      message: expect.stringContaining('unable to remove'),
      details: { status: 409 },
    });
    await expect(docker.removeImage('full')).rejects.toMatchObject({ code: 'disk-full' });
    await expect(docker.stream({ method: 'GET', path: '/images/gone/json' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('reads what the engine is, from both kinds of store', async () => {
    const host = await engine((request, response) => {
      const answer = request.url?.startsWith('/version')
        ? { Version: '28.5.2', ApiVersion: '1.51', Os: 'linux', Arch: 'amd64' }
        : {
            DockerRootDir: '/var/lib/docker',
            DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
          };
      response.end(JSON.stringify(answer));
    });
    expect(await connectDocker({ env: {}, host }).info()).toMatchObject({
      containerdStore: true,
      builders: ['buildkit', 'classic'],
    });
  });

  it('filters by query, and cuts nothing off its end', async () => {
    let asked = '';
    const host = await engine((request, response) => {
      asked = decodeURIComponent(request.url ?? '');
      response.end('[]');
    });
    await connectDocker({ env: {}, host }).listImages({
      labels: ['ptah-desktop/project=x'],
      reference: 'a:1',
    });
    expect(asked).toBe('/images/json?filters={"label":["ptah-desktop/project=x"],"reference":["a:1"]}');
  });

  it('ends at once when cancelled, before and during an answer', async () => {
    const host = await engine((_request, response) => response.write('['));
    const docker = connectDocker({ env: {}, host });
    await expect(docker.listImages({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelled' });
    const begun = performance.now();
    await expect(docker.listImages({}, AbortSignal.timeout(100))).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(performance.now() - begun).toBeLessThan(20_000);
  });

  it('says so when the engine goes away in the middle', async () => {
    const host = await engine((request, response) => {
      response.write('[');
      setTimeout(() => request.socket.destroy(), 50);
    });
    await expect(connectDocker({ env: {}, host }).listImages()).rejects.toMatchObject({
      code: 'docker-unreachable',
    });
  });
});

describe('references', () => {
  it('are split into repository and tag', () => {
    expect(splitTag('api:1')).toEqual({ repository: 'api', tag: '1' });
    expect(splitTag('localhost:5000/api')).toEqual({ repository: 'localhost:5000/api', tag: 'latest' });
    expect(splitTag('a/b@sha256:00')).toEqual({ repository: 'a/b@sha256:00', tag: '' });
    expect(registryHost('python')).toBe('docker.io');
    expect(registryHost('user/python')).toBe('docker.io');
    expect(registryHost('ghcr.io/astral-sh/uv')).toBe('ghcr.io');
    expect(registryHost('localhost/x')).toBe('localhost');
  });

  it('compares API versions by number', () => {
    expect(atLeast('1.41', 1, 39)).toBe(true);
    expect(atLeast('1.9', 1, 39)).toBe(false);
    expect(atLeast('2.0', 1, 39)).toBe(true);
  });
});
