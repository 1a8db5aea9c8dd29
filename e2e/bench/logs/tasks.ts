import type { Browser, Page } from '@playwright/test';

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of the processor. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * How much of the processor the longest tasks of the page's own thread took while `during` ran, in milliseconds: unlike the time from
 * frame to frame it does not count what the thread waited for a core that others had.
 */
export async function longestTask<T>(
  browser: Browser,
  page: Page,
  during: () => Promise<T>,
): Promise<{ readonly result: T; readonly milliseconds: number }> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  let result: T;
  let trace: Buffer;
  try {
    result = await during();
  } finally {
    trace = await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { readonly traceEvents: readonly TraceEvent[] };
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid}:${tid}`),
  );
  let longest = 0;
  for (const { ph, pid, tid, tdur = 0 } of traceEvents)
    if (ph === 'X' && tdur > longest && threads.has(`${pid}:${tid}`)) longest = tdur;
  return { result, milliseconds: longest / 1_000 };
}
