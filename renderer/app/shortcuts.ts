/** The one table of keys: tooltips, the palette, the sheet and the handlers read it. */
export const shortcuts = {
  palette: {
    keys: 'Ctrl+K',
    also: ['Ctrl+Shift+K', 'F1'],
    title: 'Search, run a command',
    group: 'Anywhere',
  },
  open: { keys: 'Ctrl+O', title: 'Add a folder', group: 'Anywhere' },
  project: { keys: 'Ctrl+1…9', title: 'Go to project', group: 'Anywhere' },
  nextRegion: { keys: 'F6', title: 'Next part of the window; leaves a terminal', group: 'Anywhere' },
  previousRegion: { keys: 'Shift+F6', title: 'Previous part of the window', group: 'Anywhere' },
  sidebar: { keys: 'Ctrl+B', title: 'Show or hide the sidebar', group: 'Anywhere' },
  dock: { keys: 'Ctrl+J', also: ['Ctrl+Shift+J'], title: 'Show or hide the dock', group: 'Anywhere' },
  sheet: { keys: '?', title: 'All keys', group: 'Anywhere' },
  primary: { keys: 'Ctrl+Enter', title: 'The primary action of the screen', group: 'On a screen' },
  cancel: { keys: 'Ctrl+.', title: 'Cancel', group: 'On a screen' },
  changes: { keys: 'Ctrl+D', title: 'Show the changes', group: 'On a screen' },
  search: { keys: '/', title: 'Search in the list or log at hand', group: 'On a screen' },
  back: { keys: 'Escape', title: 'Close the inspector or the dialog', group: 'On a screen' },
  checkAll: { keys: 'Shift+R', title: 'Check all again (Setup)', group: 'On a screen' },
  nextChange: { keys: 'Shift+ArrowDown', title: 'Next change (Changes)', group: 'On a screen' },
  previousChange: { keys: 'Shift+ArrowUp', title: 'Previous change (Changes)', group: 'On a screen' },
  move: { keys: 'ArrowUp', also: ['ArrowDown'], title: 'Move in a list', group: 'In a list' },
  activate: { keys: 'Enter', title: 'Open what is selected', group: 'In a list' },
  expand: { keys: 'ArrowRight', title: 'Open a row of a tree', group: 'In a list' },
  collapse: { keys: 'ArrowLeft', title: 'Close a row of a tree', group: 'In a list' },
  sync: { keys: 'S', title: 'Turn sync on or off (Workloads, Images)', group: 'In a list' },
  restart: { keys: 'R', title: 'Restart, pod by pod (Workloads)', group: 'In a list' },
  forward: { keys: 'F', title: 'Forward its ports, or end that (Workloads)', group: 'In a list' },
  terminal: { keys: 'T', title: 'Open a terminal (Workloads)', group: 'In a list' },
  logs: { keys: 'L', title: 'Show the log (Workloads)', group: 'In a list' },
  nextHit: { keys: 'F3', title: 'Next hit', group: 'In a log' },
  previousHit: { keys: 'Shift+F3', title: 'Previous hit', group: 'In a log' },
  logFilter: { keys: 'G', title: 'Filter the log', group: 'In a log' },
  wrapLog: { keys: 'W', title: 'Wrap lines', group: 'In a log' },
  logTimes: { keys: 'I', title: 'Times: of this machine, UTC, none', group: 'In a log' },
  pauseLog: { keys: 'P', title: 'Stop following, follow again', group: 'In a log' },
  nextError: { keys: 'E', title: 'Next error', group: 'In a log' },
  previousError: { keys: 'Shift+E', title: 'Previous error', group: 'In a log' },
  copyFromTerminal: {
    keys: 'Ctrl+Shift+C',
    also: ['Ctrl+Insert'],
    title: 'Copy what is selected',
    group: 'In a terminal',
  },
  pasteIntoTerminal: { keys: 'Ctrl+Shift+V', also: ['Shift+Insert'], title: 'Paste', group: 'In a terminal' },
  findInTerminal: { keys: 'Ctrl+Shift+F', title: 'Find in what was written', group: 'In a terminal' },
  bottom: { keys: 'End', title: 'To the end of the log', group: 'In a log' },
} as const satisfies Record<string, Shortcut>;

interface Shortcut {
  readonly keys: string;
  readonly also?: readonly string[];
  readonly title: string;
  readonly group: 'Anywhere' | 'On a screen' | 'In a list' | 'In a log' | 'In a terminal';
}
export type ShortcutId = keyof typeof shortcuts;

export const isMac = (platform: string = navigator.platform): boolean => /mac/i.test(platform);

const symbols: Readonly<Record<string, string>> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
};

/** What stands on the key caps: `['Ctrl', 'K']`, on macOS `['⌘', 'K']`. */
export function shownKeys(keys: string, mac: boolean = isMac()): readonly string[] {
  return keys.split('+').map(key => (key === 'Ctrl' && mac ? '⌘' : (symbols[key] ?? key)));
}

/** As `aria-keyshortcuts` wants it. */
export const ariaKeys = (keys: string, mac: boolean = isMac()): string =>
  keys.replace('Ctrl', mac ? 'Meta' : 'Control');

export type KeyPress = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;

export function matches(press: KeyPress, keys: string, mac: boolean = isMac()): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  const wants = (name: string) => parts.slice(0, -1).includes(name);
  const main = mac ? press.metaKey : press.ctrlKey;
  const other = mac ? press.ctrlKey : press.metaKey;
  // `?` and the like need Shift on most keyboards and none on some: the character decides.
  const isSign = key.length === 1 && !/[a-z0-9]/i.test(key);
  return (
    press.key.toLowerCase() === key.toLowerCase() &&
    main === wants('Ctrl') &&
    !other &&
    press.altKey === wants('Alt') &&
    (isSign || press.shiftKey === wants('Shift'))
  );
}

/** Letters without Ctrl type into a field; chords and function keys work there too. */
export function mayFire(press: KeyPress, keys: string, target: EventTarget | null): boolean {
  const isChord = keys.includes('Ctrl+') || /^(Shift\+)?F\d+$/.test(keys);
  return isChord || !isTyping(target);
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (
    target.isContentEditable ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement
  )
    return true;
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button'].includes(target.type);
}
