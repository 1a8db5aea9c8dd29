import { describe, expect, it } from 'vitest';
import { draftOf, nextId, readDraft, type RunDraft } from './run-draft.ts';

const empty: RunDraft = { ports: [], environment: [], mounts: [], command: '' };
const port = (container: string, host: string, id = 0) => ({
  id,
  container,
  host,
  protocol: 'tcp' as const,
  note: null,
});
const problem = (change: Partial<RunDraft>) => readDraft({ ...empty, ...change }).problem;

describe('what stands in the form', () => {
  it('begins with what the image says, and means what is typed', () => {
    const draft = draftOf({
      image: 'api',
      reference: 'api:1',
      ports: [{ container: 8000, protocol: 'tcp', host: 8001, note: 'taken' }],
      environment: [{ name: 'PATH', value: '/bin' }],
      entrypoint: [],
      command: [],
      workdir: '/',
      user: '',
      volumes: [],
    });
    expect(nextId(draft.ports)).toBe(1);
    expect(
      readDraft({
        ...draft,
        environment: [
          { id: 0, name: ' A ', value: ' x ' },
          { id: 1, name: '', value: '' },
        ],
        mounts: [{ id: 0, source: ' /srv ', target: '/data', readOnly: true }],
        command: 'sh -c "a b"',
      }),
    ).toEqual({
      problem: null,
      run: {
        ports: [{ container: 8000, protocol: 'tcp', host: 8001 }],
        environment: [{ name: 'A', value: ' x ' }],
        mounts: [{ source: '/srv', target: '/data', readOnly: true }],
        command: ['sh', '-c', 'a b'],
      },
    });
    expect(readDraft(empty).run?.command).toBeNull();
  });

  it('says what is wrong', () => {
    expect(problem({ ports: [port('x', '1')] })).toBe('"x" is no port of the container.');
    expect(problem({ ports: [port('1', '70000')] })).toBe('"70000" is no port of this machine.');
    expect(problem({ ports: [port('80', '8080'), port('81', '8080', 1)] })).toBe(
      'Port 8080 of this machine is given twice.',
    );
    expect(problem({ environment: [{ id: 0, name: 'A=B', value: '' }] })).toContain('needs a name');
    expect(problem({ environment: [{ id: 0, name: '', value: 'x' }] })).toContain('needs a name');
    expect(problem({ mounts: [{ id: 0, source: 'data', target: '/x', readOnly: false }] })).toContain(
      'this machine',
    );
    expect(problem({ mounts: [{ id: 0, source: '/data', target: 'x', readOnly: false }] })).toContain(
      'the container',
    );
    expect(problem({ command: 'sh -c "' })).toContain('no end');
  });
});
