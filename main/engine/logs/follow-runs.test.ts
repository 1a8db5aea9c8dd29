import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunLogItem } from '../images/index.ts';
import type { RunFeed } from './follow-runs.ts';
import { createProjectLogs } from './project-logs.ts';
import { createScanner } from './scanner.ts';
import { noJobs } from './testing.ts';
import type { LogStatus, LogView } from './types.ts';

const base = Date.UTC(2026, 0, 2, 3, 4, 5);
const output = (seq: number, stream: 'stdout' | 'stderr', text: string): RunLogItem => ({
  type: 'output',
  seq,
  at: base + seq * 1_000,
  stream,
  text,
});

/** Two that were started by hand: one ended with 2, one writes what it is told. */
function fakeRuns() {
  const known = new Map<string, { readonly id: string; readonly name: string; readonly image: string }>([
    ['c-1', { id: 'c-1', name: 'ptah-run-api-2xk4q', image: 'api' }],
    ['c-2', { id: 'c-2', name: 'ptah-run-worker-7qm1d', image: 'worker' }],
  ]);
  const listeners = new Set<() => void>();
  let unreachable = false;
  const feed: RunFeed = {
    async list() {
      if (unreachable) throw new Error('Docker does not answer');
      return [...known.values()];
    },
    async *log(id, _after, signal) {
      if (id === 'c-2') {
        yield output(1, 'stderr', 'celery: error: no module named worker\nlast wo');
        yield output(2, 'stderr', 'rds');
        yield { type: 'ended', exitCode: 2 };
        return;
      }
      yield output(1, 'stdout', 'one\n{"level":"warn","msg":"two');
      yield output(2, 'stderr', 'ERROR between\n');
      yield output(3, 'stdout', '"}\nthree\n');
      await new Promise(resolve => signal.addEventListener('abort', resolve));
    },
    knows: id => known.has(id),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  return {
    feed,
    dismiss(id: string) {
      known.delete(id);
      for (const tell of listeners) tell();
    },
    cutOff: () => (unreachable = true),
    come: () => (unreachable = false),
  };
}

const viewOf = (scope: LogView['scope'], levels: LogView['levels'] = null): LogView => ({
  scope,
  hidden: [],
  levels,
  filter: null,
});

describe('images run by hand in the log', () => {
  const scanner = createScanner();
  const stop = new AbortController();
  let folder = '';
  let runs = fakeRuns();
  let logs: ReturnType<typeof createProjectLogs>;
  const begin = () =>
    createProjectLogs({
      projectId: 'p',
      activity: noJobs,
      runs: runs.feed,
      scanner,
      spillFolder: folder,
      async *workloads() {
        yield {
          cluster: null,
          snapshot: {
            at: '',
            connected: false,
            disconnectedReason: 'There is no cluster',
            workloads: [],
            services: [],
          },
        };
      },
    });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ptah-follow-runs-'));
    runs = fakeRuns();
    logs = begin();
  });
  afterEach(async () => {
    await logs.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const watch = (view: LogView) => {
    const seen: { status: LogStatus | null } = { status: null };
    void (async () => {
      for await (const status of logs.watch(view, stop.signal)) seen.status = status;
    })();
    return seen;
  };
  const texts = async (view: LogView) => (await logs.lines({ view, from: -100, count: 200 })).rows;

  it('is a log of its own: with times, levels and JSON, its two streams kept apart, and needs no cluster', async () => {
    const view = viewOf({ kind: 'run', id: 'c-1' });
    const seen = watch(view);
    await expect.poll(() => seen.status?.lines, { timeout: 10_000 }).toBe(4);
    expect(seen.status).toMatchObject({
      disconnected: null,
      ready: true,
      levels: { error: 1, warn: 1, none: 2 },
      sources: [
        { key: 'run/c-1', kind: 'run', label: 'run api 2xk4q', state: 'following', groupLabel: 'run api' },
      ],
    });
    const rows = await texts(view);
    expect(rows.map(({ text }) => text)).toEqual([
      'one',
      'ERROR between',
      '{"level":"warn","msg":"two"}',
      'three',
    ]);
    expect(rows.map(({ level }) => level)).toEqual(['none', 'error', 'warn', 'none']);
    expect(rows[0]?.at).toBe('2026-01-02T03:04:06.000000000Z');
    expect(rows[2]).toMatchObject({ json: true, at: '2026-01-02T03:04:08.000000000Z' });
    const errors = viewOf({ kind: 'run', id: 'c-1' }, ['error']);
    expect((await texts(errors)).map(({ text }) => text)).toEqual(['ERROR between']);
    expect((await texts(viewOf({ kind: 'project' }))).length).toBe(6);
  });

  it('ends with its last words and its exit code, and goes when it is dismissed', async () => {
    const view = viewOf({ kind: 'run', id: 'c-2' });
    const seen = watch(view);
    await expect.poll(() => seen.status?.sources[0]?.state, { timeout: 10_000 }).toBe('ended');
    await expect.poll(() => seen.status?.lines, { timeout: 10_000 }).toBe(2);
    expect(seen.status?.sources[0]).toMatchObject({ message: 'Exit code 2' });
    expect((await texts(view)).map(({ text }) => text)).toEqual([
      'celery: error: no module named worker',
      'last words',
    ]);
    runs.dismiss('c-2');
    await expect.poll(() => seen.status?.sources.length, { timeout: 10_000 }).toBe(0);
    expect(await texts(view)).toEqual([]);
    const project = watch(viewOf({ kind: 'project' }));
    await expect
      .poll(() => project.status?.sources.map(({ key }) => key), { timeout: 10_000 })
      .toEqual(['run/c-1']);
  });

  it('says that Docker is not reached, and shows the log when it is', async () => {
    runs.cutOff();
    const seen = watch(viewOf({ kind: 'run', id: 'c-1' }));
    await expect.poll(() => seen.status?.disconnected, { timeout: 10_000 }).toBe('Docker does not answer');
    runs.come();
    await expect.poll(() => seen.status?.lines, { timeout: 20_000 }).toBe(4);
    expect(seen.status?.disconnected).toBeNull();
  });
});
