import { test as base, expect } from '@playwright/test';
import { ApplicationWindow } from './window.ts';
import { Application } from '../pages/application.ts';

/** Each spec gets a window on a home of its own, and fails when the window complained. */
export const test = base.extend<{ window: ApplicationWindow; app: Application }>({
  window: async ({}, use) => {
    const window = await ApplicationWindow.open();
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
export { expect };
