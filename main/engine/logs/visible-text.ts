// oxlint-disable-next-line no-control-regex -- terminals are steered by control characters
const CODES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;

/** What a person sees of a line: no codes, and of a progress line its last state. */
export function visibleText(text: string): string {
  const plain = text.includes('\u001b') ? text.replace(CODES, '') : text;
  return lastState(plain);
}

/** Of `10 %\r20 %\r30 %` the last. */
export function lastState(text: string): string {
  if (!text.includes('\r')) return text;
  const states = text.split('\r').filter(state => state !== '');
  return states.at(-1) ?? '';
}
