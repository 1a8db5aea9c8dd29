import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { IconButton } from '../components/button.tsx';
import { Shape } from '../components/icon.tsx';
import { useStores } from '../stores/react.ts';
import type { Toast } from '../stores/toasts.ts';

const stayMs = 5000;

export function Toasts() {
  const { toasts } = useStores();
  const shown = useStore(toasts.store);
  return (
    <div className="toasts" role="status" aria-live="polite" aria-label="Notices">
      {shown.map(toast => (
        <ToastCard key={toast.key} toast={toast} onGone={() => toasts.dismiss(toast.key)} />
      ))}
    </div>
  );
}

/** Five seconds, longer while it is pointed at or holds the focus. */
function ToastCard({ toast, onGone }: { toast: Toast; onGone: () => void }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(onGone, stayMs);
    return () => clearTimeout(timer);
    // A toast that was replaced starts its time again.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [held, toast]);
  return (
    <div
      className="toast"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <Shape tone={toast.tone} />
      <div className="toast-words">
        <span className="b">{toast.title}</span>
        {toast.line !== '' && <span className="t2 toast-line">{toast.line}</span>}
        {toast.action !== null && (
          <button
            type="button"
            className="link"
            onClick={() => {
              toast.action?.run();
              onGone();
            }}
          >
            {toast.action.label}
          </button>
        )}
      </div>
      <IconButton icon="x" size={12} label="Dismiss" onClick={onGone} />
    </div>
  );
}
