import type { Problem } from '../errors/index.ts';
import { jsonStrings } from './json-form.ts';
import { sourceText } from './source-text.ts';
import type { SourceText } from './source-text.ts';
import { splitFlags, splitQuoted } from './words.ts';

export interface Heredoc {
  readonly name: string;
  /** First line of the body. */
  readonly line: number;
  readonly body: string;
}

/** One instruction as Docker sees it: continuation lines joined, comments between them gone. */
export interface LogicalLine {
  readonly text: string;
  readonly line: number;
  readonly heredocs: readonly Heredoc[];
  /** Offset in the file of a character of `text`. */
  sourceOffset(index: number): number;
}

export interface DockerfileLines {
  readonly source: SourceText;
  readonly escape: '\\' | '`';
  /** `# syntax=`, with its line. */
  readonly syntax: { readonly reference: string; readonly line: number } | null;
  readonly lines: readonly LogicalLine[];
  readonly problems: readonly Problem[];
}

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
const HEREDOC_INSTRUCTIONS = new Set(['run', 'copy', 'add']);

interface PhysicalLine {
  readonly offset: number;
  /** Without the line end. */
  readonly text: string;
}

/** Reads a Dockerfile as BuildKit's line reader does: directives, comments, continuation lines, here-documents. */
export function readLogicalLines(text: string): DockerfileLines {
  const source = sourceText(text);
  const physical = physicalLines(source);
  const problems: Problem[] = [];
  const directives = readDirectives(physical, problems);
  const continuation = directives.escape === '`' ? /(^|[^`])`[ \t]*$/ : /(^|[^\\])\\[ \t]*$/;
  const lines: LogicalLine[] = [];

  let at = 0;
  while (at < physical.length) {
    const first = physical[at];
    if (first === undefined) break;
    const line = at + 1;
    at++;
    const stripped = first.text.trimStart();
    if (stripped === '' || stripped.startsWith('#')) continue;

    const segments: { readonly index: number; readonly offset: number }[] = [];
    let joined = '';
    const append = (piece: string, offset: number): boolean => {
      const more = continuation.exec(piece);
      segments.push({ index: joined.length, offset });
      joined += more === null ? piece : piece.slice(0, more.index + (more[1] ?? '').length);
      return more !== null;
    };
    let open = append(stripped, first.offset + first.text.length - stripped.length);
    while (open && at < physical.length) {
      const next = physical[at];
      if (next === undefined) break;
      at++;
      const content = next.text.trim();
      // Comments and empty lines inside a continued instruction are skipped, not an end of it.
      if (content === '' || content.startsWith('#')) continue;
      open = append(next.text, next.offset);
    }
    if (joined.trim() === '') continue;

    const heredocs: Heredoc[] = [];
    for (const opened of openedHeredocs(joined, directives.escape)) {
      const start = at;
      let end = -1;
      for (let candidate = at; candidate < physical.length; candidate++) {
        const content = physical[candidate]?.text ?? '';
        if ((opened.chomp ? content.replace(/^\t+/, '') : content) === opened.name) {
          end = candidate;
          break;
        }
      }
      if (end === -1) {
        problems.push({
          code: 'heredoc-unterminated',
          severity: 'error',
          message: `The here-document "${opened.name}" that starts here has no end.`,
          hint: `Write ${opened.name} alone on a line after its text.`,
          line,
          column: source.placeOf(offsetOf(segments, opened.index)).column,
        });
        at = physical.length;
      } else {
        at = end + 1;
      }
      const body = physical.slice(start, end === -1 ? physical.length : end).map(each => each.text);
      heredocs.push({ name: opened.name, line: start + 1, body: body.join('\n') });
    }
    lines.push({ text: joined, line, heredocs, sourceOffset: index => offsetOf(segments, index) });
  }
  return { source, escape: directives.escape, syntax: directives.syntax, lines, problems };
}

function offsetOf(
  segments: readonly { readonly index: number; readonly offset: number }[],
  index: number,
): number {
  const segment = segments.findLast(each => each.index <= index) ?? segments[0];
  return segment === undefined ? 0 : segment.offset + (index - segment.index);
}

function physicalLines(source: SourceText): readonly PhysicalLine[] {
  const { text, lineStarts } = source;
  return lineStarts.map((start, index) => {
    const from = index === 0 && text.charCodeAt(0) === 0xfeff ? 1 : start;
    const next = lineStarts[index + 1];
    const raw = text.slice(from, next === undefined ? text.length : next - 1);
    return { offset: from, text: raw.endsWith('\r') ? raw.slice(0, -1) : raw };
  });
}

function readDirectives(
  lines: readonly PhysicalLine[],
  problems: Problem[],
): Pick<DockerfileLines, 'escape' | 'syntax'> {
  let escape: '\\' | '`' = '\\';
  let syntax: DockerfileLines['syntax'] = null;
  const seen = new Set<string>();
  for (const [index, { text }] of lines.entries()) {
    const match = DIRECTIVE.exec(text.trimStart());
    if (match === null) break;
    const name = (match[1] ?? '').toLowerCase();
    const value = match[2] ?? '';
    if (name !== 'escape' && name !== 'syntax' && name !== 'check') continue;
    const place = { line: index + 1, column: text.length - text.trimStart().length + 1 };
    if (seen.has(name)) {
      problems.push({
        code: 'directive-repeated',
        severity: 'error',
        message: `The directive "${name}" stands here a second time.`,
        hint: 'Keep one of the two.',
        ...place,
      });
      continue;
    }
    seen.add(name);
    if (name === 'syntax') syntax = { reference: value.split(/\s/)[0] ?? value, line: index + 1 };
    if (name !== 'escape') continue;
    if (value === '\\' || value === '`') escape = value;
    else {
      problems.push({
        code: 'directive-escape',
        severity: 'error',
        message: `"${value}" can't be the escape character.`,
        hint: 'Docker knows \\ and ` here.',
        ...place,
      });
    }
  }
  return { escape, syntax };
}

/** `<<EOF` words of `RUN`, `COPY` and `ADD`, also behind `ONBUILD`; the JSON form has none. */
function openedHeredocs(
  text: string,
  escape: string,
): readonly { name: string; chomp: boolean; index: number }[] {
  let start = text.length - text.trimStart().length;
  let keyword = /^\S+/.exec(text.slice(start))?.[0] ?? '';
  if (keyword.toLowerCase() === 'onbuild') {
    start += keyword.length;
    start += text.slice(start).length - text.slice(start).trimStart().length;
    keyword = /^\S+/.exec(text.slice(start))?.[0] ?? '';
  }
  if (!HEREDOC_INSTRUCTIONS.has(keyword.toLowerCase())) return [];
  const rest = splitFlags(text, start + keyword.length, escape).rest;
  if (jsonStrings(text.slice(rest)) !== null) return [];
  const found: { name: string; chomp: boolean; index: number }[] = [];
  for (const word of splitQuoted(text, start + keyword.length, escape)) {
    const match = /^\d*<<(-?)([^<]+)$/.exec(word.text);
    if (match === null) continue;
    const name = (match[2] ?? '').replace(/["']/g, '');
    if (name !== '') found.push({ name, chomp: match[1] === '-', index: word.start });
  }
  return found;
}
