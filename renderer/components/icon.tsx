import { clsx } from 'clsx';

export type IconName =
  | 'activity'
  | 'arrow-down'
  | 'arrow-right'
  | 'bell'
  | 'boxes'
  | 'check'
  | 'chevron-down'
  | 'chevron-left'
  | 'chevron-right'
  | 'chevron-up'
  | 'clock'
  | 'copy'
  | 'download'
  | 'external-link'
  | 'file-code'
  | 'file-text'
  | 'folder'
  | 'folder-open'
  | 'folder-plus'
  | 'git-compare'
  | 'globe'
  | 'hammer'
  | 'hard-drive'
  | 'history'
  | 'layers'
  | 'layout-grid'
  | 'lightbulb'
  | 'list-filter'
  | 'maximize-2'
  | 'minus'
  | 'package'
  | 'panel-right'
  | 'play'
  | 'plus'
  | 'ptah'
  | 'refresh-cw'
  | 'rotate-cw'
  | 'scroll-text'
  | 'search'
  | 'server'
  | 'settings'
  | 'shield-alert'
  | 'stethoscope'
  | 'terminal'
  | 'trash-2'
  | 'triangle-alert'
  | 'wrap-text'
  | 'x'
  | 'zap';

/** Decoration: the word beside it, or the label of its button, says what it means. */
export function Icon({
  name,
  size = 14,
  className,
}: {
  name: IconName;
  size?: 12 | 14 | 16;
  className?: string;
}) {
  return <i className={clsx('i', `i-${name}`, size !== 14 && `i-${size}`, className)} aria-hidden="true" />;
}

export type Tone = 'ok' | 'done' | 'working' | 'warn' | 'bad' | 'stopped' | 'wait';

/** The shape of a state. Never alone: a word stands beside it, or is in `label`. */
export function Shape({ tone, className, label }: { tone: Tone; className?: string; label?: string }) {
  return (
    <>
      <i className={clsx('s', `s-${tone}`, tone === 'working' && 'spin', className)} aria-hidden="true" />
      {label !== undefined && <span className="sr">{label}</span>}
    </>
  );
}
