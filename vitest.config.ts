import { defineConfig } from 'vitest/config';
import react from '@vitejs/plugin-react';

// Five suites by the name of the file:
//   *.test.ts(x)         logic; no Docker, no cluster, no network
//   *.docker.test.ts     needs a real Docker engine
//   *.cluster.test.ts    needs a real Kind cluster
//   *.chaos.test.ts      needs one for itself: it counts what is left in the nodes, and restarts them
// `scripts/test.mjs` sets the machine up and runs them in this order.
const node = (name: string, include: string[], exclude: string[] = []) => ({
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', 'dist/**', ...exclude],
    environment: 'node',
    // what is waited for comes late on a machine that is busy: only that it comes is tested
    expect: { poll: { timeout: 15_000 } },
    testTimeout: name === 'unit' ? 90_000 : 300_000,
    hookTimeout: name === 'unit' ? 90_000 : 600_000,
    fileParallelism: name !== 'docker' && name !== 'chaos',
  },
});

export default defineConfig({
  test: {
    projects: [
      node(
        'unit',
        ['main/**/*.test.ts', 'preload/**/*.test.ts', 'scripts/**/*.test.mjs', 'e2e/**/*.test.ts'],
        ['**/*.docker.test.ts', '**/*.cluster.test.ts', '**/*.chaos.test.ts'],
      ),
      node('docker', ['main/**/*.docker.test.ts', 'e2e/**/*.docker.test.ts']),
      node('chaos', ['e2e/**/*.chaos.test.ts']),
      node('cluster', ['main/**/*.cluster.test.ts', 'e2e/**/*.cluster.test.ts']),
      {
        plugins: [react()],
        test: {
          name: 'renderer',
          include: ['renderer/**/*.test.{ts,tsx}'],
          environment: 'jsdom',
          setupFiles: ['renderer/testing/setup.ts'],
          // as above: a busy machine is late, not wrong
          expect: { poll: { timeout: 30_000 } },
          testTimeout: 90_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
});
