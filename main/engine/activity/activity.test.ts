import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PtahError } from '../errors/index.ts';
import {
  createActivity,
  type Activity,
  type CreateActivityOptions,
  type JobContext,
  type JobSpec,
} from './index.ts';

interface Line {
  readonly text: string;
}
const spec: JobSpec = { kind: 'deploy', title: 'Deploy shop', project: 'p-1' };

let home: { config: string };
let subject: Activity<Line>;
const open = (options?: CreateActivityOptions) => createActivity<Line>(home, options);

beforeEach(async () => {
  home = { config: await mkdtemp(join(tmpdir(), 'ptah-activity-')) };
  subject = open();
});
afterEach(async () => {
  await subject.close();
  await rm(home.config, { recursive: true, force: true });
});

async function texts(activity: Activity<Line>, id: string, after = 0): Promise<string[]> {
  const found: string[] = [];
  for await (const { event } of activity.follow(id, after)) found.push(event.text);
  return found;
}
const untilAborted = ({ signal }: JobContext<Line>) =>
  new Promise<void>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new PtahError('cancelled', 'stopped')));
  });

describe('a job', () => {
  it('takes its state from the promise', async () => {
    const good = subject.start(spec, async () => {});
    const bad = subject.start(spec, async () => {
      throw new PtahError('build-failed', 'exit code 1', { hint: 'See line 4', details: { line: 4 } });
    });
    expect(await good.finished).toMatchObject({ state: 'succeeded', error: null });
    expect(await bad.finished).toMatchObject({
      state: 'failed',
      error: { code: 'build-failed', message: 'exit code 1', hint: 'See line 4', details: { line: 4 } },
    });
    expect(subject.list().map(job => job.id)).toEqual([bad.id, good.id]);
  });

  it('is cancelled within a second', async () => {
    const job = subject.start(spec, untilAborted);
    const began = Date.now();
    await subject.cancel(job.id);
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(subject.get(job.id).state).toBe('cancelled');
  });

  it('that does not listen makes cancel wait no longer than a second', async () => {
    const job = subject.start(spec, () => sleep(2_000));
    const began = Date.now();
    await subject.cancel(job.id);
    expect(Date.now() - began).toBeLessThan(20_000);
    expect(subject.get(job.id)).toMatchObject({ state: 'running', status: 'Cancelling' });
  });

  it('that finished before the cancel reached it has succeeded', async () => {
    const job = subject.start(
      spec,
      ({ signal }) => new Promise(resolve => signal.addEventListener('abort', () => resolve())),
    );
    await subject.cancel(job.id);
    expect(subject.get(job.id).state).toBe('succeeded');
  });

  it('tells its status, many changes at once as one', async () => {
    const seen: string[] = [];
    subject.onChange(job => seen.push(`${job.state} ${job.status}`));
    const job = subject.start(spec, async ({ report }) => {
      for (let at = 1; at <= 100; at++) report(`Building ${at}`, at / 100);
      await sleep(150);
    });
    await job.finished;
    expect(seen).toEqual(['running Starting', 'running Building 100', 'succeeded Done']);
  });
});

describe('following', () => {
  it('replays and goes on, without loss or doubling, for several readers', async () => {
    const job = subject.start(spec, async ({ emit }) => {
      for (let at = 1; at <= 200; at++) {
        emit({ text: String(at) });
        if (at % 20 === 0) await sleep(1);
      }
    });
    const early = texts(subject, job.id);
    await sleep(5);
    const late = texts(subject, job.id);
    const all = Array.from({ length: 200 }, (_, index) => String(index + 1));
    expect(await early).toEqual(all);
    expect(await late).toEqual(all);
    expect(await texts(subject, job.id)).toEqual(all);
    expect(await texts(subject, job.id, 198)).toEqual(['199', '200']);
  });

  it('reads back from the file what memory no longer holds', async () => {
    subject = open({ budget: 2_000 });
    let release = () => {};
    const job = subject.start(spec, async ({ emit }) => {
      for (let at = 1; at <= 500; at++) emit({ text: `line ${at} ${'x'.repeat(50)}` });
      await new Promise<void>(resolve => (release = resolve));
      emit({ text: 'last' });
    });
    const seqs: number[] = [];
    for await (const { seq } of subject.follow(job.id, 0)) {
      seqs.push(seq);
      if (seq === 500) release();
    }
    expect(seqs).toEqual(Array.from({ length: 501 }, (_, index) => index + 1));
  });

  it('loses no event to a disk that takes none, while memory has room', async () => {
    await rm(join(home.config, 'jobs'), { recursive: true });
    await writeFile(join(home.config, 'jobs'), 'a file where a folder should be');
    const job = subject.start(spec, async ({ emit }) => {
      await sleep(20);
      emit({ text: 'a' });
      emit({ text: 'b' });
    });
    expect(await texts(subject, job.id)).toEqual(['a', 'b']);
    expect((await job.finished).state).toBe('succeeded');
  });

  it('ends by its signal and by the reader leaving', async () => {
    const job = subject.start(spec, async context => {
      context.emit({ text: 'a' });
      await untilAborted(context);
    });
    const controller = new AbortController();
    const seen: string[] = [];
    for await (const { event } of subject.follow(job.id, 0, controller.signal)) {
      seen.push(event.text);
      setTimeout(() => controller.abort(), 10);
    }
    expect(seen).toEqual(['a']);
    for await (const item of subject.follow(job.id, 0)) {
      expect(item.seq).toBe(1);
      break;
    }
  });

  it('of an unknown job says so', async () => {
    await expect(texts(subject, 'job-none')).rejects.toMatchObject({ code: 'job-unknown' });
  });
});

describe('history', () => {
  it('survives a restart with its events', async () => {
    const job = subject.start(spec, async ({ emit, keep }) => {
      emit({ text: 'kept' });
      keep({ summary: 'Built api' });
    });
    await job.finished;
    await subject.close();
    subject = open();
    expect(subject.note(job.id)).toEqual({ summary: 'Built api' });
    expect(subject.get(job.id).state).toBe('succeeded');
    expect(await texts(subject, job.id)).toEqual(['kept']);
  });

  it('shows a job whose program died as interrupted, with what it said until then', async () => {
    const job = subject.start(spec, async context => {
      context.emit({ text: 'kept' });
      await untilAborted(context);
    });
    await sleep(20);
    await appendFile(join(home.config, 'jobs', `${job.id}.jsonl`), '{"seq":2,"at":"cut o');
    const after = open();
    expect(after.get(job.id)).toMatchObject({ state: 'failed', error: { code: 'interrupted' } });
    expect(await texts(after, job.id)).toEqual(['kept']);
    await after.close();
  });

  it('keeps the last ones only, and forgets dismissed ones', async () => {
    subject = open({ kept: 3 });
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) {
      const job = subject.start(spec, async () => {});
      await job.finished;
      ids.push(job.id);
    }
    expect(subject.list().map(job => job.id)).toEqual(ids.slice(2).reverse());
    await subject.dismiss(ids[4]!);
    expect(await readdir(join(home.config, 'jobs'))).toHaveLength(4);
    const job = subject.start(spec, untilAborted);
    await expect(subject.dismiss(job.id)).rejects.toMatchObject({ code: 'job-running' });
  });

  it('is not spoilt by files that are no jobs', async () => {
    await writeFile(join(home.config, 'jobs', 'x.json'), '{');
    await writeFile(join(home.config, 'jobs', 'y.json'), '{"job":1}');
    expect(open().list()).toEqual([]);
  });
});
