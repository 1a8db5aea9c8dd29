import Anser from 'anser';
import type { CSSProperties } from 'react';

export interface Segment {
  readonly text: string;
  readonly style: CSSProperties | null;
}

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
const cube = [0, 95, 135, 175, 215, 255];

/**
 * The theme's colour that is nearest in hue: only those are known to be readable on its surfaces, whatever a program thinks of
 * its terminal's background.
 */
export function nearest(red: number, green: number, blue: number): number {
  const high = Math.max(red, green, blue);
  const low = Math.min(red, green, blue);
  if (high - low < 40) return high > 200 ? 15 : high > 110 ? 7 : 8;
  const of =
    high === red
      ? (green - blue) / (high - low)
      : high === green
        ? 2 + (blue - red) / (high - low)
        : 4 + (red - green) / (high - low);
  const hue = (((of * 60) % 360) + 360) % 360;
  const base = hue < 25 || hue >= 335 ? 1 : hue < 75 ? 3 : hue < 160 ? 2 : hue < 200 ? 6 : hue < 265 ? 4 : 5;
  return base + (high > 230 ? 8 : 0);
}

function paletteIndex(index: number): number {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return nearest(grey, grey, grey);
  }
  const at = index - 16;
  const part = (divisor: number) => cube[Math.floor(at / divisor) % 6] ?? 0;
  return nearest(part(36), part(6), part(1));
}

function colour(name: string | null, truecolor: string | null): string | undefined {
  if (name === null) return undefined;
  const palette = /^ansi-palette-(\d+)$/.exec(name)?.[1];
  if (palette !== undefined) return `var(--ansi-${paletteIndex(Number(palette))})`;
  if (name === 'ansi-truecolor') {
    const [red = 0, green = 0, blue = 0] = (truecolor ?? '').split(',').map(Number);
    return `var(--ansi-${nearest(red, green, blue)})`;
  }
  const index = names.indexOf(name.replace(/^ansi-(bright-)?/, ''));
  return index < 0 ? undefined : `var(--ansi-${index + (name.startsWith('ansi-bright-') ? 8 : 0)})`;
}

// What moves a cursor, names a window or links has no place in a line; colours end in `m` and stay.
const notColours =
  // oxlint-disable-next-line no-control-regex -- terminals are steered by control characters
  /\u001b(?:\[[0-?]*[ -/]*[@-ln-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/**
 * A line as pieces of one look each. On a background the text takes the colour of the surface, whatever the program wished: the
 * theme's colours are readable on the surface, and so is the surface on them.
 */
export function segmentsOf(text: string): readonly Segment[] {
  if (!text.includes('\u001b')) return [{ text, style: null }];
  return Anser.ansiToJson(text.replace(notColours, ''), { use_classes: true, remove_empty: true }).map(
    part => {
      const style: CSSProperties = {};
      const ink = colour(part.fg, part.fg_truecolor ?? null);
      const ground = colour(part.bg, part.bg_truecolor ?? null);
      if (ground !== undefined) {
        style.background = ground;
        style.color = 'var(--surface-sunken)';
      } else if (ink !== undefined) style.color = ink;
      if (part.decorations.includes('bold')) style.fontWeight = 640;
      if (part.decorations.includes('italic')) style.fontStyle = 'italic';
      if (part.decorations.includes('underline')) style.textDecoration = 'underline';
      return { text: part.content, style: Object.keys(style).length === 0 ? null : style };
    },
  );
}

/** What a person sees of a line, as text. */
export const shownText = (text: string): string =>
  segmentsOf(text)
    .map(part => part.text)
    .join('');
