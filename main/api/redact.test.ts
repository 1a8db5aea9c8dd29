import { describe, expect, it } from 'vitest';
import { redact, redactCommand, toPlainEvidence } from './redact.ts';

describe('redact', () => {
  const token = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW0ifQ.c2lnbmF0dXJl';
  it.each([
    [`token is ${token}.`, 'token is •••.'],
    ['Authorization: Bearer abc.def-123456', 'Authorization: Bearer •••'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic •••'],
    ['pull https://me:pa55@registry.test/v2/', 'pull https://me:•••@registry.test/v2/'],
    ['DB_PASSWORD=hunter2 npm start', 'DB_PASSWORD=••• npm start'],
    ['--build-arg API_KEY="a b" --x', '--build-arg API_KEY=••• --x'],
    ['GET /?token=abc&x=1', 'GET /?token=•••&x=1'],
    ['{"auth": "dXNlcjpwYXNz", "x": 1}', '{"auth": "•••", "x": 1}'],
    ['client-key-data: LS0tLS1CRUdJTg==', 'client-key-data: •••'],
    ['-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----\nrest', '•••\nrest'],
    ['AKIAIOSFODNN7EXAMPLE', '•••'],
  ])('hides the secret in %s', (text, expected) => expect(redact(text)).toBe(expected));

  it.each([
    'secret "db" not found',
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: token',
    'https://example.test/a?b=c',
    'image api:b3c3fbc is 212 MB',
    'unexpected token < in JSON at position 0',
    'sha256:3f0c6a2e1d5b4987a6c5d4e3f2019876543210fedcba98765432100123456789',
    'The password is missing',
    'git@github.test:me/shop.git',
  ])('leaves %s', text => expect(redact(text)).toBe(text));

  it('is fast on long text', () => {
    const began = performance.now();
    for (const part of [
      'a-',
      'password',
      'password="',
      'token" : "',
      '://',
      'x',
      '-eyJaaaaaaaa',
      'Bearer ',
      ' ',
    ]) {
      redact(part.repeat(Math.ceil(20_000 / part.length)));
    }
    redact(`https://${'x'.repeat(20_000)}`);
    redact('-----BEGIN PRIVATE KEY-----'.repeat(1_000));
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('hides the word after a secret option', () => {
    expect(redactCommand(['x', '--password', 'y', '--registry-token', 'z', '--name', 'n'])).toEqual([
      'x',
      '--password',
      '•••',
      '--registry-token',
      '•••',
      '--name',
      'n',
    ]);
  });
});

describe('evidence', () => {
  it('becomes plain data, whatever it was', () => {
    class Odd {
      kept = 1;
      get thrown(): number {
        throw new Error('no');
      }
    }
    const circle: Record<string, unknown> = { list: [1, undefined, () => 1, NaN] };
    circle['self'] = circle;
    const broken = {};
    Object.defineProperty(broken, 'bad', {
      enumerable: true,
      get() {
        throw new Error('no');
      },
    });
    expect(
      toPlainEvidence({
        circle,
        odd: new Odd(),
        broken,
        map: new Map([['a', 1]]),
        date: new Date('nonsense'),
        error: new Error('Bearer abcdefgh1234'),
        big: 2n ** 70n,
        symbol: Symbol('x'),
        bytes: new Uint8Array(3),
        password: 'x',
        registryPassword: { nested: 1 },
        'api-key': 7,
      }),
    ).toEqual({
      circle: { list: [1, null, null, 'NaN'], self: '…' },
      odd: { kept: 1 },
      broken: {},
      map: [['a', 1]],
      date: null,
      error: 'Bearer •••',
      big: '1180591620717411303424',
      bytes: '3 bytes',
      password: '•••',
      registryPassword: { nested: 1 },
      'api-key': '•••',
    });
  });

  it('is bounded', () => {
    const plain = toPlainEvidence({ text: 'x'.repeat(1e6), list: Array.from({ length: 1e5 }, () => 'y') });
    expect(JSON.stringify(plain).length).toBeLessThan(30_000);
  });

  it('does not reach into prototypes', () => {
    const plain = toPlainEvidence(JSON.parse('{"__proto__": {"polluted": 1}, "a": 1}'));
    expect(plain).toEqual({ a: 1 });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
