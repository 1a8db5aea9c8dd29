import { PtahError } from '../engine/errors/index.ts';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * What may leave the window for the system's browser: https, and http to this machine; no user or password in it.
 * Other schemes start programs (`file:`, `ms-msdt:`, `smb:`), so everything else is refused. Gives the parsed form,
 * never the text that came in: a browser and a shell may read the same text in two ways.
 */
export function checkExternalUrl(text: string): string {
  const refuse = (why: string) =>
    new PtahError('address-refused', `This address is not opened: ${why}.`, {
      hint: 'Only https addresses and http addresses of this machine are opened.',
    });
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse('it is not a valid address');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse(`its scheme is ${url.protocol}`);
  if (url.username !== '' || url.password !== '') throw refuse('it carries a user name or password');
  if (url.protocol === 'http:' && !loopback.has(url.hostname)) throw refuse('http is only for this machine');
  return url.href;
}
