import { useVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useShortcut } from '../app/use-shortcut.ts';
import type { Line } from '../stores/lines.ts';
import { grouped } from '../text/words.ts';
import { AnsiText } from './ansi.tsx';
import { Icon } from './icon.tsx';
import { Keys } from './keys.tsx';

const rowHeight = 20;

/** A virtual list of lines that follows its end until the user scrolls up; then the pill counts what came since. */
export function LogLines({
  lines,
  startedAt,
  showSource,
  wrap,
  search = '',
  hit = null,
  label,
}: {
  lines: readonly Line[];
  startedAt: number | null;
  showSource: boolean;
  wrap: boolean;
  search?: string;
  /** The index of the hit at hand. */
  hit?: number | null;
  label: string;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [pausedAt, setPausedAt] = useState<number | null>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 20,
    initialRect: { width: 800, height: 400 },
  });
  const toEnd = () => {
    setPausedAt(null);
    if (lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  };
  useEffect(() => {
    if (pausedAt === null && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [lines.length, pausedAt, virtual]);
  useEffect(() => {
    if (hit === null) return;
    setPausedAt(current => current ?? lines.length);
    virtual.scrollToIndex(hit, { align: 'center' });
    // The hit moves the list, a new line must not move it back.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [hit]);
  useShortcut('bottom', toEnd, pausedAt !== null);

  const onScroll = () => {
    const element = box.current;
    if (element === null) return;
    const fromEnd = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (fromEnd < rowHeight * 1.5) setPausedAt(null);
    else setPausedAt(current => current ?? lines.length);
  };
  const newer = pausedAt === null ? 0 : lines.length - pausedAt;

  return (
    <div className="log-box">
      <div
        ref={box}
        className="log"
        role="log"
        aria-label={label}
        // A block that scrolls has to be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        onScroll={onScroll}
      >
        <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(item => {
            const line = lines[item.index];
            if (line === undefined) return null;
            return (
              <div
                key={item.key}
                data-index={item.index}
                ref={wrap ? virtual.measureElement : undefined}
                className={clsx(
                  'lr',
                  line.tone === 'event' ? 'evt' : line.tone,
                  wrap && 'wrap',
                  !showSource && 'short',
                )}
                style={{
                  position: 'absolute',
                  top: 0,
                  left: 0,
                  right: 0,
                  transform: `translateY(${item.start}px)`,
                }}
              >
                <time>{startedAt === null ? '' : ((line.at - startedAt) / 1000).toFixed(2)}</time>
                {showSource && <span className="src">{line.source}</span>}
                <span className="msg">{marked(line.text, search, item.index === hit)}</span>
              </div>
            );
          })}
        </div>
      </div>
      {pausedAt !== null && (
        <button type="button" className="pill" onClick={toEnd}>
          {newer > 0 ? `${grouped(newer)} new ${newer === 1 ? 'line' : 'lines'}` : 'To the end'}
          <Icon name="arrow-down" />
          <Keys of="End" />
        </button>
      )}
    </div>
  );
}

function marked(text: string, search: string, isCurrent: boolean): ReactNode {
  const at = search === '' ? -1 : text.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return <AnsiText text={text} />;
  const end = at + search.length;
  return (
    <>
      {text.slice(0, at)}
      <mark className={isCurrent ? 'cur' : undefined}>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}
