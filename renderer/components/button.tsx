import { clsx } from 'clsx';
import type { ComponentPropsWithRef, CSSProperties, ReactNode } from 'react';
import { ariaKeys, shortcuts, type ShortcutId } from '../app/shortcuts.ts';
import { Icon, Shape, type IconName } from './icon.tsx';
import { Keys } from './keys.tsx';

type Native = Omit<ComponentPropsWithRef<'button'>, 'disabled'>;

interface Props extends Native {
  readonly kind?: 'primary' | 'quiet' | 'danger';
  readonly small?: boolean;
  readonly icon?: IconName;
  readonly shortcut?: ShortcutId;
  /** Why it can't be pressed now; it stays focusable and says so. */
  readonly off?: string | null | false;
}

export function Button({ kind, small, icon, shortcut, off, children, className, onClick, ...rest }: Props) {
  const isOff = typeof off === 'string';
  return (
    <button
      type="button"
      {...rest}
      className={clsx('btn', kind, small && 'small', isOff && 'off', className)}
      aria-disabled={isOff || undefined}
      title={isOff ? off : rest.title}
      aria-keyshortcuts={shortcut && ariaKeys(shortcuts[shortcut].keys)}
      onClick={isOff ? undefined : onClick}
    >
      {icon !== undefined && <Icon name={icon} size={small ? 12 : 14} />}
      {children}
      {shortcut !== undefined && <Keys of={shortcuts[shortcut].keys} />}
    </button>
  );
}

export function IconButton({
  icon,
  label,
  size = 14,
  className,
  ...rest
}: Native & { icon: IconName; label: string; size?: 12 | 14 | 16 }) {
  return (
    <button type="button" title={label} {...rest} aria-label={label} className={clsx('iconbtn', className)}>
      <Icon name={icon} size={size} />
    </button>
  );
}

/** A button that became its own progress. Not pressable: what it started is cancelled beside it. */
export function Busy({
  children,
  progress,
  width,
}: {
  children: ReactNode;
  progress: number | null;
  width?: number;
}) {
  const style = { '--p': `${Math.round((progress ?? 0.4) * 100)}%`, width } as CSSProperties;
  return (
    <span className="btn busy" style={style} role="status">
      <Shape tone="working" />
      {children}
    </span>
  );
}
