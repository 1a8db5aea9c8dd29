// What Vite builds: the renderer, the node-side programs, and the preload. Runs on Node 24 with dependencies installed.
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { build } from 'vite';
import { root } from './places.mjs';

/** Node-side programs: name in dist/main → source. */
const programs = {
  electron: 'main/hosts/electron/main.ts',
  loopback: 'main/hosts/loopback/main.ts',
  ptah: 'main/hosts/cli/main.ts',
};
const preload = 'preload/bridge.ts';

const quiet = { logLevel: 'error', root, configFile: false, publicDir: false };

export async function bundlePrograms(outDir) {
  const input = present(programs);
  if (Object.keys(input).length === 0) return;
  await build({
    ...quiet,
    // Most dependencies stay outside: ssh2 finds files by __dirname, and packaging ships node_modules anyway. These are inside
    // because every start needs them, and reading their hundred small files took 0.1 s of it.
    ssr: { noExternal: ['yaml', 'zod', 'p-limit', 'yocto-queue', '@noble/hashes'] },
    plugins: [filesBesideTheCode()],
    build: {
      ssr: true,
      target: 'node24',
      outDir,
      emptyOutDir: true,
      minify: false,
      sourcemap: true,
      rollupOptions: {
        input,
        output: {
          format: 'es',
          entryFileNames: '[name].mjs',
          chunkFileNames: 'chunks/[name]-[hash].mjs',
          // left to itself, the bundler puts a room's door beside its largest user, and `ptah hash` loads the whole engine
          codeSplitting: {
            groups: [
              {
                name: 'file-probe',
                test: /engine[\\/]content[\\/](file-probe|file-facts|read-small)\.ts/,
                priority: 2,
              },
              { name: 'content', test: /engine[\\/]content[\\/](?!.*worker)/, priority: 1 },
            ],
          },
        },
      },
    },
  });
}

/** A sandboxed preload can't be a module and can't load a second file: one CommonJS file, everything inside. */
export async function bundlePreload(outDir) {
  const input = present({ bridge: preload });
  if (Object.keys(input).length === 0) return;
  await build({
    ...quiet,
    ssr: { noExternal: true, external: ['electron'] },
    build: {
      ssr: true,
      target: 'chrome130',
      outDir,
      emptyOutDir: true,
      minify: false,
      rollupOptions: {
        input,
        external: ['electron'],
        output: { format: 'cjs', entryFileNames: '[name].cjs', codeSplitting: false },
      },
    },
  });
}

export async function bundleRenderer(outDir) {
  if (!existsSync(join(root, 'renderer/index.html'))) return;
  await build({
    logLevel: 'error',
    configFile: join(root, 'vite.config.ts'),
    root: join(root, 'renderer'),
    build: { outDir, emptyOutDir: true, reportCompressedSize: false, chunkSizeWarningLimit: 4000 },
  });
}

const present = entries =>
  Object.fromEntries(
    Object.entries(entries)
      .map(([name, source]) => [name, join(root, source)])
      .filter(([, source]) => existsSync(source)),
  );

/**
 * `new URL('./x.worker.ts', import.meta.url)` names a file beside the source, as Node and vitest understand it.
 * In the bundle that file is a program of its own (TypeScript) or a copy (anything else), and the URL points there.
 */
function filesBesideTheCode() {
  const pattern = /new URL\(\s*(['"])(\.{1,2}\/[^'"]+)\1\s*,\s*import\.meta\.url\s*,?\s*\)/g;
  const mark = 'ptah-file:';
  return {
    name: 'ptah:files-beside-the-code',
    transform(code, id) {
      if (id.includes('node_modules') || code.search(pattern) < 0) return null;
      const changed = code.replace(pattern, (whole, _quote, target) => {
        const file = resolve(dirname(id.split('?')[0]), target);
        if (!existsSync(file)) return whole;
        const name = `${basename(dirname(file))}-${basename(file)}`;
        const isProgram = /\.m?ts$/.test(name);
        const fileName = isProgram ? `workers/${name.replace(/\.m?ts$/, '.mjs')}` : `files/${name}`;
        if (isProgram) this.emitFile({ type: 'chunk', id: file, fileName });
        else this.emitFile({ type: 'asset', fileName, source: readFileSync(file) });
        return `new URL('${mark}${fileName}', import.meta.url)`;
      });
      return { code: changed, map: null };
    },
    renderChunk(code, chunk) {
      if (!code.includes(mark)) return null;
      const up = dirname(chunk.fileName) === '.' ? './' : '../'.repeat(chunk.fileName.split('/').length - 1);
      return { code: code.replaceAll(mark, up), map: null };
    },
  };
}
