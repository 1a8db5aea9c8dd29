import { defineConfig } from '@playwright/test';

// One suite, two hosts: Debian's (or the machine's) Chromium on the loopback host, and Electron where its binary exists.
// Acts by pointer and keyboard only; outcomes are read from Docker, the cluster and the service's answer.
export default defineConfig({
  testDir: 'e2e/specs',
  outputDir: 'test-results',
  fullyParallel: false,
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  reporter: process.env.PTAH_E2E_REPORT
    ? [['list'], ['json', { outputFile: process.env.PTAH_E2E_REPORT }]]
    : [['list']],
  use: { trace: 'retain-on-failure', screenshot: 'only-on-failure', video: 'off' },
});
