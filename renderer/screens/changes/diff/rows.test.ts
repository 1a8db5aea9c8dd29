import { describe, expect, it } from 'vitest';
import { diffOf, ref } from '../../../testing/shop.ts';
import { changedSpans, countChanges, diffRows, folded } from './rows.ts';
import { isRewrite, lineOfSource } from './rewrites.ts';
import { wordsOf } from './yaml-words.ts';

const diff = diffOf(ref('Deployment', 'api', 'apps/v1'));
const rewrites = [{ name: 'api', reference: 'api:b3c3fbc' }];

describe('a comparison', () => {
  const rows = diffRows(diff.live, diff.applied, diff.rewrites);

  it('sets what Ptah rewrote apart from what the user edited', () => {
    expect(countChanges(rows)).toEqual({ rewrites: 1, edits: 4 });
    const rewritten = rows.filter(row => row.kind === 'change' && row.rewrite !== null);
    expect(rewritten).toMatchObject([
      { before: { text: '          image: api:9f04d1e' }, after: { text: '          image: api:b3c3fbc' } },
    ]);
    expect(rows.filter(row => row.kind === 'note')).toHaveLength(1);
  });

  it('sets the same key beside itself and leaves a gap where a side has no line', () => {
    const changes = rows.filter(row => row.kind === 'change');
    expect(changes.map(row => [row.before?.text.trim() ?? null, row.after?.text.trim() ?? null])).toEqual([
      ['replicas: 2', 'replicas: 3'],
      ['image: api:9f04d1e', 'image: api:b3c3fbc'],
      [null, '- name: ORDER_TIMEOUT'],
      [null, 'value: "30"'],
      ['memory: 256Mi', 'memory: 384Mi'],
    ]);
  });

  it('folds what is unchanged and names the keys in it', () => {
    const shown = folded(rows, new Set());
    const folds = shown.filter(row => row.kind === 'fold');
    expect(folds.length).toBeGreaterThan(0);
    expect(folds[0]).toMatchObject({ keys: ['apiVersion', 'kind', 'metadata'] });
    const open = folded(rows, new Set(folds.map(fold => fold.id)));
    expect(open).toHaveLength(rows.length);
  });

  it('does not fold an object that is equal as a whole', () => {
    const same = diffRows(diff.live, diff.live, []);
    expect(folded(same, new Set()).every(row => row.kind === 'same')).toBe(true);
  });

  it('shows a new object as added, its image as named by Ptah', () => {
    const created = diffRows(null, diff.applied, diff.rewrites);
    expect(created.every(row => row.kind === 'note' || (row.kind === 'change' && row.before === null))).toBe(
      true,
    );
    expect(countChanges(created).rewrites).toBe(1);
  });

  it('shows the file beside what was made of it', () => {
    expect(countChanges(diffRows(diff.source, diff.rewritten, diff.rewrites))).toEqual({
      rewrites: 1,
      edits: 0,
    });
  });
});

describe('a rewrite', () => {
  it.each([
    ['image: ptah://api', 'image: api:b3c3fbc', true],
    ['image: api:9f04d1e', 'image: api:b3c3fbc', true],
    ['image: "api:9f04d1e" # web', 'image: "api:b3c3fbc" # web', true],
    ['image: worker:9f04d1e', 'image: api:b3c3fbc', false],
    ['args: [api:9f04d1e, --fast]', 'args: [api:b3c3fbc, --slow]', false],
    ['image: my-api:9f04d1e', 'image: api:b3c3fbc', false],
    ['replicas: 2', 'replicas: 3', false],
    ['image: api:b3c3fbc', 'image: api:b3c3fbc', false],
  ])('%s → %s: %s', (before, after, expected) => {
    expect(isRewrite(before, after, rewrites)).toBe(expected);
  });

  it('takes the longest name', () => {
    const both = [...rewrites, { name: 'api-worker', reference: 'api-worker:1111111' }];
    expect(isRewrite('image: api-worker:0000000', 'image: api-worker:1111111', both)).toBe(true);
  });

  it('is found in the file', () => {
    expect(lineOfSource('a\nimage: ptah://api-worker\nimage: ptah://api\n', 'api', 10)).toBe(12);
    expect(lineOfSource('a\n', 'api', 10)).toBeNull();
  });
});

describe('a line', () => {
  it('marks whole words', () => {
    const [left, right] = changedSpans('  image: api:9f04d1e', '  image: api:b3c3fbc');
    expect('  image: api:9f04d1e'.slice(left.start, left.end)).toBe('api:9f04d1e');
    expect('  image: api:b3c3fbc'.slice(right.start, right.end)).toBe('api:b3c3fbc');
  });

  it('is cut where its colour or its mark changes, and nothing of it is lost', () => {
    const line = '        - name: DATABASE_HOST';
    const words = wordsOf(line, { start: 16, end: line.length });
    expect(words.map(word => word.text).join('')).toBe(line);
    expect(words.find(word => word.text === 'name')).toMatchObject({ syntax: 'k' });
    expect(words.at(-1)).toMatchObject({ text: 'DATABASE_HOST', syntax: 'v', changed: true });
    expect(wordsOf('# note', null)).toEqual([{ text: '# note', syntax: 'c', changed: false }]);
    expect(wordsOf('', null)).toEqual([]);
    expect(wordsOf('replicas: 3', null).at(-1)).toMatchObject({ syntax: 'n' });
  });
});
