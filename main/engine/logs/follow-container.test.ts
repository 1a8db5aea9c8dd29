import { describe, expect, it } from 'vitest';
import { followContainer, type ContainerFacts, type FollowOptions } from './follow-container.ts';
import { fakeLog, seeded, type FakeLog } from './testing.ts';

const place = { namespace: 'default', pod: 'api-0', container: 'api' };

function start(log: FakeLog, more: Partial<FollowOptions> = {}, first: Partial<ContainerFacts> = {}) {
  const lines: string[] = [];
  const states: string[] = [];
  const controller = new AbortController();
  let facts: ContainerFacts = {
    containerId: 'c-0',
    restarts: 0,
    running: true,
    status: 'Running',
    gone: false,
    ...first,
  };
  let wake: (() => void)[] = [];
  const done = followContainer({
    cluster: log.cluster,
    place,
    tail: null,
    sinceSeconds: null,
    facts: () => facts,
    changed: ms =>
      new Promise(resolve => {
        setTimeout(resolve, Math.min(ms, 10));
        wake.push(resolve);
      }),
    onLine: ({ bytes, start: from, end }) => lines.push(bytes.toString('utf8', from, end)),
    onState: state => states.push(state),
    signal: controller.signal,
    retryMs: 1,
    ...more,
  });
  return {
    lines,
    states,
    done,
    stop: () => controller.abort(),
    tell(changed: Partial<ContainerFacts>) {
      facts = { ...facts, ...changed };
      for (const one of wake) one();
      wake = [];
    },
  };
}

const tick = () => new Promise(resolve => setTimeout(resolve, 1));

describe('following a container', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'loses and doubles nothing over broken connections and restarts (seed %i)',
    async seed => {
      const random = seeded(seed);
      const log = fakeLog(random, 60_000);
      const reading = start(log);
      const written: string[] = [];
      let at = 0;
      for (let instance = 0; instance < 3; instance++) {
        for (let index = 0; index < 4_000; index++) {
          // some lines are equal, some of one moment, and stderr may be a little before stdout
          const step = random() < 0.2 ? 0 : Math.floor(random() * 2_000_000);
          at += step;
          const early = random() < 0.05 && at > 100_000 ? 50_000 : 0;
          const text =
            random() < 0.1 ? 'again' : `${index} of ${instance} ${'ß€😀'.repeat(Math.floor(random() * 8))}`;
          log.write(text, at - early);
          written.push(text);
          if (index % 200 === 0) await tick();
        }
        if (instance === 2) break;
        // a kubelet keeps one instance beside the current one: who is further behind than that cannot be helped
        await expect
          .poll(() => reading.lines.length, { timeout: 30_000 })
          .toBeGreaterThanOrEqual(instance * 4_000);
        log.end(true);
        // the watch tells it later than the API knows it
        for (let wait = Math.floor(random() * 5); wait > 0; wait--) await tick();
        reading.tell({ restarts: instance + 1, containerId: `c-${instance + 1}` });
        at += 1_000_000_000;
      }
      await expect
        .poll(() => reading.lines.length, { timeout: 30_000 })
        .toBeGreaterThanOrEqual(written.length);
      log.end(false);
      reading.tell({ running: false, gone: true });
      await reading.done;
      expect(reading.lines).toEqual(written);
      expect(log.requests.length).toBeGreaterThan(10);
    },
  );

  it('begins with the tail and never goes back behind it', async () => {
    const log = fakeLog(seeded(5), 12_000);
    for (let index = 0; index < 100; index++) log.write(`line ${index}`, index * 1_000);
    const reading = start(log, { tail: 10 });
    for (let index = 100; index < 400; index++) {
      log.write(`line ${index}`, index * 1_000);
      if (index % 20 === 0) await tick();
    }
    await expect.poll(() => reading.lines.at(-1)).toBe('line 399');
    reading.stop();
    await reading.done;
    expect(reading.lines).toEqual(
      Array.from(
        { length: reading.lines.length },
        (_, index) => `line ${index + 400 - reading.lines.length}`,
      ),
    );
    expect(reading.lines.length).toBeLessThanOrEqual(310);
  });

  it('reads the instances before, of a pod that it met late', async () => {
    const log = fakeLog(() => 0.9, 100_000);
    log.write('first', 1_000);
    log.end(true);
    log.write('second', 2_000_000_000);
    const reading = start(log, { fromBirth: true }, { restarts: 1, containerId: 'c-1' });
    await expect.poll(() => reading.lines).toEqual(['first', 'second']);
    reading.stop();
    await reading.done;
  });

  it('waits for a container that has not started, and says when one has ended', async () => {
    const log = fakeLog(() => 0.9, 100_000);
    const reading = start(log, {}, { containerId: null, running: false });
    await expect.poll(() => reading.states.at(-1)).toBe('waiting');
    reading.tell({ containerId: 'c-0', running: true });
    await expect.poll(() => reading.states.at(-1)).toBe('following');
    log.write('all', 1);
    log.end(false);
    reading.tell({ running: false });
    await expect.poll(() => reading.states.at(-1)).toBe('ended');
    reading.tell({ gone: true });
    await reading.done;
    expect(reading.lines).toEqual(['all']);
  });
});
