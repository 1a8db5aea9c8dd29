import type { Host } from '../../api/index.ts';
import { checkExternalUrl } from '../../api/index.ts';
import type { ElectronModule } from './electron-module.ts';
import { lendToClipboard } from './lend-to-clipboard.ts';
import type { TrustedWindows } from './trusted-windows.ts';

/** What only the process with the window can do. */
export function electronHost(
  { clipboard, dialog, shell }: Pick<ElectronModule, 'clipboard' | 'dialog' | 'shell'>,
  trusted: TrustedWindows,
  version: string,
): Host {
  return {
    kind: 'electron',
    version,
    // checked where it arrived; checked again where it would start a program
    openExternal: url => shell.openExternal(checkExternalUrl(url)),
    async copySecret(text) {
      await lendToClipboard(clipboard, text);
      return true;
    },
    async chooseFolder(windowId) {
      const window = windowId === null ? null : trusted.windowOf(windowId);
      const options = {
        title: 'Open Project',
        buttonLabel: 'Open',
        properties: ['openDirectory' as const, 'createDirectory' as const],
      };
      const { canceled, filePaths } = await (window
        ? dialog.showOpenDialog(window, options)
        : dialog.showOpenDialog(options));
      return canceled ? null : (filePaths[0] ?? null);
    },
    async chooseFile(windowId, { title, proposed }) {
      const window = windowId === null ? null : trusted.windowOf(windowId);
      const options = {
        title,
        defaultPath: proposed,
        properties: ['createDirectory' as const, 'showOverwriteConfirmation' as const],
      };
      const { canceled, filePath } = await (window
        ? dialog.showSaveDialog(window, options)
        : dialog.showSaveDialog(options));
      return canceled || filePath === '' ? null : filePath;
    },
  };
}
