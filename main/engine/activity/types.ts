/** A long job. The engine owns it; a view subscribes and replays. Closing a view never stops or loses anything. */
export interface Job {
  readonly id: string;
  readonly kind: 'deploy' | 'build' | 'cluster-create' | 'cluster-delete' | 'fix' | 'helmfile';
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
  emit(event: Event): void;
  /** Changes the job's line in the status bar. */
  report(status: string, progress?: number | null): void;
}
