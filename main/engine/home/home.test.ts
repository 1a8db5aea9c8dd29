import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resolveHome } from './home.ts';

const onWindows = (user: string) => resolveHome({ APPDATA: `C:\\Users\\${user}\\AppData\\Roaming` }, 'win32');

it('gives each user of a Windows machine a pipe of their own', () => {
  const { socket } = onWindows('ada');
  expect(socket).toMatch(/^\\\\\.\\pipe\\ptah-desktop-engine-[0-9a-f]{16}$/);
  expect(socket).toBe(onWindows('Ada').socket);
  expect(socket).not.toBe(onWindows('grace').socket);
  expect(resolveHome({ PTAH_HOME: 'D:\\own' }, 'win32').socket).not.toBe(socket);
  // the name of the pipe is seen by everybody
  expect(socket).not.toContain('ada');
});

it('takes PTAH_HOME before the system’s own places', () => {
  expect(resolveHome({ PTAH_HOME: '/own' }, 'linux')).toEqual({
    config: '/own',
    cache: join('/own', 'cache'),
    socket: join('/own', 'engine.sock'),
  });
});
