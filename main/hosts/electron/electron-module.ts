/**
 * The parts of Electron that the host uses, handed in by `main.ts`: importing `electron` outside Electron would start a
 * download, and a test hands in a stand-in.
 */
export type ElectronModule = Pick<
  typeof import('electron'),
  | 'app'
  | 'BrowserWindow'
  | 'clipboard'
  | 'dialog'
  | 'ipcMain'
  | 'Menu'
  | 'nativeTheme'
  | 'protocol'
  | 'screen'
  | 'session'
  | 'shell'
>;
export type BrowserWindow = InstanceType<ElectronModule['BrowserWindow']>;
