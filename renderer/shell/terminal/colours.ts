import type { ITheme } from '@xterm/xterm';

const names = [
  'black',
  'red',
  'green',
  'yellow',
  'blue',
  'magenta',
  'cyan',
  'white',
  'brightBlack',
  'brightRed',
  'brightGreen',
  'brightYellow',
  'brightBlue',
  'brightMagenta',
  'brightCyan',
  'brightWhite',
] as const;

/** The window's tokens as xterm takes them: it draws with numbers, not with variables. */
export function coloursOf(root: HTMLElement): ITheme {
  const style = getComputedStyle(root);
  const token = (name: string): string => style.getPropertyValue(name).trim();
  return {
    background: token('--surface-sunken'),
    foreground: token('--text'),
    cursor: token('--accent'),
    cursorAccent: token('--surface-sunken'),
    selectionBackground: `${token('--accent')}55`,
    selectionInactiveBackground: `${token('--text-3')}44`,
    ...Object.fromEntries(names.map((name, at) => [name, token(`--ansi-${at}`)])),
  };
}

/** Programs choose colours for a background that is not ours (podman-desktop#16138). */
export const contrastOf = (root: HTMLElement): number => (root.dataset['theme'] === 'contrast' ? 7 : 4.5);
