import type { WebPreferences } from 'electron';

/** What a window's page may do, written out whole: a default that Electron changes does not change it. A test compares all of it. */
export function webPreferences(preload: string, isPackaged: boolean): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    // dictionaries would be fetched from the internet
    spellcheck: false,
    devTools: !isPackaged,
  };
}
