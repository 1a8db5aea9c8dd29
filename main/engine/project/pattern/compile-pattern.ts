import { PtahError } from '../../errors/index.ts';
import { Matcher } from './matcher.ts';
import type { Span } from './matcher.ts';
import { parsePattern } from './parser.ts';
import { requiredText } from './required-text.ts';

/** What a pattern matched. */
export interface PatternMatch {
  readonly text: string;
  /** In code points. */
  readonly start: number;
  readonly end: number;
  /** By name; null for a group that took no part. */
  readonly groups: Readonly<Record<string, string | null>>;
  /** By number, the whole match first. */
  readonly captures: readonly (string | null)[];
}

/** A compiled Python regular expression. */
export interface CompiledPattern {
  readonly source: string;
  readonly groupNames: readonly string[];
  /** `re.search`: anywhere in `text`. */
  search(text: string, deadline?: Deadline): PatternMatch | null;
  /** `re.match`: from the start of `text`, not necessarily to its end. */
  match(text: string, deadline?: Deadline): PatternMatch | null;
}

/** Until when matching may go on. */
export interface Deadline {
  readonly milliseconds: number;
  readonly end: number;
}

/** A deadline that many matches may share. */
export function deadlineIn(milliseconds: number): Deadline {
  return { milliseconds, end: performance.now() + milliseconds };
}

const PATIENCE_MILLISECONDS = 2000;

/**
 * Compiles a regular expression with the syntax and the meaning of Python 3.11's `re`. A match is given up when its time is over
 * (`pattern-timeout`), so that no expression of a project can hold the application.
 */
export function compilePattern(source: string): CompiledPattern {
  const parsed = parsePattern(source);
  const matcher = new Matcher(parsed);
  const mayMatch = requiredText(parsed.root);

  function find(text: string, anywhere: boolean, deadline: Deadline): PatternMatch | null {
    if (!mayMatch(text)) return null;
    const points = Array.from(text, character => character.codePointAt(0) ?? 0);
    const patience = (): void => {
      if (performance.now() > deadline.end)
        throw timeout(source, text, `took longer than ${deadline.milliseconds / 1000} s`);
    };
    try {
      for (let start = 0; start <= (anywhere ? points.length : 0); start++) {
        const span = matcher.run(points, start, patience);
        if (span !== null) return describe(span, points, parsed.groupNames);
      }
      return null;
    } catch (error) {
      // Each round of a repeated group goes one deeper, so a long text can use up the stack.
      if (error instanceof RangeError) throw timeout(source, text, 'needs more depth than there is');
      throw error;
    }
  }

  return {
    source,
    groupNames: [...parsed.groupNames.keys()],
    search: (text, deadline = deadlineIn(PATIENCE_MILLISECONDS)) => find(text, true, deadline),
    match: (text, deadline = deadlineIn(PATIENCE_MILLISECONDS)) => find(text, false, deadline),
  };
}

function describe(span: Span, points: readonly number[], names: ReadonlyMap<string, number>): PatternMatch {
  const captures: (string | null)[] = [textOf(points, span.start, span.end)];
  for (let index = 1; index < span.groups.length / 2; index++) {
    captures.push(textOf(points, span.groups[index * 2] ?? -1, span.groups[index * 2 + 1] ?? -1));
  }
  const groups = Object.fromEntries([...names].map(([name, index]) => [name, captures[index] ?? null]));
  return { text: captures[0] ?? '', start: span.start, end: span.end, groups, captures };
}

function textOf(points: readonly number[], start: number, end: number): string | null {
  return end < 0
    ? null
    : points.slice(start, end).reduce((text, point) => text + String.fromCodePoint(point), '');
}

function timeout(source: string, text: string, what: string): PtahError {
  return new PtahError(
    'pattern-timeout',
    `Matching the regular expression ${JSON.stringify(source)} against “${text.toWellFormed()}” ${what}.`,
    {
      hint: 'Repeats inside repeats, like (a+)+, take exponential time; write the expression without them.',
      details: { file: text.toWellFormed() },
    },
  );
}
