import { describe, expect, it, vi } from 'vitest';
import { createResource } from './resource.ts';

const later = <T>() => {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
};

describe('resource', () => {
  it('keeps the last data while it is read again, and its age', async () => {
    let clock = 1000;
    let value = 'a';
    const resource = createResource(
      async () => value,
      () => clock,
    );
    await resource.load('');
    expect(resource.get('')).toMatchObject({ data: 'a', at: 1000, loadingSince: null });
    clock = 2000;
    value = 'b';
    const reading = resource.load('');
    expect(resource.get('')).toMatchObject({ data: 'a', at: 1000, loadingSince: 2000 });
    await reading;
    expect(resource.get('')).toMatchObject({ data: 'b', at: 2000 });
  });

  it('keeps the data beside an error, and forgets the error when it is read', async () => {
    let fails = false;
    const resource = createResource(async () => {
      if (fails) throw Object.assign(new Error('gone'), { code: 'docker-unreachable', hint: 'Start it' });
      return 1;
    });
    await resource.load('');
    fails = true;
    await resource.load('');
    expect(resource.get('')).toMatchObject({
      data: 1,
      error: { code: 'docker-unreachable', hint: 'Start it' },
    });
    fails = false;
    await resource.load('');
    expect(resource.get('').error).toBeNull();
  });

  it('reads once more for whoever asked while it was being read', async () => {
    const first = later<number>();
    const read = vi.fn().mockReturnValueOnce(first.promise).mockResolvedValueOnce(2);
    const resource = createResource<number>(read);
    const reading = resource.load('');
    void resource.load('');
    void resource.load('');
    first.resolve(1);
    await reading;
    expect(read).toHaveBeenCalledTimes(2);
    expect(resource.get('').data).toBe(2);
  });

  it('reads what is out of date when somebody looks at it, not before', async () => {
    const read = vi.fn(async () => 1);
    const resource = createResource(read);
    await resource.load('p');
    resource.invalidate('p');
    expect(read).toHaveBeenCalledTimes(1);
    const stop = resource.watch('p');
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(2));
    resource.invalidate('p');
    await vi.waitFor(() => expect(read).toHaveBeenCalledTimes(3));
    stop();
    resource.invalidate('p');
    expect(read).toHaveBeenCalledTimes(3);
  });

  it('stops waiting, and takes no late answer', async () => {
    const slow = later<number>();
    const resource = createResource<number>((_, signal) =>
      Promise.race([
        slow.promise,
        new Promise<never>((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
      ]),
    );
    const reading = resource.load('');
    resource.stopWaiting('');
    expect(resource.get('')).toMatchObject({ loadingSince: null, stopped: true });
    slow.resolve(7);
    await reading;
    expect(resource.get('')).toMatchObject({ data: null, error: null, stopped: true });
  });
});
