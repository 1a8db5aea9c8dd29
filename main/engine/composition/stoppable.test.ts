import { expect, it } from 'vitest';
import { stoppable } from './stoppable.ts';

it('lists what runs for a project, and stops each thing for good', async () => {
  const done: string[] = [];
  const note = (text: string) => {
    done.push(text);
    return Promise.resolve({ ok: true as const });
  };
  const forward = { id: 'f 1', address: 'http://127.0.0.1:8080', target: { kind: 'Service', name: 'api' } };
  const things = stoppable('p-1', {
    sync: {
      isOn: () => Promise.resolve(true),
      automatic: ({ on }) => note(`automatic ${on}`),
      switch: ({ scope, on }) => note(`switch ${scope.level} ${on}`),
    },
    forwards: {
      list: () =>
        Promise.resolve({
          forwards: [forward],
          api: { on: true, address: 'http://127.0.0.1:8001' },
        } as never),
      remove: ({ id }) => note(`remove ${id}`),
      api: ({ on }) => note(`api ${on}`) as never,
    },
    images: {
      runs: () => Promise.resolve([{ id: 'c1', name: 'api-1', state: 'running' }] as never),
      stopRun: ({ id }) => note(`stop ${id}`),
    },
  });
  const found = await things.list();
  expect(found.map(({ kind, name, where }) => [kind, name, where])).toEqual([
    ['Live sync', 'of the containers', null],
    ['Forward', '127.0.0.1:8080', 'Service api'],
    ['API proxy', 'http://127.0.0.1:8001', null],
    ['Container', 'api-1', 'Docker'],
  ]);
  for (const { id } of found) await things.stop(id);
  expect(done).toEqual(['automatic false', 'switch project false', 'remove f 1', 'api false', 'stop c1']);
});

it('lists the rest where forwards and Docker can’t be asked', async () => {
  const fail = () => Promise.reject(new Error('no cluster'));
  const things = stoppable('p-1', {
    sync: { isOn: () => Promise.resolve(false), automatic: fail, switch: fail },
    forwards: { list: fail, remove: fail, api: fail },
    images: { runs: fail, stopRun: fail },
  });
  expect(await things.list()).toEqual([]);
});
