import { describe, expect, it } from 'vitest';
import { dockerRun, splitWords } from './docker-run.ts';

describe('the command that does the same', () => {
  it('is what a shell takes', () => {
    expect(
      dockerRun({
        reference: 'api:b3c3fbc',
        ports: [
          { container: 8000, protocol: 'tcp', host: 8001 },
          { container: 53, protocol: 'udp', host: 8053 },
        ],
        environment: [{ name: 'GREETING', value: "it's two words" }],
        mounts: [{ source: '/home/me/my data', target: '/data', readOnly: true }],
        command: ['sh', '-c', 'echo $A'],
      }),
    ).toBe(
      `docker run --rm -p 127.0.0.1:8001:8000 -p 127.0.0.1:8053:53/udp -e 'GREETING=it'\\''s two words' -v '/home/me/my data:/data:ro' api:b3c3fbc sh -c 'echo $A'`,
    );
  });
});

describe('words of a command', () => {
  it.each([
    ['', []],
    ['  uvicorn  app:app --port 80 ', ['uvicorn', 'app:app', '--port', '80']],
    [`sh -c 'echo "a  b" && exit 1'`, ['sh', '-c', 'echo "a  b" && exit 1']],
    ['a "b\\"c" d\\ e ""', ['a', 'b"c', 'd e', '']],
    ['a "b', null],
  ])('%j', (text, words) => expect(splitWords(text)).toEqual(words));
});
