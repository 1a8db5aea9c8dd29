import { useRef } from 'react';
import { useShortcut } from '../app/use-shortcut.ts';
import { Icon } from './icon.tsx';
import { Keys } from './keys.tsx';

/** `/` goes to it, Esc empties it and gives the focus back to the list. */
export function SearchField({
  label,
  value,
  onChange,
  width = 200,
  note,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  width?: number;
  note?: string;
}) {
  const input = useRef<HTMLInputElement>(null);
  useShortcut('search', () => input.current?.focus());
  return (
    <span className="field" style={{ width }}>
      <Icon name="search" />
      <input
        ref={input}
        type="text"
        spellCheck={false}
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={event => onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          onChange('');
          input.current?.blur();
        }}
      />
      {note !== undefined && value !== '' ? (
        <span className="nw">{note}</span>
      ) : (
        value === '' && <Keys of="/" />
      )}
    </span>
  );
}
