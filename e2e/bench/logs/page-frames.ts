import type { Page } from '@playwright/test';
import { timingOf } from '../measure.ts';
import type { Measured } from '../report.ts';
import { collectFrames, startFrames, type Frames } from './frames.ts';
import { longestTask } from './tasks.ts';

interface Longest {
  /** Milliseconds of the processor. */
  readonly longestTask: number;
}

/** The frames of a page while something runs. */
export async function framesOf(page: Page, during: () => Promise<unknown>): Promise<Frames & Longest> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('The browser is gone');
  const { result, milliseconds } = await longestTask(browser, page, async () => {
    await page.evaluate(startFrames);
    await during();
    return page.evaluate(collectFrames);
  });
  return { ...result, longestTask: milliseconds };
}

/** A row of a table about frames. */
export function framesRow(what: string, frames: Frames & Longest, notes: readonly string[]): Measured {
  const over = frames.times.filter(time => time > 50).length;
  return {
    what,
    timings: [timingOf('frames', frames.times)],
    notes: [
      `${frames.times.length} frames, ${over} over 50 ms, the longest ${frames.longest.toFixed(1)} ms; tasks of the page over 50 ms: ${frames.tasks}; the longest of them took ${frames.longestTask.toFixed(1)} ms of the processor`,
      ...notes,
    ],
  };
}
