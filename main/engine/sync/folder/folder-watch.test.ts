import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  chmodSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createContentIndex } from '../../content/index.ts';
import { dockerfileHash } from './read-images.ts';
import { inotifyWatches, told, watchProject } from './testing.ts';
import type { WatchedProject } from './testing.ts';

const DOCKERFILE = 'FROM scratch\nWORKDIR /app\nCOPY . .\n';
const open: WatchedProject[] = [];

async function project(...given: Parameters<typeof watchProject>): Promise<WatchedProject> {
  const made = await watchProject(...given);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

const patience = { timeout: 20_000, interval: 5 };

function sizeOf(folder: WatchedProject, path: string): number | undefined {
  const entry = folder.tree().get(path);
  return entry?.type === 'file' ? entry.size : undefined;
}

describe('the first look', () => {
  it('gives the files as COPY places them', async () => {
    const folder = await project({
      Dockerfile:
        'FROM scratch\nARG TO=/srv\nWORKDIR /srv/app\nCOPY src $TO/app/\nCOPY --chown=7:8 --chmod=600 ["my file", "./x y"]\nADD etc /etc\n',
      'src/main.py': 'print()',
      'src/sub/a.py': '',
      'my file': 'mine',
      'etc/b.tar.gz': 'no archive',
      'docs/readme': 'outside',
    });
    const desired = folder.watch.trees().get('app');
    expect([...(desired?.tree.keys() ?? [])].sort()).toEqual([
      '/etc/b.tar.gz',
      '/srv/app/main.py',
      '/srv/app/sub',
      '/srv/app/sub/a.py',
      '/srv/app/x y',
    ]);
    expect(desired?.tree.get('/srv/app/x y')).toMatchObject({ type: 'file', mode: 0o600, size: 4 });
    expect([...(desired?.owners ?? [])]).toEqual([['/srv/app/x y', '7:8']]);
    expect(desired?.sources.get('/srv/app/x y')).toBe(folder.path('my file'));
    expect(desired?.rules.map(({ source, target }) => [source, target])).toEqual([
      ['src', '/srv/app'],
      ['my file', '/srv/app/x y'],
      ['etc', '/etc'],
    ]);
    expect(desired?.reference).toBe('app:1');
  });

  it('lets the last rule win, also a file over a directory', async () => {
    const folder = await project({
      Dockerfile: 'FROM scratch\nCOPY a /x/\nCOPY b /x/\n',
      'a/same': 'a',
      'a/thing/below': 'gone',
      'b/same': 'of b',
      'b/thing': 'a file',
    });
    expect(sizeOf(folder, '/x/same')).toBe(4);
    expect(folder.tree().get('/x/thing')).toMatchObject({ type: 'file', size: 6 });
    expect(folder.tree().has('/x/thing/below')).toBe(false);
    folder.write('a/same', 'no longer seen');
    folder.write('b/same', 'seen');
    await vi.waitFor(() => expect(folder.changes.at(-1)?.paths.get('app')).toContain('/x/same'), patience);
    await folder.settled();
  });

  it('keeps links that stay, holds those that leave', async () => {
    const folder = await project({
      Dockerfile: 'FROM scratch\nCOPY src /app\nCOPY current /now\n',
      'src/a/b': 'x',
    });
    symlinkSync('a/b', folder.path('src/inside'));
    symlinkSync('/app/a', folder.path('src/absolute'));
    symlinkSync('../../etc/passwd', folder.path('src/leaves'));
    symlinkSync('/etc/passwd', folder.path('src/far'));
    symlinkSync('src/a', folder.path('current'));
    await folder.settled();
    await vi.waitFor(() => expect(folder.tree().has('/now/b')).toBe(true), patience);
    const desired = folder.watch.trees().get('app');
    expect(folder.tree().get('/app/inside')).toEqual({ type: 'symlink', target: 'a/b' });
    expect(folder.tree().get('/app/absolute')).toEqual({ type: 'symlink', target: '/app/a' });
    expect([...(desired?.held ?? [])].sort()).toEqual(['/app/far', '/app/leaves']);
    expect(desired?.problems.map(({ code, file }) => [code, file])).toEqual([
      ['link-leaves', 'src/far'],
      ['link-leaves', 'src/leaves'],
    ]);
  });

  it('takes a link for the container’s: from one synced folder into another, and over other links', async () => {
    const folder = await project({
      Dockerfile: 'FROM scratch\nCOPY src /app\nCOPY shared /opt/shared\nCOPY one.cfg /etc/app/one.cfg\n',
      'src/deep/er/b': 'x',
      'shared/c': 'y',
      'one.cfg': 'z',
    });
    const links = {
      across: '../opt/shared/c',
      config: '/etc/app/one.cfg',
      beside: '/etc/app/two.cfg',
      missing: '/opt/shared/not-yet',
      jump: 'deep/er',
      // written here that is /app/b, but the container goes by /app/deep/er
      behind: 'jump/../er/b',
      sly: 'jump/../../../etc/passwd',
      out: '/etc/passwd',
      second: 'out',
      circle: 'circle',
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, folder.path(`src/${name}`));
    symlinkSync('../../app/deep', folder.path('shared/back'));
    await folder.settled();
    await vi.waitFor(() => expect(folder.tree().has('/opt/shared/back')).toBe(true), patience);
    const kept = [...folder.tree()].filter(([, { type }]) => type === 'symlink').map(([path]) => path);
    expect(kept.sort()).toEqual([
      '/app/across',
      '/app/behind',
      '/app/circle',
      '/app/config',
      '/app/jump',
      '/app/missing',
      '/opt/shared/back',
    ]);
    const held = () => [...(folder.watch.trees().get('app')?.held ?? [])].sort();
    expect(held()).toEqual(['/app/beside', '/app/out', '/app/second', '/app/sly']);
    // the folder that it leads into is synced no longer: what stayed leaves now
    folder.write('Dockerfile', 'FROM scratch\nCOPY src /app\nCOPY shared /opt/shared\n');
    await vi.waitFor(() => expect(held()).toContain('/app/config'), patience);
    await folder.settled();
  });

  it('says what it could not read, and keeps the rest', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, 'ok.txt': 'x' });
    writeFileSync(Buffer.concat([Buffer.from(`${folder.path('')}/`), Buffer.from([0x62, 0xff])]), 'x');
    folder.write('later.txt', 'y');
    await vi.waitFor(() => expect(folder.tree().has('/app/later.txt')).toBe(true), patience);
    await vi.waitFor(
      () =>
        expect(
          folder.watch
            .trees()
            .get('app')
            ?.problems.map(({ code }) => code),
        ).toEqual(['unencodable-name']),
      patience,
    );
    expect(folder.tree().has('/app/ok.txt')).toBe(true);
  });
});

describe('what people do to files', () => {
  it('sees an edit in place, and says which path', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, 'src/a.py': 'one', 'src/b.py': 'b' });
    const before = folder.changes.length;
    folder.write('src/a.py', 'another');
    await vi.waitFor(() => expect(sizeOf(folder, '/app/src/a.py')).toBe(7), patience);
    expect(folder.changes.slice(before).flatMap(({ paths }) => paths.get('app') ?? [])).toEqual([
      '/app/src/a.py',
    ]);
    expect(folder.changes.at(-1)?.bulk).toBe(false);
  });

  it.each([
    [
      'vim',
      (folder: WatchedProject) => {
        folder.write('src/4913', '');
        rmSync(folder.path('src/4913'));
        renameSync(folder.path('src/a.py'), folder.path('src/a.py~'));
        folder.write('src/a.py', 'saved');
        rmSync(folder.path('src/a.py~'));
      },
    ],
    [
      'JetBrains',
      (folder: WatchedProject) => {
        folder.write('src/a.py___jb_tmp___', 'saved');
        renameSync(folder.path('src/a.py'), folder.path('src/a.py___jb_old___'));
        renameSync(folder.path('src/a.py___jb_tmp___'), folder.path('src/a.py'));
        rmSync(folder.path('src/a.py___jb_old___'));
      },
    ],
    [
      'a hard link as backup',
      (folder: WatchedProject) => {
        linkSync(folder.path('src/a.py'), folder.path('src/a.bak'));
        folder.write('src/new', 'saved');
        renameSync(folder.path('src/new'), folder.path('src/a.py'));
        rmSync(folder.path('src/a.bak'));
      },
    ],
  ])('sees how %s saves', async (_name, save) => {
    const folder = await project({ Dockerfile: DOCKERFILE, 'src/a.py': 'before it' });
    for (let round = 0; round < 5; round++) {
      save(folder);
      await folder.settled();
    }
    expect(sizeOf(folder, '/app/src/a.py')).toBe(5);
    expect([...folder.tree().keys()].sort()).toEqual(['/app/Dockerfile', '/app/src', '/app/src/a.py']);
  });

  it('creates, renames and deletes files and folders, swaps, changes types and modes', async () => {
    const folder = await project({
      Dockerfile: DOCKERFILE,
      'a/1': 'a1',
      'b/1': 'b1',
      'b/deep/er/2': 'x',
      Readme: 'r',
      thing: 'file',
    });
    const steps: readonly (() => void)[] = [
      () => renameSync(folder.path('Readme'), folder.path('README')),
      () => {
        renameSync(folder.path('a'), folder.path('t'));
        renameSync(folder.path('b'), folder.path('a'));
        renameSync(folder.path('t'), folder.path('b'));
      },
      () => folder.write('a/deep/er/2', 'written after the swap'),
      () => folder.write('b/1', 'also'),
      () => {
        rmSync(folder.path('thing'));
        folder.write('thing/inside', 'directory now');
      },
      () => {
        rmSync(folder.path('thing'), { recursive: true });
        folder.write('thing', 'file again');
      },
      () => chmodSync(folder.path('thing'), 0o755),
      () => chmodSync(folder.path('a'), 0o700),
      () => mkdirSync(folder.path('empty/dir'), { recursive: true }),
      () => renameSync(folder.path('a'), folder.path('empty/moved')),
      () => folder.write('empty/moved/deep/er/2', 'in its new place'),
      () => rmSync(folder.path('empty'), { recursive: true }),
      () => {
        mkdirSync(folder.path('again'));
        rmSync(folder.path('again'), { recursive: true });
        mkdirSync(folder.path('again'));
        folder.write('again/x', '1');
      },
      () => folder.write('again/x', 'seen by the new watch'),
    ];
    for (const step of steps) {
      step();
      await folder.settled();
    }
    expect(sizeOf(folder, '/app/again/x')).toBe(21);
  });

  it('takes names as they are', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE });
    const names = ['a b', 'qu"o\'te', 'new\nline', '-rf', 'żółć 日本.txt', '$(x)', '\u{1f600}', '*'];
    for (const name of names) folder.write(`in/${name}`, name);
    await folder.settled();
    for (const name of names) folder.write(`in/${name}`, `${name}!`);
    await folder.settled();
    for (const name of names) expect(folder.tree().get(`/app/in/${name}`)).toMatchObject({ type: 'file' });
  });

  it('waits for what is half-written: truncate, then write', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, a: 'content', zero: 'to be emptied' });
    const seen = new Set<number | undefined>();
    folder.watch.onChange(() => seen.add(sizeOf(folder, '/app/a')));
    for (let round = 1; round <= 20; round++) {
      truncateSync(folder.path('a'), 0);
      await new Promise(resolve => setTimeout(resolve, 3));
      writeFileSync(folder.path('a'), 'x'.repeat(round));
    }
    truncateSync(folder.path('zero'), 0);
    await folder.settled();
    expect(sizeOf(folder, '/app/zero')).toBe(0);
    expect(sizeOf(folder, '/app/a')).toBe(20);
  });

  it('goes by content, not by time', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, a: 'one' });
    utimesSync(folder.path('a'), 1000, 1000);
    await folder.settled();
    writeFileSync(folder.path('a'), 'two');
    utimesSync(folder.path('a'), 1000, 1000);
    await folder.settled();
    const before = folder.changes.length;
    writeFileSync(folder.path('a'), 'two');
    folder.write('b', 'a sign that the events came');
    await folder.settled();
    expect(folder.changes.slice(before).flatMap(({ paths }) => paths.get('app') ?? [])).not.toContain(
      '/app/a',
    );
  });

  it('hashes a large file in pieces, small ones meanwhile', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, big: 'x', small: 's' });
    const bytes = Buffer.alloc(64 << 20, 7);
    writeFileSync(folder.path('big'), bytes);
    folder.write('small', 'small one');
    await vi.waitFor(() => expect(sizeOf(folder, '/app/small')).toBe(9), patience);
    await folder.settled();
    expect(sizeOf(folder, '/app/big')).toBe(bytes.length);
  });
});

describe('a large file', () => {
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  const hashOf = (folder: WatchedProject, path: string): string | undefined => {
    const entry = folder.tree().get(path);
    return entry?.type === 'file' ? entry.hash : undefined;
  };

  it('is given to readers while it is hashed, and its tree then has the hash of just these bytes', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, big: 'x' });
    const read: { chunks: Buffer[]; hash?: string | null; path: string }[] = [];
    folder.watch.onLarge(({ path, image }) => {
      expect(image).toBe('app');
      const mine: (typeof read)[number] = { chunks: [], path };
      read.push(mine);
      return [
        {
          write: chunk => void mine.chunks.push(chunk),
          end: hash => void (mine.hash = hash),
        },
      ];
    });
    const bytes = randomBytes(5 << 20);
    writeFileSync(folder.path('big'), bytes);
    await vi.waitFor(() => expect(hashOf(folder, '/app/big')).toBe(sha256(bytes)), patience);
    const taken = read.filter(({ hash }) => typeof hash === 'string');
    expect(taken).toHaveLength(1);
    expect(taken[0]?.path).toBe('/app/big');
    expect(taken[0]?.hash).toBe(sha256(bytes));
    expect(Buffer.concat(taken[0]?.chunks ?? []).equals(bytes)).toBe(true);
    expect(read.every(({ hash }) => hash !== undefined)).toBe(true);
  });

  it('that is written with pauses ends as it was written last, and its readers have just these bytes', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, big: 'x' });
    const taken: { hash: string; bytes: string }[] = [];
    folder.watch.onLarge(() => {
      const bytes = createHash('sha256');
      return [
        {
          write(chunk, release) {
            bytes.update(chunk);
            // what is read next comes into this memory
            chunk.fill(0);
            release();
            return undefined;
          },
          end: hash => void (hash !== null && taken.push({ hash, bytes: bytes.digest('hex') })),
        },
      ];
    });
    const bytes = randomBytes(6 << 20);
    writeFileSync(folder.path('big'), bytes);
    const file = openSync(folder.path('big'), 'r+');
    // pauses after which it is read already, and before which it does not count
    for (let round = 0; round < 60; round++) {
      const part = randomBytes(16);
      const at = (round * 7919 * 4096) % (bytes.length - part.length);
      part.copy(bytes, at);
      writeSync(file, part, 0, part.length, at);
      await new Promise(resolve => setTimeout(resolve, round % 12));
    }
    closeSync(file);
    await vi.waitFor(() => expect(hashOf(folder, '/app/big')).toBe(sha256(bytes)), patience);
    expect(taken.at(-1)?.hash).toBe(sha256(bytes));
    for (const { hash, bytes: read } of taken) expect(read).toBe(hash);
    await folder.settled();
  });

  it('that is changed while it is read is read again, and what was read is thrown away', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, big: 'x' });
    const bytes = randomBytes(8 << 20);
    const ends: (string | null)[] = [];
    folder.watch.onLarge(() => {
      let chunks = 0;
      return [
        {
          write() {
            if (ends.length > 0 || chunks++ > 0) return undefined;
            bytes.fill(1, 0, 100);
            writeFileSync(folder.path('big'), bytes);
            return new Promise(resolve => setTimeout(resolve, 20));
          },
          end: hash => void ends.push(hash),
        },
      ];
    });
    writeFileSync(folder.path('big'), bytes);
    await vi.waitFor(() => expect(hashOf(folder, '/app/big')).toBe(sha256(bytes)), patience);
    expect(ends[0]).toBeNull();
    expect(ends.at(-1)).toBe(sha256(bytes));
  });

  it('that is new comes whole: no part of it is ever in the tree', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE });
    const part = randomBytes(2 << 20);
    const seen = new Set<string>();
    folder.watch.onChange(() => {
      const hash = hashOf(folder, '/app/sub/big');
      if (hash !== undefined) seen.add(hash);
    });
    folder.write('sub/big', part);
    for (let count = 0; count < 10; count++) {
      appendFileSync(folder.path('sub/big'), part);
      await new Promise(resolve => setTimeout(resolve, 3));
    }
    const whole = sha256(Buffer.concat(Array.from({ length: 11 }, () => part)));
    await vi.waitFor(() => expect(hashOf(folder, '/app/sub/big')).toBe(whole), patience);
    // a machine under load may stand still between two pieces for longer than a file is waited for
    for (const hash of seen) {
      const pieces = Array.from({ length: 11 }, (_, at) =>
        sha256(Buffer.concat(Array.from({ length: at + 1 }, () => part))),
      );
      expect(pieces).toContain(hash);
    }
    await folder.settled();
  });
});

describe('what happens while a listing is made', () => {
  const large = randomBytes(2 << 20);
  const sizeOfBig = (folder: WatchedProject) => sizeOf(folder, '/app/big');

  it('a new large file that is still being written is not lost', async () => {
    const index = createContentIndex();
    let folder: WatchedProject | null = null;
    let step = 0;
    folder = await project(
      { Dockerfile: DOCKERFILE, other: 'x' },
      {
        index: {
          ...index,
          ahead(...asked) {
            // it was small when it was looked at, and has grown by the time that it is read
            if (step === 1) writeFileSync(folder?.path('big') ?? '', large);
            return index.ahead(...asked);
          },
          *read(entry, path, ...how) {
            const digest = yield* index.read(entry, path, ...how);
            if (step === 1 && String(path).endsWith('/big')) {
              step = 2;
              appendFileSync(path, 'the end');
            }
            return digest;
          },
        },
      },
    );
    step = 1;
    folder.write('big', 'begun');
    await vi.waitFor(() => expect(sizeOfBig(folder)).toBe(large.length + 7), patience);
    expect(step).toBe(2);
    await folder.settled();
  });

  it('a file that comes back just after its absence was listed is not taken for an ignored one', async () => {
    const index = createContentIndex();
    let armed = false;
    const folder: WatchedProject = await project(
      { Dockerfile: DOCKERFILE, a: 'before', '.dockerignore': '*.log' },
      {
        index: {
          ...index,
          async ahead(...asked) {
            const look = await index.ahead(...asked);
            if (armed) folder.write('a', 'after it');
            armed = false;
            return look;
          },
        },
      },
    );
    armed = true;
    rmSync(folder.path('a'));
    await vi.waitFor(() => expect(sizeOf(folder, '/app/a')).toBe(8), patience);
    expect(armed).toBe(false);
  });
});

describe('many at once', () => {
  it('tells of a new folder before it looks for an image in it', async () => {
    let wait: Promise<null> | null = null;
    const folder = await project({ Dockerfile: DOCKERFILE, a: 'a' }, { built: async () => wait });
    const looked = Promise.withResolvers<null>();
    wait = looked.promise;
    mkdirSync(folder.path('fresh'));
    await vi.waitFor(() => expect(folder.tree().has('/app/fresh')).toBe(true), patience);
    expect(folder.changes.at(-1)?.paths.get('app')).toEqual(['/app/fresh']);
    looked.resolve(null);
    wait = null;
    folder.write('fresh/Dockerfile', 'FROM scratch\nCOPY . /fresh\n');
    folder.write('fresh/x', 'x');
    await vi.waitFor(() => expect([...folder.watch.trees().keys()].sort()).toContain('fresh'), patience);
    await folder.settled();
  });

  it('misses nothing in a storm of new folders', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE });
    for (let round = 0; round < 15; round++) {
      for (let at = 0; at < 10; at++) folder.write(`r${round}/a/b/c/d${at}/e/f`, `${round} ${at}`);
      await new Promise(resolve => setTimeout(resolve, round % 4));
    }
    await folder.settled();
    expect([...folder.tree().keys()].filter(path => path.endsWith('/f'))).toHaveLength(150);
    folder.write('r3/a/b/c/d4/e/f', 'watched');
    await folder.settled();
  });

  it('takes a checkout of 5,000 files as few batches', async () => {
    const files: Record<string, string> = { Dockerfile: DOCKERFILE };
    for (let at = 0; at < 5000; at++) files[`d${at % 100}/f${at}`] = `main ${at}`;
    const folder = await project(files);
    const before = folder.changes.length;
    for (let at = 0; at < 5000; at++) {
      if (at % 5 === 0) rmSync(folder.path(`d${at % 100}/f${at}`));
      else folder.write(`d${at % 100}/f${at}`, `branch ${at}`);
      if (at % 7 === 0) folder.write(`n${at % 40}/f${at}`, 'new');
    }
    await folder.settled();
    const changes = folder.changes.slice(before);
    // how the events are cut into batches is the machine's load's doing, too
    expect(changes.length).toBeLessThan(100);
  });

  it('holds still while git changes the folder, but not for long', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, a: '1' }, {}, ['.git/HEAD']);
    const lock = join(folder.root, '.git', 'index.lock');
    writeFileSync(lock, '');
    folder.write('a', 'half a checkout');
    await vi.waitFor(() => expect(folder.states.at(-1)?.barrier).toMatch(/git/), patience);
    expect(sizeOf(folder, '/app/a')).toBe(1);
    rmSync(lock);
    await folder.settled();
    await vi.waitFor(() => expect(folder.states.at(-1)?.barrier).toBe(null), patience);
    // One that a killed git left behind.
    writeFileSync(lock, '');
    utimesSync(lock, 1000, 1000);
    folder.write('a', 'not held');
    await folder.settled();
    expect(folder.states.filter(({ barrier }) => barrier !== null)).toHaveLength(1);
  });
});

describe('what decides which files', () => {
  it('follows .dockerignore', async () => {
    const folder = await project({
      Dockerfile: DOCKERFILE,
      'keep.py': 'k',
      'logs/a.log': 'l',
      'logs/b.txt': 'b',
    });
    folder.write('.dockerignore', 'logs\n');
    await folder.settled();
    expect(folder.tree().has('/app/logs/a.log')).toBe(false);
    folder.write('logs/c.log', 'ignored');
    folder.write('.dockerignore', '*\n!logs/sub/*.txt\n!Dockerfile\n');
    await folder.settled();
    expect([...folder.tree().keys()]).toEqual(['/app/Dockerfile']);
    // In folders that are in no context yet.
    folder.write('logs/sub/deep.txt', 'again');
    await folder.settled();
    expect(folder.tree().has('/app/logs/sub/deep.txt')).toBe(true);
    rmSync(folder.path('.dockerignore'));
    await folder.settled();
    expect(folder.tree().has('/app/logs/c.log')).toBe(true);
  });

  it('does not watch what is ignored', async () => {
    const files: Record<string, string> = { Dockerfile: DOCKERFILE, '.dockerignore': 'node_modules\n.git\n' };
    for (let at = 0; at < 50; at++) files[`node_modules/m${at}/index.js`] = 'x';
    const before = inotifyWatches();
    const folder = await project({ ...files, 'src/a/b': 'x' });
    // The project's root, the context, src and src/a.
    expect(inotifyWatches() - before).toBe(4);
    await folder.close();
    open.pop();
    expect(inotifyWatches()).toBe(before);
  });

  it('follows the Dockerfile, also while an editor replaces it', async () => {
    const folder = await project({ Dockerfile: 'FROM scratch\nCOPY a /x/\n', a: 'a', b: 'b' });
    renameSync(folder.path('Dockerfile'), folder.path('Dockerfile~'));
    folder.write('Dockerfile', 'FROM scratch\nCOPY a b /y/\n');
    rmSync(folder.path('Dockerfile~'));
    await folder.settled();
    await vi.waitFor(() => expect([...folder.tree().keys()].sort()).toEqual(['/y/a', '/y/b']), patience);
    folder.write('Dockerfile', '');
    folder.write('b', 'meanwhile');
    await vi.waitFor(() => expect(sizeOf(folder, '/y/b')).toBe(9), patience);
    folder.write('Dockerfile', 'FROM scratch\nCOPY b /z/\n');
    await vi.waitFor(() => expect([...folder.tree().keys()]).toEqual(['/z/b']), patience);
    expect(folder.changes.every(({ images }) => images.includes('app'))).toBe(true);
  });

  it('knows what a pattern selected and does not any more: by itself, and from the build', async () => {
    const files = { Dockerfile: 'FROM scratch\nCOPY *.py lib/* one.txt /x/\nCOPY data /data\n', 'a.py': 'a' };
    const rules = [
      { source: 'old.py', target: '/x/old.py', line: 2, kind: 'file' as const },
      { source: 'data', target: '/else', line: 3, kind: 'directory' as const },
    ].map(each => ({ ...each, instruction: 'COPY' as const, chown: null, chmod: null }));
    const old = { path: 'old.py', type: 'file', mode: 0o644, size: 1, content: 'x' } as const;
    const folder = await project(
      { ...files, 'b.py': 'b', 'one.txt': '1', 'lib/deep/c': 'c', 'data/d': 'd' },
      {
        built: async () => {
          await Promise.resolve();
          return { entries: new Map([['old.py', old]]), dockerfile: dockerfileHash(files.Dockerfile), rules };
        },
      },
    );
    const former = () =>
      (folder.watch.trees().get('app')?.former ?? []).map(({ source, target }) => [source, target]);
    const outside = () =>
      folder.watch
        .trees()
        .get('app')
        ?.outside.map(({ file }) => file);
    await vi.waitFor(() => expect(former()).toEqual([['old.py', '/x/old.py']]), patience);
    expect(outside()).not.toContain('old.py');
    renameSync(folder.path('b.py'), folder.path('c.py'));
    rmSync(folder.path('lib/deep'), { recursive: true });
    await vi.waitFor(() => expect(folder.tree().has('/x/c.py')).toBe(true), patience);
    await vi.waitFor(
      () =>
        expect(former()).toEqual([
          ['b.py', '/x/b.py'],
          ['lib/deep', '/x'],
          ['old.py', '/x/old.py'],
        ]),
      patience,
    );
    expect(folder.tree().has('/x/b.py')).toBe(false);
    renameSync(folder.path('c.py'), folder.path('b.py'));
    await vi.waitFor(() => expect(former()).toContainEqual(['c.py', '/x/c.py']), patience);
    expect(former()).not.toContainEqual(['b.py', '/x/b.py']);
    // another Dockerfile: what was selected by the one before is for a build to take away
    folder.write('Dockerfile', 'FROM scratch\nCOPY *.py /y/\n');
    await vi.waitFor(() => expect(folder.tree().has('/y/b.py')).toBe(true), patience);
    expect(former()).toEqual([]);
    await folder.settled();
  });

  it('finds images that come, forgets those that go', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, a: 'a' });
    mkdirSync(join(folder.root, 'other'));
    writeFileSync(join(folder.root, 'other', 'x'), 'x');
    writeFileSync(join(folder.root, 'other', 'Dockerfile'), 'FROM scratch\nCOPY x /\n');
    await vi.waitFor(() => expect(folder.tree('other').has('/x')).toBe(true), patience);
    rmSync(join(folder.root, 'other'), { recursive: true });
    await vi.waitFor(() => expect([...folder.watch.trees().keys()]).toEqual(['app']), patience);
    expect(folder.changes.at(-1)?.images).toEqual(['other']);
  });

  it('names what needs a rebuild', async () => {
    const files = {
      Dockerfile: 'FROM scratch\nCOPY src /app\n',
      'src/a': 'a',
      'setup.cfg': 'old',
      gone: 'x',
    };
    const first = await project(files);
    const { listContext } = await import('../../content/index.ts');
    const listing = await listContext({ root: first.path('') });
    const built = {
      entries: new Map(listing.entries.map(entry => [entry.path, entry])),
      dockerfile: dockerfileHash(files.Dockerfile),
      rules: [],
    };
    const folder = await project(files, { built: () => Promise.resolve(built) });
    const outside = () =>
      folder.watch
        .trees()
        .get('app')
        ?.outside.map(({ file }) => file);
    expect(outside()).toEqual([]);
    folder.write('setup.cfg', 'new');
    folder.write('src/a', 'covered');
    await vi.waitFor(() => expect(outside()).toEqual(['setup.cfg']), patience);
    rmSync(folder.path('gone'));
    folder.write('more', 'x');
    await vi.waitFor(() => expect(outside()).toEqual(['gone', 'more', 'setup.cfg']), patience);
    folder.write('setup.cfg', 'old');
    rmSync(folder.path('more'));
    folder.write('gone', 'x');
    await vi.waitFor(() => expect(outside()).toEqual([]), patience);
    folder.write('Dockerfile', 'FROM scratch\nENV A=b\nCOPY src /app\n');
    await vi.waitFor(() => expect(outside()).toEqual(['Dockerfile']), patience);
  });
});

describe('faults', () => {
  it('keeps its trees while the folder is gone, and finds it again', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, 'a/b': 'x' });
    renameSync(folder.root, `${folder.root}-away`);
    await vi.waitFor(() => expect(folder.states.at(-1)?.mode).toBe('off'), patience);
    expect(sizeOf(folder, '/app/a/b')).toBe(1);
    writeFileSync(join(`${folder.root}-away`, 'app', 'a', 'b'), 'changed elsewhere');
    renameSync(`${folder.root}-away`, folder.root);
    await vi.waitFor(() => expect(sizeOf(folder, '/app/a/b')).toBe(17), patience);
    await vi.waitFor(() => expect(folder.states.at(-1)?.mode).toBe('watches'), patience);
    folder.write('a/b', 'watched again');
    await folder.settled();
  });

  it('keeps the tree of a context that is deleted and put back', async () => {
    const folder = await project({ Dockerfile: DOCKERFILE, 'a/b': 'x' });
    const before = told(folder.tree());
    renameSync(folder.path('a'), join(folder.root, 'kept'));
    await folder.settled();
    renameSync(join(folder.root, 'kept'), folder.path('a'));
    await folder.settled();
    expect(told(folder.tree())).toBe(before);
  });

  it('looks at everything after the machine slept', async () => {
    let now = 1_000_000;
    const folder = await project(
      { Dockerfile: DOCKERFILE, a: 'one' },
      {
        clock: () => now,
        timing: { heartbeat: 10, poll: 10 },
        // Nothing is told: only a look can find the change.
        openWatch: () => ({ close: () => undefined }),
      },
    );
    folder.write('a', 'changed');
    await new Promise(resolve => setTimeout(resolve, 50));
    expect(sizeOf(folder, '/app/a')).toBe(3);
    now += 60_000;
    await vi.waitFor(() => expect(sizeOf(folder, '/app/a')).toBe(7), patience);
  });

  it('looks at everything now and then, for an event that was lost', async () => {
    const folder = await project(
      { Dockerfile: DOCKERFILE, a: 'one' },
      { timing: { heartbeat: 10, safety: 20 }, openWatch: () => ({ close: () => undefined }) },
    );
    folder.write('a', 'changed');
    await vi.waitFor(() => expect(sizeOf(folder, '/app/a')).toBe(7), { ...patience, timeout: 30_000 });
  });

  it('opens a watch anew that failed', async () => {
    const failing: ((error: Error) => void)[] = [];
    const told: (() => void)[] = [];
    const folder = await project(
      { Dockerfile: DOCKERFILE, a: 'one' },
      {
        openWatch: (_directory, _options, onEvent, onError) => {
          failing.push(onError);
          told.push(() => onEvent('change', 'a'));
          return { close: () => undefined };
        },
      },
    );
    const before = failing.length;
    folder.write('a', 'changed');
    for (const fail of failing) fail(new Error('lost'));
    await vi.waitFor(() => expect(sizeOf(folder, '/app/a')).toBe(7), patience);
    expect(failing.length).toBeGreaterThan(before);
  });

  it('ends at once, whatever is under way', async () => {
    const before = inotifyWatches();
    for (const wait of [0, 1, 5, 20]) {
      const folder = await watchProject({ Dockerfile: DOCKERFILE, a: 'x' });
      for (let at = 0; at < 200; at++) folder.write(`d/f${at}`, 'x');
      await new Promise(resolve => setTimeout(resolve, wait));
      await folder.close();
    }
    expect(inotifyWatches()).toBe(before);
  });
});
