import { setImmediate as nextTurn } from 'node:timers/promises';
import { Composer, Parser } from 'yaml';
import type { Document, ParsedNode } from 'yaml';
import { asLines } from './comment-ranges.ts';
import { kubectlYaml } from './yaml-values.ts';

/** One document of a YAML stream. Offsets are those of the text that was given. */
export interface YamlDocument {
  readonly document: Document.Parsed;
  readonly contents: ParsedNode | null;
  /** After the `---`. */
  readonly start: number;
  readonly end: number;
}

/** How long reading may hold the process before others get their turn. */
const TURN_MS = 15;

/** Reads a YAML or JSON stream document by document; a large one leaves room for everything else that the process does. */
export async function* readDocuments(text: string, signal?: AbortSignal): AsyncGenerator<YamlDocument> {
  const readable = parseable(text);
  let turn = performance.now();
  let end = 0;
  for (const document of new Composer(kubectlYaml).compose(
    new Parser().parse(readable),
    true,
    readable.length,
  )) {
    const [start, , to] = document.range;
    // Comments before the first key belong to the document; those before a `---` stay with the one above.
    const from = document.directives?.docStart === true ? start : end;
    end = to;
    const marker = /^---[^\S\n]*(?:#[^\n]*)?(?:\n|$)/.exec(readable.slice(from, Math.min(to, from + 1000)));
    yield {
      document,
      contents: document.contents,
      start: from + (marker?.[0].length ?? 0),
      end: to,
    };
    if (performance.now() - turn < TURN_MS) continue;
    signal?.throwIfAborted();
    await nextTurn();
    turn = performance.now();
  }
}

/** JSON may be indented by tabs, which YAML forbids; outside of strings they can become spaces, offsets stay. */
function parseable(text: string): string {
  const lines = asLines(text);
  return /^\uFEFF?\s*[[{]/.test(lines) && isJson(lines) ? lines.replace(/\t/g, ' ') : lines;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return true;
  } catch {
    return false;
  }
}
