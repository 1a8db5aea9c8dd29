import { Dialog as Radix } from 'radix-ui';
import type { KeyboardEvent, ReactNode } from 'react';
import { Shape, type Tone } from './icon.tsx';

/**
 * The title is the question with the name in it, the body lists what will happen, the button repeats the verb.
 * Focus is kept inside and goes back to where it was; Esc cancels.
 */
export function Dialog({
  title,
  lead,
  tone,
  children,
  buttons,
  width,
  scrolls = false,
  onClose,
}: {
  title: string;
  lead?: ReactNode;
  tone?: Tone;
  children?: ReactNode;
  buttons: ReactNode;
  width?: number;
  /** Long text without a control in it: reachable by keyboard, so that arrows scroll it. */
  scrolls?: boolean;
  onClose: () => void;
}) {
  return (
    <Radix.Root open onOpenChange={open => !open && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="veil">
          <Radix.Content
            className="dialog"
            style={width === undefined ? undefined : { width }}
            aria-describedby={undefined}
            onInteractOutside={event => event.preventDefault()}
            onKeyDown={pressPrimary}
          >
            <div className="dialog-head">
              <div className="row">
                {tone !== undefined && <Shape tone={tone} className="s-16" />}
                <Radix.Title className="dialog-title">{title}</Radix.Title>
              </div>
              {lead !== undefined && <div className="t2 dialog-lead">{lead}</div>}
            </div>
            {children !== undefined && (
              <div
                className="dialog-body"
                {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': title } : {})}
              >
                {children}
              </div>
            )}
            <div className="dialog-buttons">{buttons}</div>
          </Radix.Content>
        </Radix.Overlay>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Ctrl+Enter is the primary action of a dialog as of a screen; what destroys has none and keeps Cancel as its default. */
function pressPrimary(event: KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.currentTarget.querySelector<HTMLButtonElement>('.dialog-buttons .btn.primary')?.click();
}
