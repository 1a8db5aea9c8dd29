import { defineConfig } from '@playwright/test';
import type { Host } from './e2e/world/window.ts';

// One suite, two hosts: Debian's (or the machine's) Chromium on the loopback host, and Electron where its binary exists.
// Acts by pointer and keyboard only; outcomes are read from Docker, the cluster and the service's answer.
export default defineConfig<object, { host: Host }>({
  testDir: 'e2e/specs',
  outputDir: 'test-results/browser', // emptied at each start; the reports lie beside it
  fullyParallel: false,
  workers: 1,
  // unattended, once more: the summary of the run names what passed only then
  retries: process.env.CI ? 1 : 0,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: process.env.PTAH_E2E_REPORT
    ? [['list'], ['json', { outputFile: process.env.PTAH_E2E_REPORT }]]
    : [['list']],
  // What the number of nodes cannot change runs with one node only.
  grepInvert: process.env.PTAH_TEST_NODES === '3' ? /@once/ : [],
  projects: [
    { name: 'browser', use: { host: 'browser' } },
    { name: 'electron', use: { host: 'electron' } },
  ],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure', video: 'off' },
});
