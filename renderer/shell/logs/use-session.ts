import { useEffect, useReducer, useRef, useState } from 'react';
import type { LogView } from '../../../preload/contract/logs.ts';
import { createLogSession, type LogSession } from '../../stores/log-session.ts';
import { useStores } from '../../stores/react.ts';

/**
 * A filter is looked for at once, but letters that follow each other faster than this only when the hand rests: each would be a
 * search through everything.
 */
const typingMs = 50;

/**
 * The session of a view. Another view takes its place only when it has something to show, so that typing a filter makes nothing
 * flicker; it begins around the line that `seqAt` gives, when the log is not followed.
 */
export function useLogSession(
  projectId: string,
  view: LogView,
  seqAt: () => number | null,
): LogSession | null {
  const { client, connection } = useStores();
  const key = JSON.stringify(view);
  const [shown, setShown] = useState<LogSession | null>(null);
  const [, told] = useReducer((count: number) => count + 1, 0);
  const latestSeq = useRef(seqAt);
  const changedAt = useRef(Number.NEGATIVE_INFINITY);
  useEffect(() => {
    latestSeq.current = seqAt;
  });

  useEffect(() => {
    let session: LogSession | null = null;
    let frame: number | null = null;
    let taken = false;
    // many changes between two frames are one drawing; the first is what a person waits for
    const tell = () => {
      frame = null;
      told();
    };
    const changed = () => {
      if (taken) frame ??= requestAnimationFrame(tell);
      else if (session?.presentable() === true) {
        taken = true;
        setShown(session);
      }
    };
    const begin = () => {
      session = createLogSession(client, projectId, JSON.parse(key) as LogView, {
        seq: latestSeq.current(),
        onChange: changed,
      });
      // it may have failed at once
      changed();
    };
    const now = performance.now();
    const timer = setTimeout(begin, now - changedAt.current < typingMs ? typingMs : 0);
    changedAt.current = now;
    return () => {
      clearTimeout(timer);
      if (frame !== null) cancelAnimationFrame(frame);
      // the one that is shown stays until the next has something to show
      if (!taken) session?.close();
    };
  }, [client, projectId, key]);

  useEffect(() => () => shown?.close(), [shown]);
  useEffect(() => connection.subscribe(({ connected }) => connected && shown?.retry()), [connection, shown]);
  return shown;
}
