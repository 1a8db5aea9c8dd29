import { clsx } from 'clsx';
import type { KeyboardEvent, ReactNode, Ref } from 'react';
import { Icon, type IconName } from '../../components/icon.tsx';
import type { TypedPattern } from '../../stores/logs.ts';

/** A box for a text with its two switches; Esc empties it and goes back to the log. */
export function PatternField<T extends TypedPattern>({
  icon,
  label,
  title,
  value,
  onChange,
  onKey,
  onLeave,
  problem,
  field,
  children,
}: {
  icon: IconName;
  label: string;
  title: string;
  value: T;
  onChange: (value: T) => void;
  /** Gives true when it took the key. */
  onKey?: (event: KeyboardEvent<HTMLInputElement>) => boolean;
  onLeave: () => void;
  problem: string | null;
  field: Ref<HTMLInputElement>;
  children?: ReactNode;
}) {
  return (
    <span
      className={clsx('field logs-field', problem !== null && 'bad', value.text === '' && 'idle')}
      title={problem ?? title}
    >
      <Icon name={icon} />
      <input
        ref={field}
        type="text"
        spellCheck={false}
        autoComplete="off"
        aria-label={label}
        aria-invalid={problem !== null || undefined}
        placeholder={label}
        value={value.text}
        onChange={event => onChange({ ...value, text: event.target.value })}
        onKeyDown={event => {
          if (onKey?.(event) === true) event.preventDefault();
          else if (event.key === 'Escape') {
            event.stopPropagation();
            onChange({ ...value, text: '' });
            onLeave();
          } else if (event.key === 'ArrowDown') {
            event.preventDefault();
            onLeave();
          }
        }}
      />
      {problem !== null && (
        <span className="sr" role="alert">
          {problem}
        </span>
      )}
      {children}
      <Small
        word="Aa"
        label={`${label}: upper and lower case differ`}
        on={value.matchCase}
        onPress={() => onChange({ ...value, matchCase: !value.matchCase })}
      />
      <Small
        word=".*"
        label={`${label}: regular expression`}
        on={value.regex}
        onPress={() => onChange({ ...value, regex: !value.regex })}
      />
    </span>
  );
}

export function Small({
  word,
  label,
  on,
  onPress,
}: {
  word: string;
  label: string;
  on: boolean;
  onPress: () => void;
}) {
  return (
    <button
      type="button"
      className={on ? 'tgl on logs-small' : 'tgl logs-small'}
      aria-pressed={on}
      aria-label={label}
      title={label}
      onClick={onPress}
    >
      {word}
    </button>
  );
}
