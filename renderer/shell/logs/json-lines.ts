export interface JsonLine {
  readonly depth: number;
  readonly name: string | null;
  readonly text: string;
  readonly kind: 'string' | 'number' | 'word' | 'punct';
}

const mostLines = 500;
const mostText = 4_000;

/** The members of a JSON text as lines; null when it is none. */
export function jsonLines(text: string): readonly JsonLine[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const lines: JsonLine[] = [];
  const add = (depth: number, name: string | null, one: unknown): void => {
    if (lines.length >= mostLines) return;
    if (typeof one !== 'object' || one === null) {
      const written = typeof one === 'string' ? one : String(one);
      const kind = typeof one === 'string' ? 'string' : typeof one === 'number' ? 'number' : 'word';
      const cut = written.length > mostText ? `${written.slice(0, mostText)}…` : written;
      lines.push({ depth, name, text: cut, kind });
      return;
    }
    const members = Object.entries(one);
    if (members.length === 0) {
      lines.push({ depth, name, text: Array.isArray(one) ? '[]' : '{}', kind: 'punct' });
      return;
    }
    if (name !== null) lines.push({ depth, name, text: '', kind: 'punct' });
    for (const [key, inner] of members) add(name === null ? depth : depth + 1, key, inner);
  };
  add(0, null, value);
  if (lines.length >= mostLines) lines.push({ depth: 0, name: null, text: '…', kind: 'punct' });
  return lines;
}
