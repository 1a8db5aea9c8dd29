import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { resolveEndpoint } from './endpoint.ts';

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

function home(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ptah-docker-home-'));
  homes.push(dir);
  mkdirSync(join(dir, '.docker'));
  return dir;
}

function addContext(configDir: string, name: string, host: string): void {
  const id = createHash('sha256').update(name).digest('hex');
  mkdirSync(join(configDir, 'contexts', 'meta', id), { recursive: true });
  writeFileSync(
    join(configDir, 'contexts', 'meta', id, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  mkdirSync(join(configDir, 'contexts', 'tls', id, 'docker'), { recursive: true });
  writeFileSync(join(configDir, 'contexts', 'tls', id, 'docker', 'ca.pem'), 'authority');
}

describe('resolveEndpoint', () => {
  it('prefers the setting, then DOCKER_HOST', () => {
    const env = { HOME: home(), DOCKER_HOST: 'tcp://10.0.0.1:2375', DOCKER_CONTEXT: 'ignored' };
    expect(resolveEndpoint(env, { host: '/run/mine.sock' })).toMatchObject({
      host: 'unix:///run/mine.sock',
      from: 'setting',
    });
    expect(resolveEndpoint(env)).toMatchObject({ host: 'tcp://10.0.0.1:2375', from: 'DOCKER_HOST' });
    expect(resolveEndpoint({ ...env, DOCKER_HOST: 'build-box:2375' }).host).toBe('tcp://build-box:2375');
  });

  it('follows the current context, and DOCKER_CONTEXT before it', () => {
    const dir = home();
    writeFileSync(join(dir, '.docker', 'config.json'), JSON.stringify({ currentContext: 'desktop-linux' }));
    addContext(join(dir, '.docker'), 'desktop-linux', 'unix:///home/me/.docker/desktop/docker.sock');
    addContext(join(dir, '.docker'), 'far', 'tcp://far:2376');
    expect(resolveEndpoint({ HOME: dir })).toMatchObject({
      host: 'unix:///home/me/.docker/desktop/docker.sock',
      from: 'context desktop-linux',
    });
    const far = resolveEndpoint({ HOME: dir, DOCKER_CONTEXT: 'far' });
    expect(far).toMatchObject({ host: 'tcp://far:2376', from: 'context far' });
    expect(far.tls?.ca?.toString()).toBe('authority');
  });

  it('reads the configuration where DOCKER_CONFIG says', () => {
    const dir = home();
    addContext(join(dir, 'elsewhere'), 'c', 'unix:///c.sock');
    writeFileSync(join(dir, 'elsewhere', 'config.json'), JSON.stringify({ currentContext: 'c' }));
    expect(resolveEndpoint({ HOME: dir, DOCKER_CONFIG: join(dir, 'elsewhere') }).host).toBe('unix:///c.sock');
  });

  it('says when the context does not exist', () => {
    expect(() => resolveEndpoint({ HOME: home(), DOCKER_CONTEXT: 'gone' })).toThrow(
      expect.objectContaining({ code: 'docker-unreachable', hint: expect.any(String) }),
    );
  });

  it('takes the first socket that is there, and survives a broken configuration', () => {
    const dir = home();
    writeFileSync(join(dir, '.docker', 'config.json'), '{ not json');
    const env = { HOME: dir, XDG_RUNTIME_DIR: '/run/user/7' };
    const found = (present: readonly string[]) =>
      resolveEndpoint(env, { platform: 'linux', exists: path => present.includes(path) });
    expect(found(['/var/run/docker.sock', '/run/user/7/docker.sock'])).toMatchObject({
      host: 'unix:///var/run/docker.sock',
      from: 'default socket',
    });
    expect(found(['/run/user/7/docker.sock'])).toMatchObject({
      host: 'unix:///run/user/7/docker.sock',
      from: 'socket of rootless Docker',
    });
    expect(found([join(dir, '.colima/default/docker.sock')])).toMatchObject({ from: 'socket of Colima' });
    expect(found([join(dir, '.docker/run/docker.sock')])).toMatchObject({ from: 'socket of Docker Desktop' });
    expect(found([])).toMatchObject({ host: 'unix:///var/run/docker.sock', from: 'default socket' });
    expect(resolveEndpoint(env, { platform: 'win32' }).host).toBe('npipe:////./pipe/docker_engine');
  });
});
