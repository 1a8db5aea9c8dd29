import type { ElectronModule } from './electron-module.ts';

const lentMs = 60_000;

/** Puts a secret into the clipboard and takes it out again after a minute, if nothing else was copied meanwhile. */
export async function lendToClipboard(
  clipboard: Pick<ElectronModule['clipboard'], 'clear' | 'readText' | 'writeText'>,
  secret: string,
): Promise<void> {
  await clipboard.writeText(secret);
  setTimeout(() => void takeBack(clipboard, secret).catch(() => undefined), lentMs).unref();
}

async function takeBack(clipboard: Pick<ElectronModule['clipboard'], 'clear' | 'readText'>, secret: string) {
  if ((await clipboard.readText()) === secret) clipboard.clear();
}
