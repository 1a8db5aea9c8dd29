import { useEffect, useEffectEvent } from 'react';
import { matches, mayFire, shortcuts, type ShortcutId } from './shortcuts.ts';

interface Handler {
  readonly id: ShortcutId;
  readonly run: (event: KeyboardEvent) => void;
}
const handlers: Handler[] = [];

const keysOf = (id: ShortcutId): readonly string[] => {
  const entry: { readonly keys: string; readonly also?: readonly string[] } = shortcuts[id];
  return [entry.keys, ...(entry.also ?? [])];
};

/** The latest that asked for a key gets it: a screen over the shell, a dialog over a screen. */
export function dispatchKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const handler = handlers.findLast(({ id }) =>
    keysOf(id).some(keys => matches(event, keys) && mayFire(event, keys, event.target)),
  );
  if (handler === undefined) return false;
  event.preventDefault();
  handler.run(event);
  return true;
}

export function useShortcut(id: ShortcutId, run: (event: KeyboardEvent) => void, enabled = true): void {
  const latest = useEffectEvent(run);
  useEffect(() => {
    if (!enabled) return undefined;
    const handler: Handler = { id, run: event => latest(event) };
    handlers.push(handler);
    return () => {
      handlers.splice(handlers.indexOf(handler), 1);
    };
  }, [id, enabled]);
}
