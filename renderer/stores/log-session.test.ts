import { expect, it, vi } from 'vitest';
import type { LogRow, LogStatus, LogView } from '../../preload/contract/logs.ts';
import { createFakeClient } from '../testing/fake-client.ts';
import { createLogSession } from './log-session.ts';

const view: LogView = {
  scope: { kind: 'project' },
  hidden: [],
  levels: null,
  filter: { text: 'cart', regex: true, matchCase: false, invert: false, context: 0 },
};
const looking: LogStatus = {
  at: '2026-01-02T03:04:05.000Z',
  generation: 1,
  first: 0,
  end: 0,
  complete: false,
  progress: 0,
  problem: null,
  matches: 0,
  lines: 1_000,
  bytes: 80_000,
  dropped: 0,
  oldest: null,
  levels: { error: 0, warn: 0, info: 1_000, debug: 0, none: 0 },
  sources: [],
  disconnected: null,
  ready: true,
};
const rowAt = (row: number): LogRow => ({
  row,
  seq: 1_000 + row,
  source: 'api',
  at: '2026-01-02T03:04:05.000000000Z',
  level: 'info',
  text: 'GET /cart',
  length: 9,
  cut: false,
  json: false,
  match: true,
});

/** A log whose statuses and rows come when the test says so. */
function open() {
  const told: ((status: LogStatus) => void)[] = [];
  const statuses: LogStatus[] = [];
  const say = (status: LogStatus) => {
    const next = told.shift();
    if (next === undefined) statuses.push(status);
    else next(status);
  };
  let answer: (rows: readonly LogRow[], end?: number) => void = () => {};
  const client = createFakeClient(
    {
      'logs.lines': () =>
        new Promise(resolve => {
          answer = (rows, end = 0) =>
            resolve({ generation: 1, first: Math.min(0, rows[0]?.row ?? 0), end, rows: [...rows] });
        }),
    },
    {
      'logs.watch': async function* (_, signal) {
        while (!signal.aborted) {
          const waiting = statuses.shift();
          yield waiting ?? (await new Promise<LogStatus>(resolve => told.push(resolve)));
        }
      },
    },
  );
  const onChange = vi.fn<() => void>();
  const session = createLogSession(client, 'p-1', view, { seq: null, onChange });
  const asked = (times = 1) => vi.waitFor(() => expect(client.asked).toHaveLength(times));
  return {
    client,
    session,
    say,
    asked,
    answer: (rows: readonly LogRow[], end?: number) => answer(rows, end),
  };
}

const whole = (end: number): LogStatus => ({ ...looking, end, matches: end, complete: true, progress: 1 });
const rowsUpTo = (end: number, count: number) =>
  Array.from({ length: count }, (_, index) => rowAt(end - count + index));

/** A view that stands at the end of 1,000 lines. */
async function followed() {
  const log = open();
  log.say(whole(1_000));
  await log.asked();
  log.answer(rowsUpTo(1_000, 200), 1_000);
  await vi.waitFor(() => expect(log.session.row(999)).toBeDefined());
  log.session.want(980, 1_000);
  return log;
}

it('shows the first rows that a filter found, though the status has not said so yet', async () => {
  const { session, say, asked, answer } = open();
  say(looking);
  await asked();
  // nothing was found yet, and not everything was looked at: another view keeps its place
  expect(session.presentable()).toBe(false);
  answer([rowAt(-2), rowAt(-1)]);
  await vi.waitFor(() => expect(session.presentable()).toBe(true));
  expect(session.status()).toMatchObject({ first: -2, end: 0, complete: false });
  expect(session.row(-1)?.seq).toBe(999);
  // a status that left before the answer takes nothing away
  say({ ...looking, progress: 0.1 });
  await vi.waitFor(() => expect(session.status()?.progress).toBe(0.1));
  expect(session.status()).toMatchObject({ first: -2, end: 0 });
  say({ ...looking, first: -40, matches: 40, complete: true, progress: 1 });
  await vi.waitFor(() => expect(session.status()?.first).toBe(-40));
  session.close();
});

it('shows that nothing fits as soon as everything was looked at', async () => {
  const { session, say, asked } = open();
  say({ ...looking, complete: true, progress: 1 });
  await asked();
  expect(session.presentable()).toBe(true);
  expect(session.status()).toMatchObject({ first: 0, end: 0 });
  session.close();
});

it('is empty when it was cleared, whatever rows it had reached', async () => {
  const { session, say, asked, answer } = open();
  say(looking);
  await asked();
  answer([rowAt(-2), rowAt(-1)]);
  await vi.waitFor(() => expect(session.status()?.first).toBe(-2));
  say({ ...looking, complete: true, progress: 1, lines: 0 });
  await vi.waitFor(() => expect(session.status()?.complete).toBe(true));
  expect(session.status()).toMatchObject({ first: 0, end: 0 });
  session.close();
});

it('shows the lines of an end that moves on together with the news of them, and reads no others', async () => {
  const { client, session, say, asked, answer } = await followed();
  say(whole(3_000));
  await asked(2);
  expect(client.asked[1]?.input).toMatchObject({ from: 2_960, count: 40 });
  // no rows without text meanwhile
  expect(session.status()?.end).toBe(1_000);
  answer(rowsUpTo(3_000, 40), 3_100);
  await vi.waitFor(() => expect(session.status()?.end).toBe(3_000));
  expect(session.row(2_999)?.seq).toBe(3_999);
  session.want(2_980, 3_000);
  expect(client.asked).toHaveLength(2);
  // what may be seen next is read when the end rests
  await asked(3);
  expect(client.asked[2]?.input).toMatchObject({ from: 2_830 });
  session.close();
});

it('tells at once how much came behind rows that are looked at further up', async () => {
  const { session, say } = await followed();
  session.want(900, 920);
  say(whole(3_000));
  await vi.waitFor(() => expect(session.status()?.end).toBe(3_000));
  expect(session.row(2_999)).toBeUndefined();
  session.close();
});

it('goes on without the rows when they do not come', async () => {
  const { session, say, asked } = await followed();
  say(whole(3_000));
  await asked(2);
  await new Promise(resolve => setTimeout(resolve, 600));
  expect(session.status()?.end).toBe(1_000);
  say(whole(4_000));
  await vi.waitFor(() => expect(session.status()?.end).toBe(4_000));
  session.close();
});
