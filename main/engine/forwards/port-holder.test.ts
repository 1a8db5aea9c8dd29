import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { portHolder } from './port-holder.ts';

const line = (port: string, state: string, inode: number) =>
  `   0: 0100007F:${port} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000  1000        0 ${inode} 1`;

test('the process that listens, not one that is connected', async () => {
  const proc = await mkdtemp(join(tmpdir(), 'ptah-proc-'));
  try {
    await mkdir(join(proc, 'net'));
    await writeFile(join(proc, 'net/tcp'), `  sl\n${line('1F40', '01', 11)}\n${line('1F41', '0A', 12)}\n`);
    await writeFile(join(proc, 'net/tcp6'), `  sl\n${line('1F40', '0A', 13)}\n`);
    for (const [pid, inode, words] of [
      ['100', 11, 'curl\0x\0'],
      ['200', 13, '/opt/node/bin/node\0/home/me/shop/server.js\0'],
    ] as const) {
      await mkdir(join(proc, pid, 'fd'), { recursive: true });
      await symlink(`socket:[${inode}]`, join(proc, pid, 'fd/3'));
      await writeFile(join(proc, pid, 'cmdline'), words);
    }
    expect(await portHolder(8000, proc)).toEqual({ pid: 200, name: 'node server.js' });
    expect(await portHolder(8001, proc)).toEqual({ pid: null, name: 'another program' });
    expect(await portHolder(8000, join(proc, 'none'))).toEqual({ pid: null, name: 'another program' });
  } finally {
    await rm(proc, { recursive: true, force: true });
  }
});

test.runIf(process.platform === 'linux')('this process is found by its port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  expect(await portHolder(port)).toMatchObject({ pid: process.pid });
  server.close();
});
