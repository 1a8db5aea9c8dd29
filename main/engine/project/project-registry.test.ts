import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProjectRegistry } from './project-registry.ts';

let folder = '';
let config = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'ptah-registry-')));
  config = join(folder, 'home');
  for (const name of ['one', 'two']) mkdirSync(join(folder, name));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const clock = () => {
  let now = Date.parse('2030-01-01T00:00:00Z');
  return () => new Date((now += 1000));
};

describe('the list of projects', () => {
  it('shows the last opened first, each folder once, under an id that stays', async () => {
    const registry = createProjectRegistry({ config }, clock());
    expect(registry.list()).toEqual([]);
    const one = await registry.add({ root: join(folder, 'one') });
    const two = await registry.add({ root: join(folder, 'two'), name: 'shop' });
    symlinkSync('one', join(folder, 'alias'));
    const again = await registry.add({ root: join(folder, 'alias'), name: 'renamed' });
    expect(again).toMatchObject({ id: one.id, root: join(folder, 'one'), name: 'renamed' });
    expect(registry.list().map(({ id }) => id)).toEqual([one.id, two.id]);
    await registry.touch(two.id);
    expect(
      createProjectRegistry({ config })
        .list()
        .map(({ name }) => name),
    ).toEqual(['shop', 'renamed']);
    await registry.remove(two.id);
    await registry.remove('nobody');
    expect(registry.list()).toHaveLength(1);
    expect(registry.get(one.id).lastOpened).toBe('2030-01-01T00:00:03.000Z');
    await expect(registry.touch(two.id)).rejects.toMatchObject({ code: 'project-unknown' });
    expect(() => registry.get(two.id)).toThrow(expect.objectContaining({ code: 'project-unknown' }));
  });

  it('merges what two processes write at once', async () => {
    const [left, right] = [createProjectRegistry({ config }), createProjectRegistry({ config })];
    await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 ? left : right).add({ root: join(folder, `p${index}`) }),
      ),
    );
    expect(new Set(left.list().map(({ root }) => root)).size).toBe(10);
  });

  it('keeps a vanished folder, so that the user can remove it', async () => {
    const registry = createProjectRegistry({ config });
    await registry.add({ root: join(folder, 'one') });
    rmSync(join(folder, 'one'), { recursive: true });
    expect(registry.list()).toHaveLength(1);
  });

  it('starts afresh beside a broken file', async () => {
    mkdirSync(config);
    writeFileSync(join(config, 'projects.json'), '{"projects":[{"id":1}]}');
    const registry = createProjectRegistry({ config });
    expect(registry.list()).toEqual([]);
    expect(registry.problems).toMatchObject([{ code: 'store-broken' }]);
    await registry.add({ root: join(folder, 'one') });
    expect(readdirSync(config).some(name => name.startsWith('projects.json.broken-'))).toBe(true);
  });
});
