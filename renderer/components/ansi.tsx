import Anser from 'anser';
import { memo } from 'react';

const names = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** `ansi-bright-red` → `--ansi-9`: the theme's own colours, all of which can be read on its surfaces. */
function colour(name: string | null): string | undefined {
  if (name === null) return undefined;
  const bright = name.startsWith('ansi-bright-');
  const index = names.indexOf(name.replace(/^ansi-(bright-)?/, ''));
  if (index >= 0) return `var(--ansi-${index + (bright ? 8 : 0)})`;
  const palette = /^ansi-palette-(\d+)$/.exec(name)?.[1];
  return palette !== undefined && Number(palette) < 16 ? `var(--ansi-${Number(palette)})` : undefined;
}

/** Colours of a terminal as spans; text nodes only. Backgrounds are left out: they would break the contrast. */
export const AnsiText = memo(function AnsiText({ text }: { text: string }) {
  if (!text.includes('\u001b')) return text;
  const parts = Anser.ansiToJson(text, { use_classes: true, remove_empty: true });
  return parts.map((part, index) => (
    <span
      // Parts of one line have no identity but their place.
      // oxlint-disable-next-line react/no-array-index-key
      key={index}
      style={{
        color: colour(part.fg),
        fontWeight: part.decorations.includes('bold') ? 640 : undefined,
        textDecoration: part.decorations.includes('underline') ? 'underline' : undefined,
        fontStyle: part.decorations.includes('italic') ? 'italic' : undefined,
      }}
    >
      {part.content}
    </span>
  ));
});
