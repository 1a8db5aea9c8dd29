import { useEffect, useRef, useState } from 'react';
import { IconButton } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';

export interface Hits {
  readonly at: number;
  readonly count: number;
}

/** Enter and Shift+Enter go from hit to hit; Escape gives the focus back to the shell. */
export function FindBar({
  hits,
  onFind,
  onClose,
}: {
  hits: Hits;
  onFind: (text: string, direction: 'next' | 'previous', typing: boolean) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  return (
    <search className="row tight" aria-label="Find in the terminal">
      <span className="field" style={{ width: 212 }}>
        <Icon name="search" />
        <input
          ref={input}
          type="text"
          spellCheck={false}
          aria-label="Find"
          placeholder="Find"
          value={text}
          onChange={event => {
            setText(event.target.value);
            onFind(event.target.value, 'previous', true);
          }}
          onKeyDown={event => {
            if (event.key === 'Enter') onFind(text, event.shiftKey ? 'next' : 'previous', false);
            else if (event.key === 'Escape') onClose();
            else return;
            event.preventDefault();
            event.stopPropagation();
          }}
        />
        {text !== '' && (
          <span className="nw" role="status">
            {hits.count === 0 ? 'no hit' : `${hits.at} of ${hits.count}`}
          </span>
        )}
      </span>
      <IconButton icon="chevron-up" label="Hit above" onClick={() => onFind(text, 'previous', false)} />
      <IconButton icon="chevron-down" label="Hit below" onClick={() => onFind(text, 'next', false)} />
      <IconButton icon="x" label="End finding" onClick={onClose} />
    </search>
  );
}
