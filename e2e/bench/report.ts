import type { Timing } from './measure.ts';

/** What design or issue wants of one measured thing. */
export interface Reach {
  readonly ours: string;
  /** The median is at most this. */
  readonly milliseconds?: number;
  /** The 95th percentile is at most this. */
  readonly p95?: number;
  /** The median is at most so many times that side's. */
  readonly atMostTimes?: readonly [side: string, times: number];
  /** The median is at least so many times faster than that side's. */
  readonly timesFasterThan?: readonly [side: string, times: number];
}

export interface Measured {
  readonly what: string;
  readonly timings: readonly Timing[];
  readonly reach?: Reach;
  /** What the figures alone don't say. */
  readonly notes?: readonly string[];
  /** It was cut off, or ended wrong; the notes say how. */
  readonly failed?: boolean;
}

export interface Benchmark {
  readonly id: string;
  readonly title: string;
  /** Whether it needs the renderer built as well. */
  readonly window?: boolean;
  /** How it is measured, for the page of results. */
  readonly about: string;
  /** One that takes minutes tells each result as soon as it has it, so that a run that is cut off has measured something. */
  measure(
    rounds: number,
    say: (text: string) => void,
    tell: (measured: Measured) => void,
  ): Promise<readonly Measured[]>;
}

export interface Verdict {
  readonly reached: boolean;
  readonly text: string;
}

/** Whether it was reached, in words. */
export function verdictOf({ timings, reach }: Measured): Verdict | null {
  const ours = timings.find(({ name }) => name === reach?.ours);
  if (reach === undefined || ours === undefined) return null;
  if (reach.milliseconds !== undefined || reach.p95 !== undefined) {
    const bounds = [
      { what: 'median', is: ours.median, atMost: reach.milliseconds },
      { what: 'p95', is: ours.p95, atMost: reach.p95 },
    ].flatMap(({ what, is, atMost }) => (atMost === undefined ? [] : [{ what, is, atMost }]));
    const reached = bounds.every(({ is, atMost }) => is <= atMost);
    const wanted = bounds.map(({ what, atMost }) => `${what} at most ${duration(atMost)}`).join(', ');
    return { reached, text: `${reached ? 'reached' : 'missed'}: ${wanted}` };
  }
  if (reach.atMostTimes !== undefined) {
    const [name, most] = reach.atMostTimes;
    const other = timings.find(timing => timing.name === name);
    if (other === undefined) return null;
    const reached = ours.median <= other.median * most;
    return { reached, text: `${reached ? 'reached' : 'missed'}: at most ${most} times ${name}` };
  }
  const [side, times] = reach.timesFasterThan ?? ['', 0];
  const other = timings.find(({ name }) => name === side);
  if (other === undefined) return null;
  const reached = other.median / ours.median >= times;
  return {
    reached,
    text: `${reached ? 'reached' : 'missed'}: ${times} times faster than ${side}`,
  };
}

/** A Markdown table; the last column says how many times our own median each median is. */
export function tableOf(measured: Measured): string {
  const ours = measured.timings.find(({ name }) => name === measured.reach?.ours) ?? measured.timings[0];
  const rows = measured.timings.map(timing => [
    timing.name,
    cell(timing, timing.median),
    cell(timing, timing.p95),
    Number.isFinite(timing.min) ? `${cell(timing, timing.min)} – ${cell(timing, timing.max)}` : '–',
    String(timing.runs),
    timing === ours || ours === undefined ? '1' : timesOf(timing.median / ours.median),
  ]);
  const head = ['', 'median', 'p95', 'min – max', 'runs', 'times ours'];
  const widths = head.map((title, column) =>
    Math.max(3, title.length, ...rows.map(row => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** What never came took longer than was waited for it. */
function cell({ waited }: Timing, milliseconds: number): string {
  return milliseconds === Infinity && waited !== undefined ? `> ${duration(waited)}` : duration(milliseconds);
}

const timesOf = (times: number): string => (Number.isFinite(times) ? times.toFixed(2) : '–');

export function duration(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return '–';
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}
