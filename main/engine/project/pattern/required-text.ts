import type { PatternNode } from './syntax.ts';

/** A quick test that rules out most texts: every match holds the longest run of plain characters that the pattern can't do without. */
export function requiredText(root: PatternNode): (text: string) => boolean {
  const longest = runsOf(root).reduce<Run>(
    (best, run) => (run.text.length > best.text.length ? run : best),
    EMPTY,
  );
  if (longest.text === '') return () => true;
  if (!longest.ignoreCase) return text => text.includes(longest.text);
  const folded = longest.text.toLowerCase();
  // Beyond ASCII other characters count as `s`, `k` or `i` too; such texts are simply matched.
  return text => NOT_ASCII.test(text) || text.toLowerCase().includes(folded);
}

interface Run {
  readonly text: string;
  readonly ignoreCase: boolean;
}

const EMPTY: Run = { text: '', ignoreCase: false };
const NOT_ASCII = /[^\p{ASCII}]/u;

function runsOf(node: PatternNode): Run[] {
  if (node.kind === 'group' || node.kind === 'atomic') return runsOf(node.body);
  if (node.kind === 'repeat') return node.min > 0 ? runsOf(node.body) : [];
  if (node.kind === 'character')
    return node.literal === undefined ? [] : [{ text: node.literal, ignoreCase: node.ignoreCase === true }];
  if (node.kind !== 'sequence') return [];
  const runs: Run[] = [];
  let current = EMPTY;
  for (const item of node.items) {
    if (item.kind === 'character' && item.literal !== undefined) {
      const ignoreCase = item.ignoreCase === true;
      if (current.text !== '' && current.ignoreCase !== ignoreCase) {
        runs.push(current);
        current = EMPTY;
      }
      current = { text: current.text + item.literal, ignoreCase };
      continue;
    }
    runs.push(current, ...runsOf(item));
    current = EMPTY;
  }
  return [...runs, current];
}
