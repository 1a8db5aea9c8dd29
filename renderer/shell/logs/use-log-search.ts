import { useCallback, useEffect, useRef, useState } from 'react';
import type { LogLevel, LogView } from '../../../preload/contract/logs.ts';
import { toFailure, wasAborted } from '../../stores/failure.ts';
import { useStores } from '../../stores/react.ts';
import type { ReadPattern } from './highlight.ts';
import type { SearchState } from './logs-bar.tsx';

export interface Hit {
  readonly row: number;
  readonly seq: number;
}

const typingMs = 120;
/** While lines come, the number of hits is counted again so often. */
const againMs = 2_000;

/** The hits of the search box in the whole view, counted and gone to by the engine. */
export function useLogSearch(
  projectId: string,
  view: LogView,
  pattern: ReadPattern | null,
  {
    from,
    lines,
    onHit,
  }: {
    /** The line that the next one is looked for from. */
    readonly from: () => number | null;
    readonly lines: number;
    readonly onHit: (hit: Hit) => void;
  },
): {
  readonly state: SearchState;
  readonly hit: Hit | null;
  readonly step: (direction: 'next' | 'previous', levels?: readonly LogLevel[]) => void;
} {
  const { client } = useStores();
  const [state, setState] = useState<SearchState>({ index: null, total: null, problem: null });
  const [hit, setHit] = useState<Hit | null>(null);
  const key = JSON.stringify([view, pattern]);
  const counted = useRef(0);

  useEffect(() => {
    setHit(null);
    counted.current = 0;
    if (pattern === null) setState({ index: null, total: null, problem: null });
    // the pattern is part of the key
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);

  useEffect(() => {
    if (pattern === null) return undefined;
    const controller = new AbortController();
    const wait = counted.current === 0 ? typingMs : againMs;
    const timer = setTimeout(() => {
      counted.current += 1;
      const { text, regex, matchCase } = pattern;
      client
        .request(
          'logs.search',
          {
            projectId,
            view,
            pattern: { text, regex, matchCase },
            levels: null,
            from: null,
            direction: 'previous',
          },
          { signal: controller.signal },
        )
        .then(
          ({ total, problem }) =>
            setState(before => ({ index: before.index, total, problem: problem?.message ?? null })),
          (error: unknown) => {
            if (!wasAborted(error)) setState({ index: null, total: null, problem: toFailure(error).message });
          },
        );
    }, wait);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [client, projectId, key, Math.floor(lines / 100)]);

  const latest = useRef({ from, onHit, pattern, view });
  useEffect(() => {
    latest.current = { from, onHit, pattern, view };
  });
  const step = useCallback(
    (direction: 'next' | 'previous', levels?: readonly LogLevel[]) => {
      const now = latest.current;
      const wanted = levels === undefined ? now.pattern : null;
      if (levels === undefined && wanted === null) return;
      const asked =
        wanted === null ? null : { text: wanted.text, regex: wanted.regex, matchCase: wanted.matchCase };
      client
        .request('logs.search', {
          projectId,
          view: now.view,
          pattern: asked,
          levels: levels === undefined ? null : [...levels],
          from: now.from(),
          direction,
        })
        .then(
          answer => {
            if (levels === undefined)
              setState({
                index: answer.hit?.index ?? null,
                total: answer.total,
                problem: answer.problem?.message ?? null,
              });
            setHit(answer.hit);
            if (answer.hit !== null) now.onHit(answer.hit);
            return answer;
          },
          (error: unknown) => setState(before => ({ ...before, problem: toFailure(error).message })),
        );
    },
    [client, projectId],
  );
  return { state, hit, step };
}
