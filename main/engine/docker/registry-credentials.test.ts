import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registryCredentials } from './registry-credentials.ts';

describe('registryCredentials', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ptah-credentials-'));
  const env = { HOME: dir, DOCKER_CONFIG: dir, PATH: `${join(dir, 'bin')}:/bin:/usr/bin` };

  beforeAll(() => {
    mkdirSync(join(dir, 'bin'));
    const helper = join(dir, 'bin', 'docker-credential-test');
    writeFileSync(
      helper,
      '#!/bin/sh\nread host\ncase "$host" in\nhelped.example) echo \'{"Username":"me","Secret":"from helper"}\';;\ntoken.example) echo \'{"Username":"<token>","Secret":"t"}\';;\n*) echo "credentials not found"; exit 1;;\nesac\n',
    );
    chmodSync(helper, 0o755);
    writeFileSync(
      join(dir, 'config.json'),
      JSON.stringify({
        auths: {
          'https://index.docker.io/v1/': { auth: Buffer.from('hub:p:w').toString('base64') },
          'plain.example': { auth: Buffer.from('you:secret').toString('base64') },
          'empty.example': {},
        },
        credHelpers: { 'helped.example': 'test', 'token.example': 'test', 'lost.example': 'not-installed' },
      }),
    );
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it('answers each registry with its own credentials, and strangers with none', async () => {
    expect(await registryCredentials('plain.example', env)).toMatchObject({
      username: 'you',
      password: 'secret',
    });
    expect(await registryCredentials('registry-1.docker.io', env)).toMatchObject({
      username: 'hub',
      password: 'p:w',
    });
    expect(await registryCredentials('helped.example', env)).toMatchObject({
      username: 'me',
      password: 'from helper',
    });
    expect(await registryCredentials('token.example', env)).toMatchObject({ identitytoken: 't' });
    for (const host of ['other.example', 'empty.example', 'lost.example', 'plain.example.evil']) {
      expect(await registryCredentials(host, env)).toBeNull();
    }
  });
});
