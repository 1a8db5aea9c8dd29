import { clsx } from 'clsx';
import type { SwitchView } from '../text/sync.ts';

/** A switch with its word: the word is part of it, and says the state where the colour can't be seen. */
export function Switch({
  view,
  label,
  off,
  tabIndex,
  onPress,
}: {
  view: SwitchView;
  /** What it turns: "Sync of api". */
  label: string;
  /** Why it can't be pressed now. */
  off?: string | null;
  tabIndex?: 0 | -1;
  onPress: () => void;
}) {
  const title = off ?? view.title ?? undefined;
  if (view.checked === null) {
    return (
      <span className="switch none" title={title}>
        <span className="tr" aria-hidden="true" />
        <span className="word cut">{view.word}</span>
      </span>
    );
  }
  const isOff = typeof off === 'string';
  return (
    <button
      type="button"
      role="switch"
      className={clsx('switch', view.look, isOff && 'unusable')}
      aria-checked={view.checked === 'mixed' ? 'mixed' : view.checked === 'on'}
      aria-label={`${label}: ${view.word}`}
      aria-busy={view.look === 'pending' || undefined}
      aria-disabled={isOff || undefined}
      title={title}
      tabIndex={tabIndex}
      onClick={event => {
        // A row that is pressed opens: its switch is not the row.
        event.stopPropagation();
        if (!isOff) onPress();
      }}
    >
      <span className="tr" aria-hidden="true" />
      <span className="word cut">{view.word}</span>
    </button>
  );
}
