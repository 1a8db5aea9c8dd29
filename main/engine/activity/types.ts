/** A long job. The engine owns it; a view subscribes and replays. Closing a view never stops or loses anything. */
export interface Job {
  readonly id: string;
  readonly kind: 'deploy' | 'build' | 'cluster-create' | 'cluster-delete' | 'fix' | 'helmfile' | 'remove';
  readonly title: string;
  /** The project's id, null for jobs of the machine. */
  readonly project: string | null;
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled';
  /** ISO 8601. */
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** 0 to 1 where it is known. */
  readonly progress: number | null;
  /** What it is at, one line. */
  readonly status: string;
  readonly error: JobError | null;
}

export interface JobError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a running job may do. */
export interface JobContext<Event> {
  readonly signal: AbortSignal;
  readonly emit: (event: Event) => void;
  /** Changes the job's line in the status bar. */
  readonly report: (status: string, progress?: number | null) => void;
  /** Keeps something small beside the job, such as its result: found without reading its events. Replaces what was kept. */
  readonly keep: (note: unknown) => void;
}

/** One event of a job; `seq` counts from 1 without gaps. */
export interface JobEvent<Event> {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  readonly event: Event;
}

export interface JobSpec {
  readonly kind: Job['kind'];
  readonly title: string;
  readonly project: string | null;
}

/** The engine's long jobs: running ones, and the last finished ones, which survive a restart. */
export interface Activity<Event> {
  /** Starts at once. The job's state follows from `work`'s promise: resolved, rejected, or rejected after a cancel. */
  start(spec: JobSpec, work: (context: JobContext<Event>) => Promise<void>): StartedJob;
  /** Newest first. */
  list(): readonly Job[];
  /** Rejects unknown ids with `job-unknown`. */
  get(id: string): Job;
  /** What the job kept last; null when it kept nothing. */
  note(id: string): unknown;
  /** Asks the job to stop. Resolves when it has stopped, or after a second when its work does not listen. */
  cancel(id: string): Promise<void>;
  /** Forgets a finished job and its log. */
  dismiss(id: string): Promise<void>;
  /** Replays the events after `after`, then follows to the job's end; no loss, no doubling. */
  follow(id: string, after: number, signal?: AbortSignal): AsyncIterable<JobEvent<Event>>;
  onChange(listener: (job: Job) => void): () => void;
  /** Cancels what runs and waits until everything is on disk. */
  close(): Promise<void>;
}

export interface StartedJob {
  readonly id: string;
  /** Resolves (never rejects) with the finished job. */
  readonly finished: Promise<Job>;
}
