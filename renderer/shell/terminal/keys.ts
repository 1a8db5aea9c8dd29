/** What a key does while a terminal has the focus. `shell`: it is typed. `app`: the window's own. */
export type KeyAction = 'shell' | 'app' | 'copy' | 'paste' | 'find' | 'select-all';

export type TerminalKey = Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>;
export type Platform = 'mac' | 'windows' | 'linux';

export const platformOf = (name: string): Platform =>
  /mac|darwin/i.test(name) ? 'mac' : /win/i.test(name) ? 'windows' : 'linux';

/**
 * The habits of each system for copying and pasting, and few keys of the window; all others belong to the shell, Escape and the
 * function keys too (lensapp/lens#2135: an application that took Ctrl+Shift+C). Ctrl and a letter is what readline, vim and nano live
 * from (Ctrl+K cuts a line, Ctrl+F goes forward): the window's chords need Shift here, which no shell can tell from without. F6 is
 * the one that leaves a terminal.
 */
export function keyAction(press: TerminalKey, platform: Platform, hasSelection: boolean): KeyAction {
  const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
  if (press.altKey) return 'shell';
  if (key === 'F6' && !press.ctrlKey && !press.metaKey) return 'app';
  if (key === 'Insert') {
    if (press.ctrlKey && !press.shiftKey) return 'copy';
    return press.shiftKey && !press.ctrlKey ? 'paste' : 'shell';
  }
  return platform === 'mac' ? macAction(key, press) : otherAction(key, press, platform, hasSelection);
}

function macAction(key: string, { metaKey, ctrlKey }: TerminalKey): KeyAction {
  // Control is the shell's on macOS, whatever the letter
  if (!metaKey || ctrlKey) return 'shell';
  if (key === 'c') return 'copy';
  if (key === 'v') return 'paste';
  if (key === 'f') return 'find';
  if (key === 'a') return 'select-all';
  return 'app';
}

function otherAction(
  key: string,
  { ctrlKey, metaKey, shiftKey }: TerminalKey,
  platform: Platform,
  hasSelection: boolean,
): KeyAction {
  if (!ctrlKey || metaKey) return 'shell';
  if (shiftKey) {
    if (key === 'c') return 'copy';
    if (key === 'v') return 'paste';
    if (key === 'f') return 'find';
    if (key === 'a') return 'select-all';
    return key === 'k' || key === 'j' ? 'app' : 'shell';
  }
  // as Windows' own terminal does: without a selection Ctrl+C interrupts
  if (platform === 'windows' && key === 'c' && hasSelection) return 'copy';
  if (platform === 'windows' && key === 'v') return 'paste';
  return 'shell';
}

/**
 * What xterm answers by itself when a program asks for the cursor, the colours or the kind of terminal. In a replay the question is
 * old: its answer would be typed into the shell.
 */
export const isReply = (data: string): boolean =>
  // oxlint-disable-next-line no-control-regex -- replies are escape sequences
  /^(?:\u001b\[[?>=]?[\d;]*[Rcnxy]|\u001b\[\?[\d;]*\$y|\u001b[\]P][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b\[[IO])+$/.test(
    data,
  );
