import { isAlias, isMap, isScalar, visit } from 'yaml';
import type { Pair, YAMLError } from 'yaml';
import type { Problem } from '../errors/index.ts';
import type { YamlDocument } from './read-documents.ts';
import type { TextPlaces } from './text-places.ts';

/** At most so many per document: the first ones are the cause of the rest. */
const MOST = 5;

/** What is wrong with a document as YAML: errors of the parser, repeated keys, names of anchors that are not there. */
export function documentProblems({ document }: YamlDocument, places: TextPlaces): readonly Problem[] {
  const errors = document.errors.map(error => parserProblem(error, document, places));
  if (errors.length > 0) return errors.slice(0, MOST);
  const problems: Problem[] = [];
  const report = (offset: number | undefined, problem: Pick<Problem, 'code' | 'message' | 'hint'>): void => {
    problems.push({ severity: 'error', ...problem, ...places.placeOf(offset ?? 0) });
  };
  const anchors = new Set<string>();
  visit(document, (_, node) => {
    if (isAlias(node)) {
      if (!anchors.has(node.source)) {
        report(node.range?.[0], {
          code: 'unknown-anchor',
          message: `There is no anchor "&${node.source}" before this "*${node.source}".`,
          hint: 'A value that starts with "*" stands in quotes.',
        });
      }
      return undefined;
    }
    if (typeof node === 'object' && node !== null && 'anchor' in node && typeof node.anchor === 'string')
      anchors.add(node.anchor);
    if (isMap(node)) checkKeys(node.items, report, places);
    return problems.length >= MOST ? visit.BREAK : undefined;
  });
  return problems.slice(0, MOST);
}

type Report = (offset: number | undefined, problem: Pick<Problem, 'code' | 'message' | 'hint'>) => void;

function checkKeys(pairs: readonly Pair[], report: Report, places: TextPlaces): void {
  const seen = new Map<string, number | undefined>();
  for (const { key } of pairs) {
    if (!isScalar(key) || key.value === null) {
      report(rangeStart(key), {
        code: 'key-not-text',
        message: 'This key is no text.',
        hint: 'Keys of Kubernetes objects are plain words.',
      });
      continue;
    }
    // `<<` merges another mapping into this one and may stand twice; the parser makes it a symbol.
    if (typeof key.value === 'symbol') continue;
    const name = JSON.stringify(key.value).replace(/^"|"$/g, '');
    if (seen.has(name)) {
      report(rangeStart(key), {
        code: 'duplicate-key',
        message: `The key "${name}" stands here a second time; the first is in line ${places.placeOf(seen.get(name) ?? 0).line}.`,
        hint: 'Keep one of the two: kubectl would silently take the last.',
      });
    } else seen.set(name, rangeStart(key));
  }
}

function rangeStart(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined;
}

const MESSAGES: Partial<Record<YAMLError['code'], Pick<Problem, 'message' | 'hint'>>> = {
  TAB_AS_INDENT: { message: 'A tab stands where YAML wants spaces.', hint: 'Indent with spaces.' },
  BAD_INDENT: {
    message: 'The indentation fits nothing before it.',
    hint: 'Lines that belong together start in the same column.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A ":" stands here inside a value that began on this line.',
    hint: 'A value with ": " in it stands in quotes.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'A key has to end on its own line.',
    hint: 'Is a ":" missing, or a quote open?',
  },
  BLOCK_IN_FLOW: {
    message: 'A list or mapping by indentation stands inside of [ ] or { }.',
    hint: 'Is a bracket open, or a "," missing?',
  },
  MISSING_CHAR: { message: 'Something is never closed.', hint: 'Look for the other quote or bracket.' },
  UNEXPECTED_TOKEN: {
    message: 'This does not belong here.',
    hint: 'Is the line before it complete, and the indentation right?',
  },
};

function parserProblem(error: YAMLError, document: YamlDocument['document'], places: TextPlaces): Problem {
  const known = MESSAGES[error.code];
  const detail = (error.message.split('\n')[0] ?? '').replace(/[.\s]+$/, '');
  return {
    code: `yaml-${error.code.toLowerCase().replace(/_/g, '-')}`,
    severity: 'error',
    message: known === undefined ? `${detail}.` : `${known.message} (${detail})`,
    ...(known?.hint === undefined ? {} : { hint: known.hint }),
    ...places.placeOf(openQuote(error, document) ?? error.pos[0]),
  };
}

/** A quote that is never closed is noticed at the end of the file; where it was opened is what helps. */
function openQuote(error: YAMLError, document: YamlDocument['document']): number | null {
  if (error.code !== 'MISSING_CHAR') return null;
  let opened: number | null = null;
  visit(document, {
    Scalar(_, { type, range }) {
      const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (quoted && range && range[0] <= error.pos[0] && range[1] >= error.pos[0]) opened = range[0];
    },
  });
  return opened;
}
