import type { KeyboardEvent, PointerEvent } from 'react';

/** The edge of a panel: dragged, or moved by arrows; Home and End go to the limits. */
export function Splitter({
  label,
  orientation,
  value,
  range,
  grows,
  onChange,
}: {
  label: string;
  orientation: 'vertical' | 'horizontal';
  value: number;
  range: readonly [number, number];
  /** Which way makes the panel bigger. */
  grows: 'right' | 'left' | 'up';
  onChange: (value: number) => void;
}) {
  const clamp = (wanted: number) => Math.round(Math.min(range[1], Math.max(range[0], wanted)));
  const sign = grows === 'right' ? 1 : -1;
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const element = event.currentTarget;
    const start = orientation === 'vertical' ? event.clientX : event.clientY;
    element.setPointerCapture(event.pointerId);
    const move = (at: globalThis.PointerEvent) =>
      onChange(clamp(value + sign * ((orientation === 'vertical' ? at.clientX : at.clientY) - start)));
    const up = () => {
      element.removeEventListener('pointermove', move);
      element.removeEventListener('pointerup', up);
      element.removeEventListener('pointercancel', up);
    };
    element.addEventListener('pointermove', move);
    element.addEventListener('pointerup', up);
    element.addEventListener('pointercancel', up);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 64 : 16;
    const bigger = { right: 'ArrowRight', left: 'ArrowLeft', up: 'ArrowUp' }[grows];
    const smaller = { right: 'ArrowLeft', left: 'ArrowRight', up: 'ArrowDown' }[grows];
    const to =
      event.key === bigger
        ? value + step
        : event.key === smaller
          ? value - step
          : event.key === 'Home'
            ? range[0]
            : event.key === 'End'
              ? range[1]
              : null;
    if (to === null) return;
    event.preventDefault();
    onChange(clamp(to));
  };
  return (
    <div
      className={`splitter ${orientation} ${grows}`}
      role="separator"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={value}
      aria-valuemin={range[0]}
      aria-valuemax={range[1]}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
