import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from './types.ts';

/** What lies beside a job's events: the job as it was last, and who runs it. */
interface Header {
  readonly job: Job;
  /** The process that runs it. */
  readonly pid: number;
  readonly note?: unknown;
}

/** A job and what it kept. */
export interface SavedJob {
  readonly job: Job;
  readonly note: unknown;
}

/** The folder of jobs: `<id>.json` and `<id>.jsonl`. A disk that can't be written to costs the history, never the job. */
export interface JobFiles {
  eventsOf(id: string): string;
  save(job: Job, note: unknown): void;
  remove(id: string): void;
  /** Oldest first. What another living process runs is left out; what a dead one ran has failed. */
  load(): readonly SavedJob[];
}

export function createJobFiles(folder: string, pid = process.pid): JobFiles {
  const headerOf = (id: string) => join(folder, `${id}.json`);
  const eventsOf = (id: string) => join(folder, `${id}.jsonl`);
  const attempt = (work: () => void) => {
    try {
      work();
    } catch {
      // history is a convenience
    }
  };
  attempt(() => mkdirSync(folder, { recursive: true, mode: 0o700 }));

  const read = (file: string): Header | null => {
    try {
      const header = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Header;
      return typeof header.job?.id === 'string' && typeof header.pid === 'number' ? header : null;
    } catch {
      return null;
    }
  };

  const files: JobFiles = {
    eventsOf,
    save(job, note) {
      attempt(() => {
        const header: Header = { job, pid, note };
        const temporary = `${headerOf(job.id)}.tmp`;
        try {
          writeFileSync(temporary, JSON.stringify(header), { mode: 0o600 });
          renameSync(temporary, headerOf(job.id));
        } catch {
          rmSync(temporary, { force: true });
        }
      });
    },
    remove(id) {
      attempt(() => rmSync(headerOf(id), { force: true }));
      attempt(() => rmSync(eventsOf(id), { force: true }));
    },
    load() {
      let names: string[] = [];
      attempt(() => (names = readdirSync(folder).filter(name => name.endsWith('.json'))));
      return names
        .map(read)
        .filter(header => header !== null)
        .filter(({ job, pid: owner }) => job.state !== 'running' || owner === pid || !isAlive(owner))
        .map(({ job, note = null }) => {
          if (job.state !== 'running') return { job, note };
          const over = interrupted(job);
          files.save(over, note);
          return { job: over, note };
        })
        .sort((a, b) => a.job.startedAt.localeCompare(b.job.startedAt));
    },
  };
  return files;
}

function interrupted(job: Job): Job {
  return {
    ...job,
    state: 'failed',
    finishedAt: new Date().toISOString(),
    status: 'Interrupted',
    error: {
      code: 'interrupted',
      message: 'The program ended while this was running.',
      hint: 'What was done before that is in place. Start it again: it goes on from there.',
      details: {},
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
