import { useEffect, useRef, type KeyboardEvent } from 'react';

export interface MenuPlace {
  readonly x: number;
  readonly y: number;
  readonly hasSelection: boolean;
}

/** The menu of the right button. Closes at once when something else is pressed. */
export function TerminalMenu({
  place,
  onCopy,
  onPaste,
  onSelectAll,
  onFind,
  onClose,
}: {
  place: MenuPlace;
  onCopy: () => void;
  onPaste: () => void;
  onSelectAll: () => void;
  onFind: () => void;
  onClose: () => void;
}) {
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = menu.current;
    if (element === null) return;
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(4, Math.min(place.x, window.innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(place.y, window.innerHeight - height - 4))}px`;
    element.querySelector<HTMLElement>('[role="menuitem"]:not([aria-disabled="true"])')?.focus();
  }, [place]);
  const entries = [
    { word: 'Copy', run: onCopy, off: !place.hasSelection },
    { word: 'Paste', run: onPaste, off: false },
    { word: 'Select all', run: onSelectAll, off: false },
    { word: 'Find', run: onFind, off: false },
  ];
  const move = (event: KeyboardEvent<HTMLElement>) => {
    const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitem"]')];
    const at = items.findIndex(item => item === document.activeElement);
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Escape' || event.key === 'Tab') onClose();
    else if (step !== 0) items[(at + step + items.length) % items.length]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      className="terminal-menu-veil"
      onPointerDown={event => event.target === event.currentTarget && onClose()}
      onContextMenu={event => event.preventDefault()}
    >
      <div
        ref={menu}
        className="terminal-menu"
        role="menu"
        aria-label="Terminal"
        tabIndex={-1}
        onKeyDown={move}
      >
        {entries.map(({ word, run, off }) => (
          <button
            key={word}
            type="button"
            role="menuitem"
            tabIndex={-1}
            aria-disabled={off || undefined}
            className="terminal-menu-item"
            onClick={() => {
              if (off) return;
              onClose();
              run();
            }}
          >
            {word}
          </button>
        ))}
      </div>
    </div>
  );
}
