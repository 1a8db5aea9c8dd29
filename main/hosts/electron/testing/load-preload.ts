import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { PtahBridge } from '../../../../preload/contract/channel.ts';
import type { FakeElectron, FakeFrame, FakeWindow } from './fake-electron.ts';

/** The preload script as it is shipped: bundled by the project's own build. */
export async function bundledPreload(): Promise<string> {
  // plain JavaScript, as everything that runs before dependencies are installed
  const bundles = (await import(new URL('../../../../scripts/bundle.mjs', import.meta.url).href)) as {
    bundlePreload(outDir: string): Promise<void>;
  };
  const folder = await mkdtemp(join(tmpdir(), 'ptah-preload-'));
  try {
    await bundles.bundlePreload(folder);
    return await readFile(join(folder, 'bridge.cjs'), 'utf8');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the script in a realm of its own with what a sandboxed preload has, and gives `window.ptah` of the page. */
export function loadPreload(
  code: string,
  fake: FakeElectron,
  window: FakeWindow,
  frame?: FakeFrame | null,
): PtahBridge {
  const { module, world } = frame === undefined ? fake.preload(window) : fake.preload(window, frame);
  runInNewContext(code, {
    require(name: string) {
      if (name !== 'electron') throw new Error(`a sandboxed preload can't require ${name}`);
      return module;
    },
    exports: {},
    module: { exports: {} },
    MessageChannel,
  });
  return world['ptah'] as PtahBridge;
}
