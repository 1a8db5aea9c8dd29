import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractError } from '../../../preload/contract/contract-error.ts';
import { events, requests, streams } from '../../../preload/contract/index.ts';
import type { EventName, MethodName, StreamName } from '../../../preload/contract/index.ts';
import type { WireClient } from '../../../preload/contract/wire-client.ts';
import { PtahError } from '../../engine/errors/index.ts';
import { describeStreams } from './stream-suite.ts';
import { describeWire } from './wire-suite.ts';
import { eventually } from './host-under-test.ts';
import type { HostUnderTest } from './host-under-test.ts';

/** Answered by the window's own process, never by the engine. */
const hostMethods = new Set<MethodName>([
  'app.info',
  'app.openExternal',
  'app.chooseFile',
  'projects.chooseFolder',
]);

/** What every host has to hold: the same requests, streams, events, refusals and errors, whatever lies between. */
export function describeContract(name: string, start: () => Promise<HostUnderTest>): void {
  describe(`contract over ${name}`, () => {
    let host: HostUnderTest;
    let client: WireClient;
    beforeAll(async () => {
      host = await start();
      client = await host.client();
    });
    afterAll(async () => {
      client.close();
      await host.close();
    });
    const call = (method: string, input: unknown, options?: { signal?: AbortSignal }) =>
      client.request(method as MethodName, input as never, options) as Promise<unknown>;
    const refusal = async (promise: Promise<unknown>) => {
      const error = await promise.then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(ContractError);
      return error as ContractError;
    };

    it.each(Object.keys(requests) as MethodName[])('%s: the sample goes there and back', async method => {
      const definition = requests[method];
      const before = host.engine.calls.length;
      const answer = await call(method, definition.sample.in);
      const called = host.engine.calls.slice(before);
      if (hostMethods.has(method)) {
        expect(called).toEqual([]);
        expect(definition.out.parse(answer)).toEqual(answer);
      } else {
        const whole = definition.out.parse(definition.sample.out);
        if (method === 'dashboard.open' && host.clipboard) {
          // the token goes from the process into the clipboard: no window ever holds it
          const { token } = requests['dashboard.open'].sample.out;
          expect(host.clipboard()).toBe(token);
          expect(answer).toEqual({ ...(whole as object), token: null });
        } else expect(answer).toEqual(whole);
        expect(called).toEqual([{ method, input: definition.sample.in }]);
      }
    });

    it.each(Object.keys(streams) as StreamName[])('%s: the sample item arrives, then the end', async name => {
      const definition = streams[name];
      const items: unknown[] = [];
      for await (const item of client.stream(name, definition.sample.in)) items.push(item);
      expect(items).toEqual([definition.item.parse(definition.sample.item)]);
    });

    it.each(Object.keys(events) as EventName[])('%s: the sample reaches every window', async name => {
      const other = await host.client();
      const seen: unknown[] = [];
      const stops = [client, other].map(window => window.on(name, payload => seen.push(payload)));
      // an answer after the subscription: both connections stand
      await Promise.all([call('settings.get', {}), other.request('settings.get', {})]);
      host.engine.emit(name, events[name].sample);
      await eventually(() => seen.length === 2, `2 × ${name}`);
      expect(seen).toEqual([events[name].sample, events[name].sample]);
      stops.forEach(stop => stop());
      other.close();
    });

    it('refuses a payload that does not fit, names the place, and calls nobody', async () => {
      for (const method of Object.keys(requests) as MethodName[]) {
        const before = host.engine.calls.length;
        const sample = requests[method].sample.in as object;
        for (const wrong of [{ ...sample, surprise: 1 }, 'text', null, [sample]]) {
          const error = await refusal(call(method, wrong));
          expect([method, error.code]).toEqual([method, 'invalid-payload']);
        }
        expect(host.engine.calls.length).toBe(before);
      }
      const error = await refusal(
        call('workloads.openService', { projectId: 'p-1', namespace: 'd', name: 'x', port: 70_000 }),
      );
      expect(error.message).toContain('port');
      expect(error.details.problems?.[0]?.message).toContain('port');
    });

    it('bounds what a window may send', async () => {
      const error = await refusal(call('projects.open', { path: 'x'.repeat(5000) }));
      expect(error.code).toBe('invalid-payload');
      expect(error.message.length).toBeLessThan(500);
    });

    it('refuses unknown methods and streams, also names that every object has', async () => {
      for (const method of [
        'nope',
        'projects',
        '__proto__',
        'constructor',
        'toString',
        'projects.read',
        '',
      ]) {
        expect((await refusal(call(method, {}))).code).toBe('unknown-method');
        const stream = client.stream(method as StreamName, {} as never)[Symbol.asyncIterator]();
        expect((await refusal(stream.next())).code).toBe('unknown-stream');
      }
    });

    it('keeps code, message, causes, hint and evidence of an error; loses secrets and the stack', async () => {
      const cycle: Record<string, unknown> = {
        big: 10n,
        when: new Date(0),
        bytes: Buffer.from('x'),
        fn: () => 1,
      };
      cycle['self'] = cycle;
      const more = { cycle, token: 'hunter2', missing: undefined };
      host.engine.answer('deploy.plan', () => {
        throw new PtahError('unreachable', 'No engine at https://me:hunter2@example.test/', {
          hint: 'Start Docker.',
          cause: new Error('connect refused', { cause: new Error('Bearer abcdefgh12345678') }),
          details: Object.assign(more, {
            command: ['docker', 'login', '--password', 'hunter2', '--token=hunter2'],
            exitCode: 1,
            output: ['Authorization: Bearer hunter2hunter2', 'last line'],
          }),
        });
      });
      const error = await refusal(call('deploy.plan', { projectId: 'p-1' }));
      expect(error.code).toBe('unreachable');
      expect(error.hint).toBe('Start Docker.');
      expect(error.cause).toEqual(['connect refused', 'Bearer •••']);
      expect(error.details).toMatchObject({
        exitCode: 1,
        command: ['docker', 'login', '--password', '•••', '--token=•••'],
      });
      expect(error.details.output?.[1]).toBe('last line');
      expect(error.details['cycle']).toMatchObject({ big: '10', bytes: '1 bytes', self: '…' });
      expect(JSON.stringify(error.toWire())).not.toContain('hunter2');
      expect(JSON.stringify(error.toWire())).not.toContain('.test.ts');
    });

    it('tells an error that is not ours as unexpected, and an answer that does not fit as a bug', async () => {
      host.engine.answer('images.list', () => {
        throw new TypeError('x is undefined');
      });
      expect(await refusal(call('images.list', { projectId: 'p-1' }))).toMatchObject({
        code: 'unexpected',
        message: 'x is undefined',
      });
      host.engine.answer('cluster.get', () => ({ cluster: 7 }));
      const error = await refusal(call('cluster.get', { projectId: 'p-1' }));
      expect(error.code).toBe('invalid-answer');
      expect(error.message).toContain('cluster');
    });

    it('answers a hundred calls at once, each with its own answer, in any order', async () => {
      const summary = requests['projects.get'].sample.out;
      host.engine.answer('projects.get', async input => {
        const { id } = input as { id: string };
        await new Promise(resolve => setTimeout(resolve, (Number(id) * 7) % 20));
        return { ...summary, id };
      });
      const ids = Array.from({ length: 100 }, (_, index) => String(index));
      const answers = await Promise.all(ids.map(id => client.request('projects.get', { id })));
      expect(answers.map(answer => answer.id)).toEqual(ids);
    });

    it('gives up one call when asked, and only that one', async () => {
      const aborted: unknown[] = [];
      let reached = false;
      host.engine.answer('images.list', async (_input, signal) => {
        // an attached window's host knows of the call before the engine does
        reached = true;
        await new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            aborted.push(signal.reason);
            reject(signal.reason);
          });
        });
      });
      const controller = new AbortController();
      const given = call('images.list', { projectId: 'p-1' }, { signal: controller.signal });
      const seen = given.catch((error: unknown) => error);
      await eventually(() => reached && host.open().requests > 0, 'the call is under way');
      controller.abort();
      expect(await seen).toMatchObject({ name: 'AbortError' });
      await eventually(() => aborted.length === 1 && host.open().requests === 0, 'the engine was told');
      await expect(call('settings.get', {})).resolves.toBeDefined();
      await expect(call('settings.get', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
        name: 'AbortError',
      });
    });

    describeStreams(() => host);
    describeWire(() => host);
  });
}
