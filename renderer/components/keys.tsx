import { shownKeys } from '../app/shortcuts.ts';

/** The key caps of one chord, as `Ctrl+K`. Hidden from readers: `aria-keyshortcuts` says it on the control. */
export function Keys({ of }: { of: string }) {
  return (
    <span className="keys" aria-hidden="true">
      {shownKeys(of).map(key => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}
