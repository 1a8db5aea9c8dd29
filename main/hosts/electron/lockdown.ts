import type { Session, WebContents } from 'electron';
import { isOurs } from './app-protocol.ts';
import type { ElectronModule } from './electron-module.ts';
import type { TrustedWindows } from './trusted-windows.ts';

/** Every page, however it came to be: it goes nowhere, opens nothing, embeds nothing. */
export function lockPages({ app }: Pick<ElectronModule, 'app'>): void {
  app.on('web-contents-created', (_event, contents) => {
    const deny = (event: { preventDefault(): void }) => event.preventDefault();
    // the page moves within itself; addresses leave by `app.openExternal`, which checks them
    contents.on('will-navigate', deny);
    contents.on('will-frame-navigate', deny);
    contents.on('will-redirect', deny);
    contents.on('will-attach-webview', deny);
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** For copying, and for *Paste* in a terminal's menu: no key is pressed there that would bring the clipboard along. */
const granted = new Set(['clipboard-sanitized-write', 'clipboard-read']);

/** Devices, permissions, downloads and the network: all denied, but the clipboard to our own pages. */
export function lockSession(session: Session, trusted: TrustedWindows): void {
  const allows = (contents: WebContents | null, permission: string) =>
    granted.has(permission) && contents !== null && trusted.has(contents.id);
  session.setPermissionRequestHandler((contents, permission, answer) => answer(allows(contents, permission)));
  session.setPermissionCheckHandler((contents, permission) => allows(contents, permission));
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', event => event.preventDefault());
  session.setSpellCheckerEnabled(false);
  session.webRequest.onBeforeRequest((details, answer) => answer({ cancel: !mayLoad(details.url) }));
}

/** The policy forbids it already; this holds for what no policy covers. `devtools:` only exists where it was not packaged. */
export function mayLoad(address: string): boolean {
  return isOurs(address) || /^(?:data|blob|devtools):/.test(address);
}
