// The Electron main process. The only module that loads Electron; everything else is handed what it needs.
import * as electron from 'electron';
import { toWireError } from '../../api/index.ts';
import { resolveHome } from '../../engine/home/index.ts';
import { createEngineOrAttach } from '../attach/index.ts';
import { findPlaces } from '../window/index.ts';
import { startElectron } from './start.ts';

function complain(error: unknown): void {
  const { message, hint } = toWireError(error);
  console.error(hint === null ? message : `${message} ${hint}`);
}

const home = resolveHome(process.env);
const places = findPlaces();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => electron.app.quit());

startElectron({
  electron,
  home,
  places,
  complain,
  startEngine: host =>
    createEngineOrAttach({
      home,
      host,
      onProblem: complain,
      async startEngine() {
        const { createEngine } = await import('../../engine/index.ts');
        return createEngine({ env: process.env, examples: places.examples });
      },
    }),
}).catch((error: unknown) => {
  complain(error);
  const { message, hint } = toWireError(error);
  electron.dialog.showErrorBox('Ptah Desktop could not start', [message, hint].filter(Boolean).join('\n'));
  electron.app.exit(1);
});
