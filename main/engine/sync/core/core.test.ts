import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DesiredTree, SyncRule, SyncScope, Tree, TreeEntry } from '../types.ts';
import { classify, judge } from './classify.ts';
import { diff, withOperation } from './diff.ts';
import { fingerprint, sameEntry } from './entries.ts';
import { batchLines } from './feed-lines.ts';
import { contextPath } from './rule-paths.ts';
import { createLatencies } from './statistics.ts';
import { anyOn, combined, imageIsOn, isOn, turned, type SwitchSubject, type SwitchTurn } from './switches.ts';

const file = (hash: string, mode = 0o644): TreeEntry => ({ type: 'file', mode, size: hash.length, hash });
const directory = (mode = 0o755): TreeEntry => ({ type: 'directory', mode });
const link = (target: string): TreeEntry => ({ type: 'symlink', target });
const rule = (source: string, target: string, kind: SyncRule['kind'] = 'directory'): SyncRule => ({
  source,
  target,
  kind,
  line: 1,
  chown: null,
  chmod: null,
});
const tree = (entries: Readonly<Record<string, TreeEntry>>): Map<string, TreeEntry> =>
  new Map(Object.entries(entries));
const desired = (entries: Tree): Pick<DesiredTree, 'tree' | 'sources' | 'owners' | 'rules'> => ({
  tree: entries,
  sources: new Map([...entries.keys()].map(path => [path, `/here${path}`])),
  owners: new Map(),
  rules: [rule('app', '/app')],
});
const steps = (applied: Tree, wanted: Tree, options = {}): string[] =>
  diff(applied, desired(wanted), options).map(({ op, path }) => `${op} ${path}`);

describe('the difference', () => {
  it.each<[string, Record<string, TreeEntry>, Record<string, TreeEntry>, string[]]>([
    ['nothing', { '/app/a': file('1') }, { '/app/a': file('1') }, []],
    ['an edit', { '/app/a': file('1') }, { '/app/a': file('2') }, ['file /app/a']],
    ['permissions', { '/app/a': file('1') }, { '/app/a': file('1', 0o755) }, ['mode /app/a']],
    [
      'deletions deepest first',
      { '/app': directory(), '/app/d': directory(), '/app/d/e': directory(), '/app/d/e/f': file('1') },
      { '/app': directory() },
      ['remove /app/d/e/f', 'remove /app/d/e', 'remove /app/d'],
    ],
    [
      'directories from the top, then files',
      {},
      { '/app/d/f': file('1'), '/app/d': directory(), '/app': directory(), '/app/a': file('2') },
      ['directory /app', 'directory /app/d', 'file /app/a', 'file /app/d/f'],
    ],
    [
      'a file becomes a directory',
      { '/app/x': file('1') },
      { '/app/x': directory(), '/app/x/y': file('2') },
      ['remove /app/x', 'directory /app/x', 'file /app/x/y'],
    ],
    [
      'a directory becomes a file',
      { '/app/x': directory(), '/app/x/y': file('2') },
      { '/app/x': file('1') },
      ['remove /app/x/y', 'remove /app/x', 'file /app/x'],
    ],
    ['a file becomes a link', { '/app/x': file('1') }, { '/app/x': link('y') }, ['symlink /app/x']],
    [
      'a directory becomes a link',
      { '/app/x': directory() },
      { '/app/x': link('y') },
      ['remove /app/x', 'symlink /app/x'],
    ],
    [
      'two files change places',
      { '/app/a': file('1'), '/app/b': file('2') },
      { '/app/a': file('2'), '/app/b': file('1') },
      ['file /app/a', 'file /app/b'],
    ],
    [
      'a name changes its case',
      { '/app/A': file('1') },
      { '/app/a': file('1') },
      ['remove /app/A', 'file /app/a'],
    ],
    [
      'a closed directory is filled before it is closed',
      {},
      { '/app/d': directory(0o555), '/app/d/f': file('1') },
      ['directory /app/d', 'file /app/d/f', 'mode /app/d'],
    ],
    ['what no rule covers any more stays', { '/etc/x': file('1') }, {}, []],
  ])('%s', (_, applied, wanted, expected) => {
    expect(steps(tree(applied), tree(wanted))).toEqual(expected);
  });

  it('what a pattern selected goes with its file; what no rule covers stays', () => {
    const applied = tree({ '/app/a': file('a'), '/etc/x.ini': file('x'), '/etc/y.ini': file('y') });
    const wanted = {
      ...desired(tree({ '/app/a': file('a') })),
      former: [rule('x.ini', '/etc/x.ini', 'file')],
    };
    expect(diff(applied, wanted).map(({ op, path }) => `${op} ${path}`)).toEqual(['remove /etc/x.ini']);
  });

  it('what is held is not touched, nor the directory above it', () => {
    const applied = tree({ '/app/d': directory(), '/app/d/f': file('theirs'), '/app/a': file('1') });
    expect(steps(applied, new Map(), { held: new Set(['/app/d/f']) })).toEqual(['remove /app/a']);
    expect(
      steps(applied, tree({ '/app/d': directory(), '/app/d/f': file('mine') }), {
        held: new Set(['/app/d/f', '/app/a']),
      }),
    ).toEqual([]);
  });

  it('looks only where it was told to', () => {
    const applied = tree({ '/app/a': file('1'), '/app/b': file('1'), '/app/c': file('1') });
    const wanted = tree({ '/app/a': file('2'), '/app/b': file('2') });
    expect(steps(applied, wanted, { only: new Set(['/app/b', '/app/c', '/app/none']) })).toEqual([
      'remove /app/c',
      'file /app/b',
    ]);
  });

  const names = fc.constantFrom('a', 'b', 'A', 'c d', '-x', 'ü');
  const path = fc.array(names, { minLength: 1, maxLength: 3 }).map(parts => `/app/${parts.join('/')}`);
  const entry: fc.Arbitrary<TreeEntry> = fc.oneof(
    fc
      .tuple(fc.constantFrom('1', '2', '3'), fc.constantFrom(0o644, 0o755))
      .map(([hash, mode]) => file(hash, mode)),
    fc.constantFrom(0o755, 0o555).map(directory),
    fc.constantFrom('x', '../y').map(link),
  );
  /** A tree that a file system can hold: what has something below it is a directory. */
  const wholeTree = fc.array(fc.tuple(path, entry), { maxLength: 14 }).map(entries => {
    const found = new Map(entries);
    for (const each of found.keys()) {
      const parts = each.split('/');
      for (let depth = 3; depth < parts.length; depth++) {
        const above = parts.slice(0, depth).join('/');
        if (found.get(above)?.type !== 'directory') found.set(above, directory());
      }
    }
    return found;
  });

  it('carried out, makes any tree into any other, each step possible on a file system', () => {
    fc.assert(
      fc.property(wholeTree, wholeTree, (from, to) => {
        const disk = new Map(from);
        for (const operation of diff(from, desired(to))) carryOut(disk, operation);
        expect(disk).toEqual(to);
        expect(diff(disk, desired(to))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('cut anywhere, is mended by the next', () => {
    fc.assert(
      fc.property(wholeTree, wholeTree, fc.nat(30), (from, to, cut) => {
        const disk = new Map(from);
        for (const operation of diff(from, desired(to)).slice(0, cut)) carryOut(disk, operation);
        for (const operation of diff(disk, desired(to))) carryOut(disk, operation);
        expect(disk).toEqual(to);
      }),
      { numRuns: 2_000 },
    );
  });

  /** As a file system would: throws where it would. */
  function carryOut(disk: Map<string, TreeEntry>, operation: ReturnType<typeof diff>[number]): void {
    const { op, path: at } = operation;
    const above = at.slice(0, at.lastIndexOf('/'));
    const has = disk.get(at);
    const below = [...disk.keys()].some(each => each.startsWith(`${at}/`));
    if (op === 'remove' && below) throw new Error(`${at} is not empty`);
    if (op !== 'remove' && above !== '/app' && disk.get(above)?.type !== 'directory')
      throw new Error(`${above} is no directory`);
    if ((op === 'file' || op === 'symlink') && has?.type === 'directory')
      throw new Error(`${at} is a directory`);
    if (op === 'directory' && has && has.type !== 'directory') throw new Error(`${at} is in the way`);
    withOperation(disk, operation);
  }
});

describe('the verdict', () => {
  const states: readonly (TreeEntry | undefined)[] = [
    undefined,
    file('1'),
    file('2'),
    file('3'),
    directory(),
    link('x'),
  ];
  const sentOf = (...entries: readonly (TreeEntry | undefined)[]) =>
    new Map(entries.length === 0 ? [] : [['/p', new Set(entries.map(fingerprint))]]);

  it.each<
    [
      string,
      TreeEntry | undefined,
      TreeEntry | undefined,
      TreeEntry | undefined,
      (TreeEntry | undefined)[],
      string,
    ]
  >([
    ['as the folder has it', file('1'), file('1'), file('2'), [], 'equal'],
    ['as the image has it, edited here', file('1'), file('2'), file('1'), [], 'send'],
    ['as we left it', file('2'), file('3'), file('1'), [file('2')], 'send'],
    ['changed inside', file('9'), file('1'), file('1'), [], 'drift'],
    ['changed inside after we sent it', file('9'), file('2'), file('1'), [file('2')], 'drift'],
    ['changed on both sides', file('9'), file('2'), file('1'), [], 'conflict'],
    ['deleted inside', undefined, file('1'), file('1'), [], 'drift'],
    ['deleted inside, edited here', undefined, file('2'), file('1'), [], 'send'],
    ['a missing directory', undefined, directory(), directory(), [], 'send'],
    ['new here', undefined, file('1'), undefined, [], 'send'],
    ['new on both sides', file('9'), file('1'), undefined, [], 'conflict'],
    ['deleted here, as the image has it', file('1'), undefined, file('1'), [], 'send'],
    ['deleted here, as we sent it', file('2'), undefined, undefined, [file('2')], 'send'],
    ['deleted here, changed inside', file('9'), undefined, file('1'), [], 'conflict'],
    ['made inside', file('9'), undefined, undefined, [], 'keep'],
    ['deleted by us, and here again', undefined, file('1'), file('1'), [undefined], 'send'],
    ['permissions alone', file('1', 0o600), file('1'), file('1'), [], 'send'],
  ])('%s', (_, actual, wanted, had, sent, verdict) => {
    const known = {
      baseline: had ? tree({ '/p': had }) : new Map<string, TreeEntry>(),
      journal: sentOf(...sent),
    };
    expect(classify('/p', actual, wanted, known)).toBe(verdict);
  });

  it('where no baseline is known the folder wins, and nothing else goes', () => {
    for (const actual of states)
      for (const wanted of states) {
        const verdict = classify('/p', actual, wanted, { baseline: null, journal: new Map() });
        if (sameEntry(actual, wanted)) expect(verdict).toBe('equal');
        else expect(verdict).toBe(wanted === undefined ? 'keep' : 'send');
      }
  });

  it('never lets go of content that only the container has', () => {
    for (const actual of states)
      for (const wanted of states)
        for (const had of states)
          for (const sent of states) {
            const known = {
              baseline: had ? tree({ '/p': had }) : new Map<string, TreeEntry>(),
              journal: sentOf(sent),
            };
            const verdict = classify('/p', actual, wanted, known);
            const elsewhere = [wanted, had, sent].some(each => fingerprint(each) === fingerprint(actual));
            if (actual !== undefined && !elsewhere) expect(['drift', 'conflict', 'keep']).toContain(verdict);
          }
  });

  it('of everything that was read', () => {
    const judged = judge(
      ['/app/a', '/app/b', '/app/c', '/app/gone'],
      tree({ '/app/a': file('1'), '/app/b': file('9'), '/app/c': file('own') }),
      tree({ '/app/a': file('1'), '/app/b': file('1'), '/app/gone': file('1') }),
      { baseline: tree({ '/app/b': file('1'), '/app/gone': file('1') }), journal: new Map() },
    );
    expect([...judged.applied.keys()]).toEqual(['/app/a', '/app/b']);
    expect([...judged.drift]).toEqual([
      ['/app/b', 'changed'],
      ['/app/gone', 'deleted'],
    ]);
  });
});

describe('switches', () => {
  const subject: SwitchSubject = {
    image: 'api',
    namespace: 'default',
    workload: { kind: 'Deployment', name: 'api' },
    pod: 'api-1',
    container: 'web',
  };
  const project: SyncScope = { level: 'project' };
  const image: SyncScope = { level: 'image', image: 'api' };
  const workload: SyncScope = { level: 'workload', namespace: 'default', kind: 'Deployment', name: 'api' };
  const pod: SyncScope = { level: 'pod', namespace: 'default', pod: 'api-1' };
  const container: SyncScope = { level: 'container', namespace: 'default', pod: 'api-1', container: 'web' };
  const all = [project, image, workload, pod, container];
  const turns = (...each: readonly [SyncScope, boolean][]): readonly SwitchTurn[] =>
    each.reduce<readonly SwitchTurn[]>((list, [scope, on]) => turned(list, scope, on), []);

  it('are off, and each can turn a container on', () => {
    expect(isOn([], subject)).toBe(false);
    for (const scope of all) expect(isOn(turns([scope, true]), subject)).toBe(true);
  });

  it('the narrower one that is set later wins; a wider one set later takes it along', () => {
    for (const [index, wide] of all.entries())
      for (const narrow of all.slice(index + 1)) {
        expect(isOn(turns([wide, true], [narrow, false]), subject)).toBe(false);
        expect(isOn(turns([narrow, false], [wide, true]), subject)).toBe(true);
      }
  });

  it('mean nobody else', () => {
    const others: SwitchSubject[] = [
      { ...subject, image: 'web', workload: { kind: 'Job', name: 'x' }, pod: 'x', container: 'x' },
      { ...subject, image: 'web', namespace: 'other' },
    ];
    for (const scope of all.slice(1))
      for (const other of others) expect(isOn(turns([scope, true]), other)).toBe(false);
  });

  it('of images count for pods that are yet to come', () => {
    expect(imageIsOn(turns([image, true], [pod, false]), 'api')).toBe(true);
    expect(imageIsOn(turns([project, true], [image, false]), 'api')).toBe(false);
    expect(imageIsOn(turns([project, true], [image, false]), 'web')).toBe(true);
  });

  it('are mixed where some are on; off altogether leaves nothing behind', () => {
    expect([
      combined([], false),
      combined([], true),
      combined([true, false], false),
      combined([true], false),
    ]).toEqual(['off', 'on', 'mixed', 'on']);
    expect(anyOn(turns([image, true], [project, false]))).toBe(false);
    expect(turns([image, true], [container, false], [project, false])).toEqual([]);
  });

  it('a list of them does not grow for ever', () => {
    let list: readonly SwitchTurn[] = [];
    for (let index = 0; index < 2_000; index++)
      list = turned(list, { level: 'pod', namespace: 'default', pod: `p${index}` }, true);
    expect(list.length).toBeLessThanOrEqual(500);
    expect(turned(turned([], pod, true), pod, false)).toHaveLength(1);
  });
});

describe('figures and lines', () => {
  it('are of the last fifty batches', () => {
    const latencies = createLatencies();
    expect(latencies.percentile(0.5)).toBeNull();
    for (let index = 0; index < 30; index++) latencies.add(1_000);
    for (let index = 1; index <= 50; index++) latencies.add(index);
    expect([latencies.percentile(0.5), latencies.percentile(0.95), latencies.percentile(1)]).toEqual([
      25, 48, 50,
    ]);
  });

  it('a path in the container comes from the last rule that covers it', () => {
    const rules = [rule('.', '/srv'), rule('app', '/srv/app'), rule('conf/x.ini', '/etc/x.ini', 'file')];
    expect(
      ['/srv/app/a', '/srv/b/c', '/etc/x.ini', '/etc/x.ini/y', '/srvx', '/srv'].map(path =>
        contextPath(rules, path),
      ),
    ).toEqual(['app/a', 'b/c', 'conf/x.ini', null, null, '.']);
    expect(contextPath([rule('app', '/')], '/x/y')).toBe('app/x/y');
  });

  it('tell of one file by its name, of many by their number', () => {
    const lines = (applied: Tree, wanted: Tree) =>
      batchLines(diff(applied, desired(wanted)), path => path.slice(1), { at: 'now', durationMs: 7.4 });
    expect(lines(new Map(), tree({ '/app/a': file('123') }))).toMatchObject({
      message: 'app/a in 7 ms',
      count: 1,
      bytes: 3,
      files: [{ file: 'app/a', action: 'sent' }],
    });
    expect(
      lines(
        tree({ '/app/x': file('1'), '/app/m': file('1') }),
        tree({ '/app/a': file('1'), '/app/b': file('2'), '/app/m': file('1', 0o755) }),
      ),
    ).toMatchObject({ message: '2 files, app/x deleted, app/m permissions in 7 ms', count: 4 });
    expect(lines(new Map(), tree({ '/app/d': directory() })).message).toBe('app/d in 7 ms');
  });
});
