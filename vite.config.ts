import { defineConfig } from 'vite';
import react from '@vitejs/plugin-react';

// The renderer. The node-side bundles (engine hosts, preload) are built by scripts/build.mjs.
export default defineConfig({
  root: 'renderer',
  base: './',
  publicDir: '../assets/public',
  plugins: [react()],
  build: { outDir: '../dist/renderer', emptyOutDir: true, target: 'chrome130', sourcemap: true },
});
