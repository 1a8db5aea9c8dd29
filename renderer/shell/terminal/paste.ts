/** Text that is pasted, and whether a person should see it first. */
export interface Paste {
  readonly text: string;
  /** So many lines would be run at once by a shell that does not know what a paste is; 0 where nothing is to be asked. */
  readonly runs: number;
}

/**
 * Control characters are left out: a page can hide Escape in what it puts on the clipboard, to end the brackets of a paste or to press
 * keys. A line break at the very end alone is what copying a line gives: it is dropped where it would run the line unseen.
 */
export function preparePaste(clipboard: string, bracketed: boolean): Paste {
  const text = clipboard
    .replaceAll('\r\n', '\n')
    // oxlint-disable-next-line no-control-regex -- these are what is left out
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f]/g, '')
    .replaceAll('\r', '\n');
  if (bracketed) return { text, runs: 0 };
  const lines = text.replace(/\n+$/, '').split('\n').length;
  return lines > 1 ? { text, runs: lines } : { text: text.replace(/\n+$/, ''), runs: 0 };
}
