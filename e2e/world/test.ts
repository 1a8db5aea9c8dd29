import { test as base, expect } from '@playwright/test';
import { Application } from '../pages/application.ts';
import { electronBinary } from './electron.ts';
import { ApplicationWindow, type Host } from './window.ts';

/** Each spec gets a window on a home of its own, and fails when the window complained. */
export const test = base.extend<{ window: ApplicationWindow; app: Application }, { host: Host }>({
  host: ['browser', { option: true, scope: 'worker' }],
  window: async ({ host }, use) => {
    skipWithoutHost(host);
    const window = await ApplicationWindow.open(host);
    try {
      await use(window);
      expect(window.complaints, 'the window complained').toEqual([]);
    } finally {
      await window.close();
    }
  },
  app: async ({ window }, use) => {
    await use(new Application(window));
  },
});
/** The only thing that may be skipped. For tests that open windows of their own. */
export function skipWithoutHost(host: Host): void {
  base.skip(host === 'electron' && electronBinary() === null, "Electron's binary is not on this machine");
}
export { expect };
