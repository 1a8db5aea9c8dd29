import type { MenuItemConstructorOptions } from 'electron';
import type { ElectronModule } from './electron-module.ts';

/** Roles only: the system knows their words and keys. The application's own commands are in the page. */
export function menuTemplate(platform: NodeJS.Platform, isPackaged: boolean): MenuItemConstructorOptions[] {
  const mac = platform === 'darwin';
  const developing: MenuItemConstructorOptions[] = isPackaged
    ? []
    : [{ role: 'forceReload' }, { role: 'toggleDevTools' }, { type: 'separator' }];
  return [
    ...(mac ? [{ role: 'appMenu' } satisfies MenuItemConstructorOptions] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    {
      label: '&View',
      submenu: [
        ...developing,
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
}

export function setMenu(
  { app, Menu }: Pick<ElectronModule, 'app' | 'Menu'>,
  platform = process.platform,
): void {
  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(platform, app.isPackaged)));
}
