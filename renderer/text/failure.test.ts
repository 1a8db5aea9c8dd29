import { describe, expect, it } from 'vitest';
import { failedResult } from '../testing/shop.ts';
import { evidenceOf, failureText, usefulLine } from './failure.ts';

const failed = (output: readonly string[], message = 'It failed') => ({
  message,
  hint: null,
  details: { output },
});

describe('a failure', () => {
  it('leads with the line that a person would look for', () => {
    expect(usefulLine(failedResult.error ?? failed([]))).toBe(
      'No matching distribution found for celry==5.4.0',
    );
    expect(
      usefulLine(
        failed(['compiling', 'main.go:3: undefined: foo', 'make: *** [all] Error 2', 'exit code: 2']),
      ),
    ).toMatch(/Error 2/);
    expect(usefulLine(failed(['one', 'two'], 'The build failed'))).toBe('The build failed');
    expect(usefulLine(failed([], 'Nothing was printed'))).toBe('Nothing was printed');
  });

  it('shows the evidence, whatever the details hold', () => {
    expect(
      evidenceOf({
        message: '',
        hint: null,
        details: { command: ['kind', 'create', 'a b'], exitCode: 1, file: 'x.yaml', line: 3, column: 5 },
      }),
    ).toEqual({ command: "kind create 'a b'", exit: 'exit status 1', output: [], place: 'x.yaml:3:5' });
    expect(
      evidenceOf({
        message: '',
        hint: null,
        details: { command: 'no list', exitCode: null, output: [1, 'a\nb\n'] },
      }),
    ).toEqual({
      command: null,
      exit: null,
      output: ['a', 'b'],
      place: null,
    });
  });

  it('copies all of it', () => {
    const text = failureText({
      message: 'Docker does not answer',
      hint: 'Start it',
      cause: ['connect ENOENT'],
      details: { command: ['docker', 'version'], exitCode: 1, output: ['no socket'] },
    });
    expect(text).toBe(
      'Docker does not answer\nbecause: connect ENOENT\nStart it\n$ docker version\nexit status 1\nno socket',
    );
  });
});
