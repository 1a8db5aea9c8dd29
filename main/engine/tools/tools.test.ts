import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTools } from './index.ts';
import { shellPath } from './shell-path.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ptah-tools-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function script(name: string, body: string, shebang = '#!/bin/sh'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `${shebang}\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}
const tools = () => createTools({ env: { PATH: `${folder}:/usr/bin:/bin` }, fromTerminal: true });
// An orphan that was killed stays in the table until its new parent reads its end, which some inits never do.
const alive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

describe('find', () => {
  it('looks afresh at every call', async () => {
    const subject = tools();
    expect(await subject.find('ptah-new')).toBeNull();
    const path = await script('ptah-new', 'true');
    expect(await subject.find('ptah-new')).toEqual({ name: 'ptah-new', path });
  });

  it('takes neither folders nor files that may not run', async () => {
    await mkdir(join(folder, 'ptah-folder'));
    await writeFile(join(folder, 'ptah-text'), '');
    expect(await tools().find('ptah-folder')).toBeNull();
    expect(await tools().find('ptah-text')).toBeNull();
  });

  it('looks into the folders of installers, too', async () => {
    expect(await createTools({ env: {}, fromTerminal: true }).searchPath()).toContain('/usr/local/bin');
  });
});

describe('run', () => {
  it('passes arguments as they are, never through a shell', async () => {
    await script('show', 'printf "%s|" "$@"');
    const { stdout } = await tools().run('show', ['$(id)', 'a b', ';', '*']);
    expect(stdout).toBe('$(id)|a b|;|*|');
  });

  it('tells whole lines of both streams, with characters that came in pieces', async () => {
    await script('slow', "printf 'a\\303'; sleep 0.1; printf '\\244b\\nrest'; echo oops >&2");
    const lines: string[] = [];
    await tools().run('slow', [], { onLine: (line, stream) => lines.push(`${stream}: ${line}`) });
    expect(lines.sort()).toEqual(['stderr: oops', 'stdout: aäb', 'stdout: rest']);
  });

  it('rejects a failure with command, exit code and the last lines', async () => {
    const path = await script('fails', 'for i in $(seq 1 30); do echo line $i; done; exit 3');
    await expect(tools().run('fails', ['x'])).rejects.toMatchObject({
      code: 'tool-failed',
      details: { command: [path, 'x'], exitCode: 3, output: expect.arrayContaining(['line 30', 'line 11']) },
    });
    const result = await tools().run('fails', [], { allowFailure: true });
    expect(result.exitCode).toBe(3);
  });

  it('says what is missing', async () => {
    await expect(tools().run('ptah-nowhere', [])).rejects.toMatchObject({ code: 'tool-missing' });
  });

  it('kills the whole group within a second, also one that ignores SIGTERM', async () => {
    await script('stubborn', 'trap "" TERM; sleep 60 & echo $!; trap "" TERM; wait; sleep 60', '#!/bin/bash');
    const controller = new AbortController();
    let child = 0;
    let began = 0;
    const running = tools().run('stubborn', [], {
      signal: controller.signal,
      onLine: line => {
        child = Number(line);
        began = performance.now();
        controller.abort();
      },
    });
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(performance.now() - began).toBeLessThan(18_000);
    await expect.poll(() => alive(child)).toBe(false);
  });

  it('stops at its time limit', async () => {
    await script('long', 'sleep 30');
    await expect(tools().run('long', [], { timeoutMs: 100 })).rejects.toMatchObject({
      code: 'tool-failed',
      message: expect.stringContaining('100 ms'),
    });
  });

  it('does not wait for a daemon that keeps the pipes open', async () => {
    await script('daemon', 'sleep 4 & echo started');
    const began = Date.now();
    expect((await tools().run('daemon', [])).stdout).toBe('started\n');
    expect(Date.now() - began).toBeLessThan(6_000);
  });

  it('hands on none of our own environment', async () => {
    const env = { PATH: '/usr/bin:/bin', NODE_OPTIONS: '--inspect', npm_config_x: '1', KEEP: '2' };
    const { stdout } = await createTools({ env, fromTerminal: true }).run('env', []);
    expect(stdout).toContain('KEEP=2');
    expect(stdout).not.toMatch(/NODE_OPTIONS|npm_config_x/);
  });
});

describe('the login shell', () => {
  it('gives its PATH between greetings', async () => {
    const shell = await script(
      'bash',
      'echo Welcome PATH=/no; PATH=/from/shell:/usr/bin; export PATH; eval "$2"',
    );
    expect(await shellPath({ SHELL: shell, PATH: '/usr/bin:/bin' })).toBe('/from/shell:/usr/bin');
  });

  it('is given up after its limit', async () => {
    const shell = await script('zsh', 'sleep 20');
    const began = Date.now();
    expect(await shellPath({ SHELL: shell, PATH: '/usr/bin:/bin' }, 200)).toBeNull();
    expect(Date.now() - began).toBeLessThan(18_000);
  });

  it('is not asked for `-l` where that fails', async () => {
    const shell = await script('tcsh', '[ "$1" = -ic ] && eval "$2"');
    expect(await shellPath({ SHELL: shell, PATH: '/usr/bin:/bin' })).toBe('/usr/bin:/bin');
  });

  it('may be missing', async () => {
    expect(await shellPath({ SHELL: '/nowhere/sh' })).toBeNull();
    expect(await shellPath({})).toBeNull();
  });
});
