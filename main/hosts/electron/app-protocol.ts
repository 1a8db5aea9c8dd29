import { readFile } from 'node:fs/promises';
import { findAsset, pageHeaders } from '../window/index.ts';
import type { ElectronModule } from './electron-module.ts';

export const scheme = 'app';
export const pageOrigin = 'app://ptah';
export const pageUrl = `${pageOrigin}/`;

/** Before the application is ready. A standard, secure scheme has an origin of its own: no `file:` rights, no other site. */
export function registerScheme({ protocol }: Pick<ElectronModule, 'protocol'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
}

/** Serves the bundled page, and nothing else, with its policy. */
export function serveScheme({ protocol }: Pick<ElectronModule, 'protocol'>, renderer: string): void {
  protocol.handle(scheme, request => answer(request, renderer));
}

async function answer(request: Request, renderer: string): Promise<Response> {
  const plain = (status: number, text: string) =>
    new Response(text, { status, headers: { ...pageHeaders, 'Content-Type': 'text/plain; charset=utf-8' } });
  if (!isOurs(request.url)) return plain(403, 'Refused.');
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET.');
  const asset = await findAsset(renderer, pathOf(request.url));
  if (!asset) return plain(404, 'There is no such file.');
  const headers = { ...pageHeaders, 'Content-Type': asset.type, 'Content-Length': String(asset.size) };
  if (request.method === 'HEAD') return new Response(null, { status: 200, headers });
  return new Response(await readFile(asset.file), { status: 200, headers });
}

/** Whether an address is a page of ours. A parsed address: the host of `app://ptah.evil/` is not `ptah`. */
export function isOurs(address: string): boolean {
  const url = URL.parse(address);
  return (
    url !== null &&
    url.protocol === `${scheme}:` &&
    url.host === 'ptah' &&
    url.username === '' &&
    url.password === ''
  );
}

/** As it was sent: a parser would tidy `..` away before anyone sees it. */
function pathOf(address: string): string {
  const path = address.slice(pageOrigin.length).split(/[?#]/, 1)[0] ?? '';
  return path === '' ? '/' : path;
}
