import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PtahError } from '../errors/index.ts';
import { createForwards } from './index.ts';
import type { LiveForwards } from './index.ts';

const projectId = 'shop';
const target = { apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web' };
let folder: string;
const open: LiveForwards[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'forwards-'));
});
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

/** An engine whose cluster is away: whether a forward is on does not depend on that. */
function engine(): LiveForwards {
  const forwards = createForwards({
    folder,
    read: id => Promise.resolve({ id, name: 'shop', clusterName: 'shop', apiPort: 8001 }),
    cluster: () => Promise.reject(new PtahError('cluster-unreachable', 'The cluster is away.')),
    releases: () => Promise.resolve([]),
    closing: new AbortController().signal,
  });
  open.push(forwards);
  return forwards;
}

/** What a window does that opens the project. */
async function opened(forwards: LiveForwards) {
  const away = new AbortController();
  for await (const snapshot of forwards.watch({ projectId }, away.signal)) {
    away.abort();
    return snapshot;
  }
  throw new Error('no snapshot');
}

it('what was on is on again when the project is opened, where that was said, and only there', async () => {
  const first = engine();
  await first.start({ projectId, target, port: 8000, localPort: null });
  await first.start({ projectId, target, port: 9000, localPort: null });
  const { forwards } = await first.list({ projectId });
  const [one, other] = forwards;
  await first.switch({ projectId, id: other?.id ?? '', on: false });
  expect(first.active()).toBe(1);
  await first.close();

  const silent = engine();
  expect(await opened(silent)).toMatchObject({ startWithProject: false });
  expect(silent.active()).toBe(0);
  await silent.startWithProject({ projectId, on: true });
  // said now, meant for the next time
  expect(silent.active()).toBe(0);
  await silent.close();

  const again = engine();
  expect(again.active()).toBe(0);
  const snapshot = await opened(again);
  expect(snapshot.startWithProject).toBe(true);
  expect(again.active()).toBe(1);
  expect(snapshot.forwards.find(({ id }) => id === other?.id)?.on).toBe(false);
  expect(snapshot.forwards.find(({ id }) => id === one?.id)).toMatchObject({
    on: true,
    localPort: one?.localPort,
  });
  // a second window, or the first one looking away and back, begins nothing twice
  await opened(again);
  expect(again.active()).toBe(1);
  await again.startWithProject({ projectId, on: false });
  await again.close();

  const never = engine();
  expect((await opened(never)).startWithProject).toBe(false);
  expect(never.active()).toBe(0);
});
