export interface Frames {
  /** Milliseconds from each frame to the next. */
  readonly times: readonly number[];
  readonly longest: number;
  /** Tasks of the page's own thread that took more than 50 ms. */
  readonly tasks: number;
}

declare global {
  // what runs in the page keeps its notes there
  var ptahFrames: { times: number[]; tasks: number; stop: () => void } | undefined;
}

/** Runs in the page: notes every frame until it is collected. */
export function startFrames(): void {
  const times: number[] = [];
  let last = performance.now();
  let going = true;
  const frame = (now: number): void => {
    times.push(now - last);
    last = now;
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame(now => {
    last = now;
    requestAnimationFrame(frame);
  });
  const notes = {
    times,
    tasks: 0,
    stop: (): void => {
      going = false;
      observer.disconnect();
    },
  };
  const observer = new PerformanceObserver(list => {
    notes.tasks += list.getEntries().length;
  });
  observer.observe({ type: 'longtask' });
  globalThis.ptahFrames = notes;
}

/** Runs in the page. */
export function collectFrames(): Frames {
  const notes = globalThis.ptahFrames;
  if (notes === undefined) throw new Error('No frames were noted');
  notes.stop();
  return { times: notes.times, longest: Math.max(...notes.times), tasks: notes.tasks };
}
