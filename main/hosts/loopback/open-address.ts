import { spawn } from 'node:child_process';
import { PtahError } from '../../engine/errors/index.ts';

/** Hands a checked address to the system's browser. The address is one argument; no shell reads it. */
export function openAddress(url: string, platform = process.platform): Promise<void> {
  const [program, ...args] = openerOf(platform);
  return new Promise((resolve, reject) => {
    const failed = (why: string, cause?: unknown) =>
      reject(
        new PtahError('no-browser', `The address could not be opened: ${why}.`, {
          hint: `Open ${url} by hand.`,
          cause,
        }),
      );
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
    child.once('error', error => failed(error.message, error));
    child.once('exit', code => {
      if (code === 0) resolve();
      else failed(`${program} ended with ${code}`);
    });
    // some openers stay for as long as the browser does
    setTimeout(resolve, 3000).unref();
    child.unref();
  });
}

function openerOf(platform: NodeJS.Platform): [string, ...string[]] {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['rundll32.exe', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
