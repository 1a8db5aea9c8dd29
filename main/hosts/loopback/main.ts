#!/usr/bin/env node
// The loopback host: the window's page and the contract, for a browser of this machine.
import { resolveHome } from '../../engine/home/index.ts';
import { toWireError } from '../../api/index.ts';
import { createEngineOrAttach } from '../attach/index.ts';
import { findPlaces } from '../window/index.ts';
import { openAddress } from './open-address.ts';
import { isPackaged, readOptions } from './options.ts';
import { startLoopback } from './server.ts';

async function main(): Promise<void> {
  if (isPackaged()) throw new Error('The loopback host is not part of packaged builds.');
  const { json, port } = readOptions(process.argv.slice(2), process.env);
  const { version, renderer, examples } = findPlaces();
  const home = resolveHome(process.env);
  const engine = await createEngineOrAttach({
    home,
    host: {
      kind: 'loopback',
      version,
      openExternal: url => openAddress(url),
      chooseFolder: () => Promise.resolve(null),
    },
    async startEngine() {
      const { createEngine } = await import('../../engine/index.ts');
      return createEngine({ env: process.env, examples });
    },
    onProblem: complain,
  });
  const loopback = await startLoopback({
    api: engine.api,
    renderer,
    port,
    onAddress: url => console.log(json ? JSON.stringify({ url }) : `For another window: ${url}`),
  }).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  endOnSignals(async () => {
    await loopback.close();
    await engine.close();
  });
  console.log(json ? JSON.stringify({ url: loopback.url }) : `Ptah Desktop: ${loopback.url}`);
}

/** Longer than the engine takes to remove what a cancelled job left half-made. */
const patienceMs = 65_000;

/** The first signal ends everything in order; the second, or long waiting, ends it anyhow. */
function endOnSignals(close: () => Promise<void>): void {
  let ending = false;
  const end = () => {
    if (ending) process.exit(130);
    ending = true;
    setTimeout(() => process.exit(1), patienceMs).unref();
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        complain(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
}

function complain(error: unknown): void {
  const { message, hint } = toWireError(error);
  console.error(hint === null ? message : `${message} ${hint}`);
}

main().catch((error: unknown) => {
  complain(error);
  process.exit(1);
});
