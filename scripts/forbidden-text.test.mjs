import { describe, expect, test } from 'vitest';
import { lookThrough } from './forbidden-text.mjs';

describe('lookThrough', () => {
  test.each([
    ['a script', "cd '/home/anna/projects/ptah'"],
    ['a comment', '// see /Users/anna/notes.txt'],
    ['a configuration', 'path=/root/go/bin'],
  ])('finds a path of one machine in %s', (_name, text) => {
    expect(lookThrough('a/file.ts', text)).toEqual([`a/file.ts:1: a path of one machine: ${text}`]);
  });

  test.each([
    'COPY config /root/.config/app',
    'WORKDIR /work',
    'RUN --mount=type=cache,target=/root/.cache pip install',
    'cd "$work"/root/var',
  ])('leaves what belongs to a container: %s', text => {
    expect(lookThrough('Dockerfile', text)).toEqual([]);
  });

  test('finds addresses of registries in lockfiles only', () => {
    const line = '      "resolved": "https://mirror.example/zod-4.6.7.tgz",';
    expect(lookThrough('package-lock.json', `{\n${line}\n}`)).toEqual([
      `package-lock.json:2: the address of a registry: ${line.trim()}`,
    ]);
    expect(lookThrough('main/a.ts', line)).toEqual([]);
    expect(
      lookThrough('examples/a/requirements.txt', '--index-url https://mirror.example/simple'),
    ).toHaveLength(1);
  });
});
