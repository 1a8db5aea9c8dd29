import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSettings, DEFAULT_SETTINGS } from './settings.ts';

let config = '';
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'ptah-settings-'));
});
afterEach(() => {
  rmSync(config, { recursive: true, force: true });
});
const file = () => join(config, 'settings.json');

describe('settings', () => {
  it('have defaults, and leave no file before they are changed', () => {
    expect(createSettings({ config: join(config, 'deeper') }).get()).toEqual(DEFAULT_SETTINGS);
    expect(existsSync(join(config, 'deeper'))).toBe(false);
  });

  it('keep what was set, for every window', async () => {
    const [one, two] = [createSettings({ config }), createSettings({ config })];
    expect(two.get().theme).toBe('system');
    await one.update({ theme: 'dark' });
    await two.update({ kindNodeImage: 'kindest/node:v1', theme: undefined });
    expect(one.get()).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark', kindNodeImage: 'kindest/node:v1' });
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ version: 1, theme: 'dark' });
    expect(readdirSync(config)).toEqual(['settings.json']);
  });

  it('tell who listens, until they stop', async () => {
    const settings = createSettings({ config });
    const seen: string[] = [];
    const stop = settings.onChange(({ theme }) => seen.push(theme));
    await settings.update({ theme: 'light' });
    stop();
    await settings.update({ theme: 'dark' });
    expect(seen).toEqual(['light']);
  });

  it.each([{ theme: 'pink' }, { colour: 'red' }, { rolloutTimeoutSeconds: 0 }, { dockerHost: '' }])(
    'refuse %j and stay as they were',
    async patch => {
      const settings = createSettings({ config });
      await expect(settings.update(patch as never)).rejects.toMatchObject({ code: 'settings-invalid' });
      expect(existsSync(file())).toBe(false);
    },
  );

  it('move a broken file aside and say so', async () => {
    for (const [index, text] of ['{"theme":', '[]', '{"version":1,"theme":"pink"}', ''].entries()) {
      writeFileSync(file(), text);
      const settings = createSettings({ config });
      expect(settings.get()).toEqual(DEFAULT_SETTINGS);
      expect(settings.problems).toMatchObject([{ code: 'store-broken', severity: 'warning' }]);
      await settings.update({ theme: 'dark' });
      expect(settings.get().theme).toBe('dark');
      expect(readdirSync(config).filter(name => name.includes('broken'))).toHaveLength(index + 1);
    }
  });

  it('fill in keys that an older version did not have, and leave a newer version’s file alone', async () => {
    writeFileSync(file(), '{"version":1,"theme":"light","later":true}');
    expect(createSettings({ config }).get()).toEqual({ ...DEFAULT_SETTINGS, theme: 'light' });
    writeFileSync(file(), '{"version":2,"theme":"neon"}');
    const settings = createSettings({ config });
    expect(() => settings.get()).toThrow(expect.objectContaining({ code: 'store-too-new' }));
    await expect(settings.update({ theme: 'dark' })).rejects.toMatchObject({ code: 'store-too-new' });
    expect(readFileSync(file(), 'utf8')).toContain('neon');
  });

  it('lose nothing when processes write at once, and pass over a lock whose holder died', async () => {
    writeFileSync(`${file()}.lock`, '999999999 gone');
    const script = `
      import { createSettings } from ${JSON.stringify(new URL('./settings.ts', import.meta.url).href)};
      const settings = createSettings({ config: process.argv[2] });
      for (let i = 0; i < 20; i++) await settings.update({ [process.argv[3]]: process.argv[3] + i });
    `;
    const path = join(config, 'writer.mjs');
    writeFileSync(path, script);
    const codes = await Promise.all(
      ['kindNodeImage', 'dockerHost'].map(
        key => new Promise(resolve => fork(path, [config, key], { execArgv: [] }).on('exit', resolve)),
      ),
    );
    expect(codes).toEqual([0, 0]);
    expect(createSettings({ config }).get()).toMatchObject({
      kindNodeImage: 'kindNodeImage19',
      dockerHost: 'dockerHost19',
    });
    expect(existsSync(`${file()}.lock`)).toBe(false);
  });

  it('say when they can’t be stored', async () => {
    writeFileSync(join(config, 'file'), '');
    await expect(
      createSettings({ config: join(config, 'file') }).update({ theme: 'dark' }),
    ).rejects.toMatchObject({ code: 'store-failed' });
  });
});
